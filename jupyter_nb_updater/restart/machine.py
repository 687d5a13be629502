"""The state machine of a restart: pure functions, with the time passed in, and a deadline on every phase that waits."""

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
"""The ``when`` of a restart that a policy requires. No page can ask for it."""

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
    """The restart that was requested. It stays the same from the click to the return.

    Args:
        id: of the restart, for the journal and the tags.
        by: who requested it, as Jupyter knows them.
        when: ``now``, ``idle``, ``required`` (as ``idle``, and by a policy), or a time as :func:`~..clock.to_text` writes it.
        stops_only: nobody starts it again.
        asked: when it was requested.
    """

    id: str
    by: str = ""
    when: str = "now"
    stops_only: bool = False
    asked: datetime | None = None

    @property
    def unattended(self) -> bool:
        """Whether nobody watches when the restart begins."""
        return self.when != "now"

    @property
    def not_before(self) -> datetime | None:
        """The time at which it may begin; ``None`` when it was not requested for a time."""
        return from_text(self.when) if self.when not in {"now", "idle", REQUIRED} else None

    @property
    def waits_for_quiet(self) -> bool:
        """Whether it begins only after nothing has run for a while."""
        return self.when in {"idle", REQUIRED}


@dataclass(frozen=True)
class Event:
    """Something that happened to a restart.

    Args:
        name: what happened.
        findings: what is in the way, with ``refused`` and ``failed``.
        order: the restart, with ``requested`` and ``scheduled`` only.
        facts: evidence for the journal; no decision depends on it.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    order: RestartOrder | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restart:
    """The state of a restart: its phase, its deadline and what is in the way."""

    phase: Phase = "idle"
    order: RestartOrder | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str | None:
        """The id of the restart that was requested last."""
        return self.order.id if self.order else None

    @property
    def stops_only(self) -> bool:
        """Whether nobody starts the instance again."""
        return self.order is not None and self.order.stops_only

    def to_json(self) -> dict[str, Any]:
        """Return the restart as the state document holds it."""
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
    """Return the state after an event.

    Args:
        restart: the state before it.
        event: what happened.
        now: when it happened.

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
    """Return ``refused`` while nothing has changed yet, and ``failed`` from ``arming`` on, where there is something to undo.

    Args:
        phase: in which it happened.
        finding: what is in the way.
        facts: evidence for the journal.
    """
    return Event("refused" if phase in UNCHANGED else "failed", (finding,), facts=facts or {})


def overrun(phase: Phase) -> Event:
    """Return the event of a passed deadline.

    Args:
        phase: whose deadline passed.
    """
    return obstacle(phase, Finding("timeout", phase))
