"""State machine of a restart: pure functions that receive the time, with a time limit for every phase that waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from ..util.clock import from_text, to_text
from .findings import Finding

Phase = Literal["idle", "waiting", "preflight", "saving", "arming", "stopping", "away", "verifying", "refused", "failed"]

WEEK = 7 * 86400

REQUIRED = "required"
"""Value of ``when`` for a restart that a policy requires. No page can request it."""

BOUNDS: dict[Phase, int] = {
    "waiting": WEEK,
    "preflight": 30,
    "saving": 120,
    "arming": 30,
    "stopping": 90,
    "away": 900,
    "verifying": 60,
}
"""Time limit of each phase, in seconds; the other phases wait for a person. ``waiting`` counts from the requested time."""

TRANSITIONS: dict[tuple[Phase, str], Phase] = {
    ("idle", "requested"): "preflight",
    ("waiting", "requested"): "preflight",
    ("refused", "requested"): "preflight",
    ("failed", "requested"): "preflight",
    ("idle", "scheduled"): "waiting",
    ("waiting", "scheduled"): "waiting",
    ("refused", "scheduled"): "waiting",
    ("failed", "scheduled"): "waiting",
    ("waiting", "begun"): "preflight",
    ("waiting", "cancelled"): "idle",
    ("waiting", "refused"): "refused",
    ("preflight", "cleared"): "saving",
    ("preflight", "postponed"): "waiting",
    ("preflight", "cancelled"): "idle",
    ("preflight", "refused"): "refused",
    ("saving", "saved"): "arming",
    ("saving", "postponed"): "waiting",
    ("saving", "cancelled"): "idle",
    ("saving", "refused"): "refused",
    ("arming", "armed"): "stopping",
    ("arming", "cancelled"): "idle",
    ("arming", "failed"): "failed",
    ("stopping", "accepted"): "away",
    ("stopping", "failed"): "failed",
    ("stopping", "booted"): "verifying",
    ("away", "failed"): "failed",
    ("away", "booted"): "verifying",
    ("verifying", "returned"): "idle",
    ("verifying", "failed"): "failed",
    ("refused", "acknowledged"): "idle",
    ("failed", "acknowledged"): "idle",
    ("idle", "acknowledged"): "idle",
    ("idle", "booted"): "idle",
    ("waiting", "booted"): "idle",
    ("refused", "booted"): "idle",
    ("failed", "booted"): "idle",
}
"""All allowed transitions. A boot that was not requested here ends a scheduled restart, because it has the same effect."""

UNCHANGED: frozenset[Phase] = frozenset({"waiting", "preflight", "saving"})
"""Phases in which nothing outside this process has changed yet."""

CANCELLABLE: frozenset[Phase] = UNCHANGED | {"arming"}
RUNNING: frozenset[Phase] = frozenset(BOUNDS) - {"waiting"}
"""Phases in which pages accept no input, and no other restart can begin."""


class IllegalTransition(Exception):
    """The event is not allowed in this phase."""


@dataclass(frozen=True)
class RestartOrder:
    """A requested restart, unchanged from the click to the return.

    Args:
        id: id of the restart, for the journal and the tags.
        by: display name of the user who requested it.
        when: ``now``, ``idle``, ``required`` (like ``idle``, but by a policy), or a time in the format of
            :func:`~..clock.to_text`.
        stops_only: whether nothing is set up to start the instance again.
        asked: time of the request.
    """

    id: str
    by: str = ""
    when: str = "now"
    stops_only: bool = False
    asked: datetime | None = None

    @property
    def unattended(self) -> bool:
        """Whether the restart can begin while no user is watching."""
        return self.when != "now"

    @property
    def not_before(self) -> datetime | None:
        """Earliest time at which the restart can begin; ``None`` if no time was requested."""
        return from_text(self.when) if self.when not in {"now", "idle", REQUIRED} else None

    @property
    def waits_for_quiet(self) -> bool:
        """Whether the restart begins only once the instance has been idle."""
        return self.when in {"idle", REQUIRED}


@dataclass(frozen=True)
class Event:
    """An event in the life of a restart.

    Args:
        name: name of the event.
        findings: what blocks the restart, for ``refused`` and ``failed``.
        order: the requested restart, for ``requested`` and ``scheduled`` only.
        facts: evidence for the journal; no decision depends on it.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    order: RestartOrder | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restart:
    """State of a restart: its phase, its deadline and its findings."""

    phase: Phase = "idle"
    order: RestartOrder | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str | None:
        """Id of the last requested restart."""
        return self.order.id if self.order else None

    @property
    def stops_only(self) -> bool:
        """Whether nothing is set up to start the instance again."""
        return self.order is not None and self.order.stops_only

    def to_json(self) -> dict[str, Any]:
        """Return the restart in the format of the state document."""
        return {
            "id": self.id,
            "by": self.order.by if self.order else None,
            "when": self.order.when if self.order else None,
            "phase": self.phase,
            "since": to_text(self.since),
            "deadline": to_text(self.deadline),
            "stops_only": self.stops_only,
            "findings": [finding.to_json() for finding in self.findings],
        }


def next_state(restart: Restart, event: Event, now: datetime) -> Restart:
    """Return the state that follows an event.

    Args:
        restart: the state before the event.
        event: the event.
        now: time of the event.

    Raises:
        IllegalTransition: the event is not allowed in this phase.
    """
    phase = TRANSITIONS.get((restart.phase, event.name))
    if phase is None:
        raise IllegalTransition(f"{event.name!r} cannot happen while {restart.phase!r}")
    order = event.order or restart.order
    return Restart(phase, order, now, _deadline(phase, order, now), event.findings)


def _deadline(phase: Phase, order: RestartOrder | None, now: datetime) -> datetime | None:
    if phase not in BOUNDS:
        return None
    begins = now
    if phase == "waiting" and order is not None:  # returning to waiting does not extend the limit
        begins = order.not_before or order.asked or now
    return begins + timedelta(seconds=BOUNDS[phase])


def obstacle(phase: Phase, finding: Finding, facts: Mapping[str, Any] | None = None) -> Event:
    """Return ``refused`` if nothing has changed yet, or ``failed`` from ``arming`` on, when there is something to undo.

    Args:
        phase: phase in which the restart was blocked.
        finding: what blocked it.
        facts: evidence for the journal.
    """
    return Event("refused" if phase in UNCHANGED else "failed", (finding,), facts=facts or {})


def overrun(phase: Phase) -> Event:
    """Return the event for a phase that exceeded its time limit.

    Args:
        phase: the phase.
    """
    return obstacle(phase, Finding("timeout", phase))
