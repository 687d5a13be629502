"""The restart as a state machine: pure, with time passed in, and with a deadline on every state that waits."""

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
"""When a restart begins that a policy requires. No page can ask for it."""

BOUNDS: dict[Phase, int] = {
    "waiting": WEEK,
    "preflight": 30,
    "saving": 120,
    "arming": 30,
    "stopping": 90,
    "away": 900,
    "verifying": 60,
}
"""Seconds that each phase may take; the others wait for a person. ``waiting`` counts from the time that was asked for."""

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
"""Everything that may happen. A boot that we did not ask for has done what was waited for."""

UNCHANGED: frozenset[Phase] = frozenset({"waiting", "preflight", "saving"})
"""Nothing outside this process has changed yet."""

CANCELLABLE: frozenset[Phase] = UNCHANGED | {"arming"}
RUNNING: frozenset[Phase] = frozenset(BOUNDS) - {"waiting"}
"""The pages take no input, and no other restart may begin."""


class IllegalTransition(Exception):
    """This event cannot happen in this phase."""


@dataclass(frozen=True)
class RestartOrder:
    """What was asked for, as it stays the same from the click to the return.

    Args:
        id: of the restart.
        by: who asked, as Jupyter knows them.
        when: ``now``, ``idle``, ``required`` (as ``idle``, and by a policy), or a time as :func:`~..clock.to_text` writes it.
        stops_only: nobody starts it again.
        asked: when it was asked for.
    """

    id: str
    by: str = ""
    when: str = "now"
    stops_only: bool = False
    asked: datetime | None = None

    @property
    def unattended(self) -> bool:
        """Whether nobody watches when it begins."""
        return self.when != "now"

    @property
    def not_before(self) -> datetime | None:
        """The time that was asked for; ``None`` when it is not about a time."""
        return from_text(self.when) if self.when not in {"now", "idle", REQUIRED} else None

    @property
    def waits_for_quiet(self) -> bool:
        """Whether nothing may have run for a while before it begins."""
        return self.when in {"idle", REQUIRED}


@dataclass(frozen=True)
class Event:
    """Something that happened to a restart.

    Args:
        name: what happened.
        findings: what is in the way, with ``refused`` and ``failed``.
        order: which restart this is, with ``requested`` and ``scheduled`` alone.
        facts: evidence for the journal; no decision depends on it.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    order: RestartOrder | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restart:
    """Where a restart stands."""

    phase: Phase = "idle"
    order: RestartOrder | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str | None:
        """Of the restart that was asked for last."""
        return self.order.id if self.order else None

    @property
    def stops_only(self) -> bool:
        """Whether nobody starts the instance again."""
        return self.order is not None and self.order.stops_only

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
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
    """The state after ``event``.

    Raises:
        IllegalTransition: the event cannot happen in this phase.
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
    if phase == "waiting" and order is not None:  # going back to waiting gives no more time to it
        begins = order.not_before or order.asked or now
    return begins + timedelta(seconds=BOUNDS[phase])


def obstacle(phase: Phase, finding: Finding, facts: Mapping[str, Any] | None = None) -> Event:
    """What something in the way means: before ``arming`` we would not, from there on there is something to undo."""
    return Event("refused" if phase in UNCHANGED else "failed", (finding,), facts=facts or {})


def overrun(phase: Phase) -> Event:
    """What a passed deadline means."""
    return obstacle(phase, Finding("timeout", phase))
