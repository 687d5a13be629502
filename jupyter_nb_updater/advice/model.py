"""What is known besides the signals when advice is given. Pure."""

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
"""Nothing, a quiet item in the status bar, the banner, the banner with a countdown."""


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


@dataclass(frozen=True)
class AnnouncedDeadline:
    """The deadline that a person was told last: it moves earlier never silently, and later never by more reasons.

    Args:
        deadline: as it was told.
        limits: of the policy by which it was reckoned.
        source: name of the signal that it came from.
        moved_from: the later one that was told before it.
    """

    deadline: datetime
    limits: Mapping[str, Any]
    source: str
    moved_from: datetime | None = None


@dataclass(frozen=True)
class AdviceContext:
    """What is known besides the signals.

    Args:
        booted: when the machine booted; ``None`` when that is not known.
        hold: somebody's "not now" that is in force.
        deferral: the last "remind me later".
        told: the deadline that was told last since the boot.
        shown: when each reason was displayed first.
        ineffective: reasons for which a restart was made that changed nothing.
        place: of the instance in a rollout, from 0 to 1.
    """

    booted: datetime | None = None
    hold: Hold | None = None
    deferral: Deferral | None = None
    told: AnnouncedDeadline | None = None
    shown: Mapping[str, datetime] = field(default_factory=dict)
    ineffective: frozenset[str] = frozenset()
    place: float = 0.0
