"""Data of advice besides signals and policy: levels, stages, deferrals, and what was announced before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from ..util.clock import to_text

if TYPE_CHECKING:
    from .hold import Hold

Level = Literal["current", "unknown", "advised", "due", "overdue"]
LEVELS: tuple[Level, ...] = get_args(Level)

Stage = Literal["none", "quiet", "banner", "countdown"]
"""How advice is displayed: not at all, as a status bar item, as a banner, or as a banner with a countdown."""

DEFERRAL_TIERS = (
    (timedelta(hours=72), timedelta(hours=24)),
    (timedelta(hours=24), timedelta(hours=4)),
    (timedelta(0), timedelta(hours=1)),
)
"""Minimum remaining time, and the duration of a deferral then (as in macadmins/nudge, with tiers for weeks of notice)."""


@dataclass(frozen=True)
class Deferral:
    """A postponed reminder ("Remind me later").

    Args:
        until: end of the deferral.
        count: number of deferrals since the last restart.
        level: level that was deferred. A higher one is shown anyway.
    """

    until: datetime
    count: int = 1
    level: Level | None = None

    def holds(self, level: Level, now: datetime) -> bool:
        """Check whether this level is deferred now."""
        return now < self.until and self.level in {None, level}

    def to_json(self) -> dict[str, Any]:
        """Return the deferral in the format of the state document and the journal."""
        return {"until": to_text(self.until), "count": self.count, "level": self.level}


def defer(level: Level, deadline: datetime | None, previous: Deferral | None, now: datetime) -> Deferral | None:
    """Return a deferral whose duration depends on the remaining time; ``None`` if the deadline has passed.

    Args:
        level: the level that is deferred.
        deadline: deadline of the restart; ``None`` if there is none.
        previous: the last deferral, for the count.
        now: time of the click.
    """
    left = None if deadline is None else deadline - now
    if level == "overdue" or (left is not None and left <= timedelta(0)):
        return None
    tier = DEFERRAL_TIERS[0][1] if left is None else next(pause for least, pause in DEFERRAL_TIERS if left >= least)
    until = now + tier if deadline is None else min(now + tier, deadline)
    return Deferral(until, previous.count + 1 if previous else 1, level)


@dataclass(frozen=True)
class AnnouncedDeadline:
    """The deadline that a user saw last. It never moves earlier silently, nor later because reasons are added.

    Args:
        deadline: the deadline that was shown.
        limits: limits of the policy that it was computed from.
        source: name of the signal that it was computed from.
        moved_from: the later deadline that was shown before.
    """

    deadline: datetime
    limits: Mapping[str, Any]
    source: str
    moved_from: datetime | None = None


@dataclass(frozen=True)
class AdviceContext:
    """Everything that advice depends on besides signals and policy.

    Args:
        booted: time of the last boot; ``None`` if unknown.
        hold: the current hold.
        deferral: the last deferral.
        announced: the last deadline that was shown since the boot.
        shown: time at which each reason was first displayed, by its id.
        ineffective: ids of reasons that a restart did not resolve.
        rollout_position: position of the instance in a rollout, from 0 to 1.
    """

    booted: datetime | None = None
    hold: Hold | None = None
    deferral: Deferral | None = None
    announced: AnnouncedDeadline | None = None
    shown: Mapping[str, datetime] = field(default_factory=dict)
    ineffective: frozenset[str] = frozenset()
    rollout_position: float = 0.0
