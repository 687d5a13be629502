"""Compute the deadline of each reason for a restart: by service level, in the restart window, with a grace period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .policy import INFORMATIVE_SOURCES, Policy
from .signal import Advisory, Signal

MAX_SERVICE_LEVEL = timedelta(days=36500)
"""A hundred years; dates beyond the calendar would overflow."""


@dataclass(frozen=True)
class Reason:
    """A reason for a restart.

    Args:
        id: id of its signal, with the id of its advisory.
        source: name of its signal.
        deadline: last day to restart; ``None`` if there is no limit.
    """

    id: str
    source: str
    deadline: datetime | None


def rollout_time(advisory: Advisory, policy: Policy, rollout_position: float) -> datetime:
    """Return when an advisory applies to an instance. An actively exploited one waits for no wave.

    Args:
        advisory: the advisory.
        policy: the policy with the rollout waves.
        rollout_position: position of the instance in a rollout, from 0 to 1.
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
    """Return all reasons for a restart now, each with its own deadline.

    Args:
        signals: all signals; only those that are ``due`` give reasons.
        policy: the policy in force.
        now: the current time.
        rollout_position: position of the instance in a rollout, from 0 to 1.
        shown: time at which each reason was first displayed, by its id.
        ineffective: ids of reasons that a restart did not resolve, which are left out.
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
    """Yield a reason for each advisory, by its service level.

    A signal without advisories is the reason itself, if a restart helps.
    """
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
    """Return the deadline, in the restart window and not before the grace period after the first display has passed."""
    if reason.deadline is None:
        return None
    first = shown.get(reason.id)
    grace = timedelta(hours=policy.grace_hours)
    moment = reason.deadline if first is None else max(reason.deadline, first + grace)
    return policy.window.next(moment) if policy.window else moment


def earliest(found: Iterable[Reason]) -> datetime | None:
    """Return the earliest deadline; ``None`` if no reason has one."""
    return min((reason.deadline for reason in found if reason.deadline is not None), default=None)
