"""Until when: the earliest of what every reason allows, in the window, and after a person had time to see it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..signals.signal import Advisory, Signal
from .policy import ADVISING_SOURCES, Policy

FOREVER = timedelta(days=36500)
"""Longer than any service level that can be written: more would leave the calendar."""


@dataclass(frozen=True)
class Reason:
    """One thing that asks for a restart.

    Args:
        id: of its signal, with its advisory.
        source: name of its signal.
        deadline: until when it asks for it; ``None`` when it can wait for ever.
    """

    id: str
    source: str
    deadline: datetime | None


def rollout_time(advisory: Advisory, policy: Policy, place: float) -> datetime:
    """When an advisory reaches an instance. What is used in attacks waits for no wave.

    Args:
        advisory: which.
        policy: its waves.
        place: of the instance among all, from 0 to 1, always the same for the same instance.
    """
    delay = next((wave.delay for wave in policy.waves if place < wave.upto), None)
    if delay is None:
        delay = max((wave.delay for wave in policy.waves), default=timedelta(0))
    return advisory.published if advisory.exploited else advisory.published + min(delay, FOREVER)


def reasons(
    signals: Iterable[Signal],
    policy: Policy,
    now: datetime,
    *,
    place: float = 0.0,
    shown: Mapping[str, datetime] | None = None,
    ineffective: frozenset[str] = frozenset(),
) -> list[Reason]:
    """Everything that asks for a restart at this time, with its own deadline.

    Args:
        signals: all of them; only what is due asks.
        policy: the limits.
        now: the time to judge at.
        place: of the instance in a rollout, from 0 to 1.
        shown: when each reason was displayed first, by its id.
        ineffective: ids for which a restart was made, and changed nothing: they do not ask again.
    """
    found = [reason for signal in signals if signal.state == "due" for reason in _of(signal, policy, now, place)]
    return [
        Reason(reason.id, reason.source, _with_grace_and_window(reason, policy, shown or {}))
        for reason in found
        if reason.id not in ineffective
    ]


def _of(signal: Signal, policy: Policy, now: datetime, place: float) -> Iterator[Reason]:
    """A signal that names advisories asks by each of them, as the service levels say; another one by itself, if that helps."""
    for advisory in signal.advisories:
        level = policy.service_levels.get(advisory.severity) if advisory.severity else None
        begins = rollout_time(advisory, policy, place)
        if now < begins:
            continue
        if level is not None:
            yield Reason(f"{signal.name}:{advisory.id}", signal.name, begins + min(timedelta(days=level), FOREVER))
        elif signal.name in ADVISING_SOURCES:
            yield Reason(f"{signal.name}:{advisory.id}", signal.name, None)
    if not signal.advisories and signal.name in ADVISING_SOURCES and signal.helps:
        yield Reason(signal.id, signal.name, signal.due_by)


def _with_grace_and_window(reason: Reason, policy: Policy, shown: Mapping[str, datetime]) -> datetime | None:
    """At least the grace after the first display, then into the window."""
    if reason.deadline is None:
        return None
    first = shown.get(reason.id)
    grace = timedelta(hours=policy.grace_hours)
    moment = reason.deadline if first is None else max(reason.deadline, first + grace)
    return policy.window.next(moment) if policy.window else moment


def earliest(found: Iterable[Reason]) -> datetime | None:
    """The deadline of them all; ``None`` when none of them has one."""
    return min((reason.deadline for reason in found if reason.deadline is not None), default=None)
