"""What advice is made of besides signals and policy: levels, stages, deferrals, and what was announced before."""

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
"""How advice is displayed: not at all, as a status-bar item, as a banner, as a banner with a countdown."""

DEFERRAL_TIERS = (
    (timedelta(hours=72), timedelta(hours=24)),
    (timedelta(hours=24), timedelta(hours=4)),
    (timedelta(0), timedelta(hours=1)),
)
"""Time left at least, and how long a deferral lasts then (as in macadmins/nudge, with tiers for weeks of notice)."""


@dataclass(frozen=True)
class Deferral:
    """A deferral: "remind me later".

    Args:
        until: when it ends.
        count: how many deferrals there were since the last restart.
        level: that was deferred. A higher one is shown all the same.
    """

    until: datetime
    count: int = 1
    level: Level | None = None

    def holds(self, level: Level, now: datetime) -> bool:
        """Return whether this level is deferred at this time."""
        return now < self.until and self.level in {None, level}

    def to_json(self) -> dict[str, Any]:
        """As the state document and the journal carry it."""
        return {"until": to_text(self.until), "count": self.count, "level": self.level}


def defer(level: Level, deadline: datetime | None, previous: Deferral | None, now: datetime) -> Deferral | None:
    """Return a deferral of the length that the time left allows; ``None`` when it can be deferred no longer.

    Args:
        level: that is deferred.
        deadline: of the restart; ``None`` without one.
        previous: the last deferral, for the count.
        now: the time of the click.
    """
    left = None if deadline is None else deadline - now
    if level == "overdue" or (left is not None and left <= timedelta(0)):
        return None
    tier = DEFERRAL_TIERS[0][1] if left is None else next(pause for least, pause in DEFERRAL_TIERS if left >= least)
    until = now + tier if deadline is None else min(now + tier, deadline)
    return Deferral(until, previous.count + 1 if previous else 1, level)


@dataclass(frozen=True)
class AnnouncedDeadline:
    """The deadline that a person saw last: it never moves earlier silently, and never later because of more reasons.

    Args:
        deadline: as it was shown.
        limits: of the policy that it follows from.
        source: name of the signal that it follows from.
        moved_from: the later deadline that was shown before it.
    """

    deadline: datetime
    limits: Mapping[str, Any]
    source: str
    moved_from: datetime | None = None


@dataclass(frozen=True)
class AdviceContext:
    """Everything that is known besides signals and policy.

    Args:
        booted: when the machine booted; ``None`` when unknown.
        hold: the hold in force.
        deferral: the last deferral.
        announced: the deadline that was shown last since the boot.
        shown: when each reason was displayed first, by its id.
        ineffective: ids of reasons that a restart did not change.
        rollout_position: of the instance among all in a rollout, from 0 to 1.
    """

    booted: datetime | None = None
    hold: Hold | None = None
    deferral: Deferral | None = None
    announced: AnnouncedDeadline | None = None
    shown: Mapping[str, datetime] = field(default_factory=dict)
    ineffective: frozenset[str] = frozenset()
    rollout_position: float = 0.0
