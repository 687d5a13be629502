"""What policy makes of all signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from ..clock import to_text
from .signals import Signal

Level = Literal["current", "unknown", "advised", "due", "overdue"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Policy:
    """How old is too old, in days. The defaults are AWS's own advice and interval."""

    advised_days: float = 30.0
    interval_days: float = 90.0
    notice_days: float = 7.0

    def to_json(self) -> dict[str, float]:
        """As the journal carries it: under which limits was it judged?"""
        return asdict(self)


@dataclass(frozen=True)
class Deferral:
    """A "remind me later": how long it holds, and how often it was asked for."""

    until: datetime
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """As the state document and the journal carry it."""
        return {"until": to_text(self.until), "count": self.count}


@dataclass(frozen=True)
class Advice:
    """Whether a restart is due, why, and until when."""

    level: Level
    signals: tuple[Signal, ...]
    deadline: datetime | None = None

    def to_json(self, deferral: Deferral | None = None) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "level": self.level,
            "deadline": to_text(self.deadline),
            "deferral": deferral.to_json() if deferral else None,
            "signals": [signal.to_json() for signal in self.signals],
        }


def advise(signals: Sequence[Signal], booted: datetime | None, policy: Policy, now: datetime) -> Advice:
    """Judge all signals at the time ``now``.

    A restart is ``advised`` as soon as one signal is due, ``due`` when the deadline is near, ``overdue`` when it has passed.
    Nothing is ever ``current`` by default: without a due signal, one unknown signal makes the whole unknown.

    Args:
        signals: at least one; none at all is ``unknown``.
        booted: when the deadline began to run; ``None`` gives no deadline.
        policy: the limits.
        now: the time to judge at.
    """
    deadline = None if booted is None else booted + timedelta(days=policy.interval_days)
    states = {signal.state for signal in signals}
    otherwise: Level = "current" if states == {"current"} else "unknown"
    return Advice(_urgency(deadline, policy, now) if "due" in states else otherwise, tuple(signals), deadline)


def _urgency(deadline: datetime | None, policy: Policy, now: datetime) -> Level:
    if deadline is None or now < deadline - timedelta(days=policy.notice_days):
        return "advised"
    return "overdue" if now >= deadline else "due"


def defer(level: Level, deadline: datetime | None, previous: Deferral | None, now: datetime) -> Deferral | None:
    """Remind again in a day, never past the deadline; ``None`` when it can be put off no longer."""
    if level == "overdue":
        return None
    until = now + timedelta(days=1)
    if deadline is not None:
        until = min(until, deadline)
    return Deferral(until, previous.count + 1 if previous else 1)
