"""Remind me later: counted, in tiers that shrink as the deadline comes nearer, and never past it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..clock import to_text
from .level import Level

TIERS = (
    (timedelta(hours=72), timedelta(hours=24)),
    (timedelta(hours=24), timedelta(hours=4)),
    (timedelta(0), timedelta(hours=1)),
)
"""Time left, and for how long it may be put off then (as macadmins/nudge does it, with tiers that fit weeks of notice)."""


@dataclass(frozen=True)
class Deferral:
    """A "remind me later".

    Args:
        until: how long it holds.
        count: how often it was asked for since the last restart.
        level: that was put off. A higher one is shown all the same.
    """

    until: datetime
    count: int = 1
    level: Level | None = None

    def holds(self, level: Level, now: datetime) -> bool:
        """Whether this level is put off at this time."""
        return now < self.until and self.level in {None, level}

    def to_json(self) -> dict[str, Any]:
        """As the state document and the journal carry it."""
        return {"until": to_text(self.until), "count": self.count, "level": self.level}


def defer(level: Level, deadline: datetime | None, previous: Deferral | None, now: datetime) -> Deferral | None:
    """Put it off by the tier that the time left allows; ``None`` when it can be put off no longer.

    Args:
        level: that is put off.
        deadline: past which nothing is put off; ``None`` without one.
        previous: the last one, for the count.
        now: the time of the click.
    """
    left = None if deadline is None else deadline - now
    if level == "overdue" or (left is not None and left <= timedelta(0)):
        return None
    tier = TIERS[0][1] if left is None else next(pause for least, pause in TIERS if left >= least)
    until = now + tier if deadline is None else min(now + tier, deadline)
    return Deferral(until, previous.count + 1 if previous else 1, level)
