"""What speaks against a restart and is in nobody's way: told before the click, so that a bad start surprises nobody. Pure."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from ..util.clock import from_text, to_text

NOTED = "on-start.json"
"""Where ``lifecycle/on_start.sh`` notes how long the script took."""


class RiskMonitor(LoggingConfigurable):
    """Looks at little, and at once: nothing here keeps a restart waiting."""

    slow_start_seconds = Float(
        240.0, min=0.0, help="Seconds of an OnStart script from which on its start counts as at risk. AWS fails it after 300."
    ).tag(config=True)
    nearly_full_bytes = Int(
        200 << 20, min=0, help="Bytes of free space on the volume below which a save may not find room."
    ).tag(config=True)
    pause_minutes = Float(
        30.0, min=0.0, help="Minutes after the return of a restart in which no other one begins that nobody watches."
    ).tag(config=True)

    def __init__(self, folder: Path, **kwargs: Any) -> None:
        """Args: our folder on the volume."""
        super().__init__(**kwargs)
        self._folder = folder
        self.returned: datetime | None = None

    def recall(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Learn from the journal when a restart came back last."""
        self.returned = last_return(records)

    def returned_recently(self, now: datetime) -> datetime | None:
        """When a restart came back, if that is less than the pause ago."""
        return self.returned if is_recent(self.returned, self._pause, now) else None

    def risks(self, booted: datetime | None, now: datetime) -> list[Risk]:
        """Everything worth telling at this time. Reads one small file, and asks the volume for its free space.

        Args:
            booted: when the machine booted.
            now: the time to judge at.
        """
        seen = RiskFacts(self._start_seconds(booted), str(self._folder), self._free(), self.returned)
        return risks(seen, RiskLimits(self.slow_start_seconds, self.nearly_full_bytes, self._pause), now)

    @property
    def _pause(self) -> timedelta:
        return timedelta(minutes=self.pause_minutes)

    def _start_seconds(self, booted: datetime | None) -> int | None:
        try:
            return start_seconds((self._folder / NOTED).read_text("utf-8", "replace"), booted)
        except OSError:
            return None

    def _free(self) -> int | None:
        for folder in (self._folder, *self._folder.parents):  # before anything was written, ours is not there yet
            try:
                return shutil.disk_usage(folder).free
            except OSError:
                continue
        return None


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
