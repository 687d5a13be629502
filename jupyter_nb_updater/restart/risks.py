"""What speaks against a restart and is in nobody's way: told before the click, so that a bad start surprises nobody. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ..clock import from_text, to_text

START_LIMIT = 300
"""Seconds after which AWS fails a start whose OnStart script still runs (Developer Guide, "Customization of a SageMaker
notebook instance using an LCC script")."""

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Risk:
    """One of them. ``docs/protocol.md`` lists the codes.

    Args:
        code: what kind of thing.
        subject: what it is about: a folder, seconds, a time.
        detail: what it is measured by.
    """

    code: str
    subject: str
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """As the state document carries it."""
        return asdict(self)


@dataclass(frozen=True)
class RiskFacts:
    """What is known; ``None`` for what is not, which is no risk that could be told.

    Args:
        start_seconds: how long the OnStart script of this boot took.
        folder: on the volume.
        free: bytes that are free there.
        returned: when a restart of ours came back last.
    """

    start_seconds: int | None
    folder: str
    free: int | None
    returned: datetime | None


@dataclass(frozen=True)
class RiskLimits:
    """From when on each is told.

    Args:
        slow: seconds of an OnStart script.
        full: bytes that are free.
        pause: between the return of one restart and the next.
    """

    slow: float
    full: int
    pause: timedelta


def risks(seen: RiskFacts, limits: RiskLimits, now: datetime) -> list[Risk]:
    """Everything that may go wrong with the next start, or with the save before it."""
    found = []
    if seen.start_seconds is not None and seen.start_seconds >= limits.slow:
        found.append(Risk("start-was-slow", str(seen.start_seconds), str(START_LIMIT)))
    if seen.free is not None and seen.free < limits.full:
        # In whole mebibytes: what is free changes all the time, and is no news each time.
        found.append(Risk("volume-nearly-full", seen.folder, str(seen.free // MEBIBYTE * MEBIBYTE)))
    if is_recent(seen.returned, limits.pause, now):
        found.append(Risk("restarted-recently", to_text(seen.returned) or ""))
    return found


def is_recent(returned: datetime | None, pause: timedelta, now: datetime) -> bool:
    """Whether a restart has come back less than ``pause`` ago. A return that lies ahead is a clock that was set, and none."""
    return returned is not None and timedelta(0) <= now - returned < pause


def last_return(records: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When a restart of ours came back last, by the journal; ``None`` when none did."""
    for record in reversed(list(records)):
        if record["event"] == "returned":
            try:
                return from_text(record["time"])
            except (KeyError, TypeError, ValueError):
                return None
    return None


def start_seconds(noted: str, booted: datetime | None) -> int | None:
    """How long the OnStart script took, as ``lifecycle/on_start.sh`` noted it.

    Args:
        noted: the text of its file.
        booted: when the machine booted. What was noted before that is of another script, perhaps, and no news.
    """
    try:
        content = json.loads(noted)
        when, seconds = from_text(content["time"]), int(content["seconds"])
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if when is not None and (booted is None or when >= booted) else None
