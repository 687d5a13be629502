"""The deadline of each reason for a restart: by service level, in the window, and with time for a person to see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .policy import INFORMATIVE_SOURCES, Policy
from .signal import Advisory, Signal

MAX_SERVICE_LEVEL = timedelta(days=36500)
"""A hundred years: a longer one would leave the calendar."""


@dataclass(frozen=True)
class Reason:
    """One reason for a restart.

    Args:
        id: the id of its signal, with that of its advisory.
        source: name of its signal.
        deadline: of the restart; ``None`` when it can wait for ever.
    """

    id: str
    source: str
    deadline: datetime | None


def rollout_time(advisory: Advisory, policy: Policy, rollout_position: float) -> datetime:
    """Return when an advisory reaches an instance. One that is used in attacks waits for no wave.

    Args:
        advisory: the advisory.
        policy: whose waves apply.
        rollout_position: of the instance among all, from 0 to 1.
    """
    delay = next((wave.delay for wave in policy.waves if rollout_position < wave.upto), None)
    if delay is None:
        delay = max((wave.delay for wave in policy.waves), default=timedelta(0))
    return advisory.published if advisory.exploited else advisory.published + min(delay, MAX_SERVICE_LEVEL)


def reasons(
    signals: Iterable[Signal],
    policy: Policy,
    now: datetime,
    *,
    rollout_position: float = 0.0,
    shown: Mapping[str, datetime] | None = None,
    ineffective: frozenset[str] = frozenset(),
) -> list[Reason]:
    """Return everything that asks for a restart at this time, each with its own deadline.

    Args:
        signals: all of them; only what is due asks.
        policy: the policy in force.
        now: the time to judge at.
        rollout_position: of the instance in a rollout, from 0 to 1.
        shown: when each reason was displayed first, by its id.
        ineffective: ids of reasons that a restart did not change: they do not ask again.
    """
    found = [
        reason for signal in signals if signal.state == "due" for reason in _reasons_of(signal, policy, now, rollout_position)
    ]
    return [
        Reason(reason.id, reason.source, _with_grace_and_window(reason, policy, shown or {}))
        for reason in found
        if reason.id not in ineffective
    ]


def _reasons_of(signal: Signal, policy: Policy, now: datetime, rollout_position: float) -> Iterator[Reason]:
    """Yield a reason for each advisory, by its service level; a signal without any is the reason itself, if a restart helps."""
    for advisory in signal.advisories:
        level = policy.service_levels.get(advisory.severity) if advisory.severity else None
        begins = rollout_time(advisory, policy, rollout_position)
        if now < begins:
            continue
        if level is not None:
            yield Reason(f"{signal.name}:{advisory.id}", signal.name, begins + min(timedelta(days=level), MAX_SERVICE_LEVEL))
        elif signal.name not in INFORMATIVE_SOURCES:
            yield Reason(f"{signal.name}:{advisory.id}", signal.name, None)
    if not signal.advisories and signal.name not in INFORMATIVE_SOURCES and signal.helps:
        yield Reason(signal.id, signal.name, signal.due_by)


def _with_grace_and_window(reason: Reason, policy: Policy, shown: Mapping[str, datetime]) -> datetime | None:
    """Return the deadline, not before the grace after the first display has passed, and in the window."""
    if reason.deadline is None:
        return None
    first = shown.get(reason.id)
    grace = timedelta(hours=policy.grace_hours)
    moment = reason.deadline if first is None else max(reason.deadline, first + grace)
    return policy.window.next(moment) if policy.window else moment


def earliest(found: Iterable[Reason]) -> datetime | None:
    """Return the earliest deadline; ``None`` when no reason has one."""
    return min((reason.deadline for reason in found if reason.deadline is not None), default=None)
