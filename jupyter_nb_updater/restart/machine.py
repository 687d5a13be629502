"""The restart as a state machine: pure, with time passed in, and with a deadline on every state that waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from ..clock import to_text
from .findings import Finding

Phase = Literal["idle", "preflight", "saving", "arming", "stopping", "away", "verifying", "refused", "failed"]

BOUNDS: dict[Phase, int] = {"preflight": 30, "saving": 60, "arming": 30, "stopping": 90, "away": 900, "verifying": 60}
"""Seconds that each phase may take; the others wait for a person."""

TRANSITIONS: dict[tuple[Phase, str], Phase] = {
    ("idle", "requested"): "preflight",
    ("refused", "requested"): "preflight",
    ("failed", "requested"): "preflight",
    ("preflight", "cleared"): "saving",
    ("preflight", "cancelled"): "idle",
    ("preflight", "refused"): "refused",
    ("saving", "saved"): "arming",
    ("saving", "cancelled"): "idle",
    ("saving", "refused"): "refused",
    ("arming", "armed"): "stopping",
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
}
"""Everything that may happen. Before ``arming`` nothing outside this process has changed, so a person may still cancel."""

CANCELLABLE: frozenset[Phase] = frozenset({"preflight", "saving"})
RUNNING: frozenset[Phase] = frozenset(BOUNDS)


class IllegalTransition(Exception):
    """This event cannot happen in this phase."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a restart.

    Args:
        name: what happened.
        findings: what is in the way, with ``refused`` and ``failed``.
        id: of the restart, with ``requested`` alone.
        stops_only: nobody starts it again, with ``requested`` alone.
        facts: evidence for the journal; no decision depends on it.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    id: str | None = None
    stops_only: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restart:
    """Where a restart stands."""

    phase: Phase = "idle"
    id: str | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    stops_only: bool = False
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "id": self.id,
            "phase": self.phase,
            "since": to_text(self.since),
            "deadline": to_text(self.deadline),
            "stops_only": self.stops_only,
            "findings": [finding.to_json() for finding in self.findings],
        }


def next_state(restart: Restart, event: Event, now: datetime) -> Restart:
    """The state after ``event``.

    Raises:
        IllegalTransition: the event cannot happen in this phase.
    """
    phase = TRANSITIONS.get((restart.phase, event.name))
    if phase is None:
        raise IllegalTransition(f"{event.name!r} cannot happen while {restart.phase!r}")
    bound = BOUNDS.get(phase)
    after = replace(
        restart,
        phase=phase,
        since=now,
        deadline=None if bound is None else now + timedelta(seconds=bound),
        findings=event.findings,
    )
    if event.name == "requested":
        return replace(after, id=event.id, stops_only=event.stops_only)
    return after


def obstacle(phase: Phase, finding: Finding) -> Event:
    """What something in the way means: before ``arming`` we would not, from there on there is something to undo."""
    return Event("refused" if phase in CANCELLABLE else "failed", (finding,))


def overrun(phase: Phase) -> Event:
    """What a passed deadline means."""
    return obstacle(phase, Finding("timeout", phase))
