"""What is known besides the signals when advice is given. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .deferral import Deferral

if TYPE_CHECKING:
    from .hold import Hold


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
        answered: reasons for which a restart was made that changed nothing.
        place: of the instance in a rollout, from 0 to 1.
    """

    booted: datetime | None = None
    hold: Hold | None = None
    deferral: Deferral | None = None
    told: AnnouncedDeadline | None = None
    shown: Mapping[str, datetime] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    place: float = 0.0
