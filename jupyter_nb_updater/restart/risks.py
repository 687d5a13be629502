"""Warnings that do not block a restart: a slow start script, a nearly full volume, a recent restart."""

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

from ..util.clock import from_text, parse_time_or_none, to_text

ON_START_REPORT = "on-start.json"
"""Name of the file in which ``lifecycle/on_start.sh`` records how long the script took."""

START_LIMIT_SECONDS = 300
"""Time limit in seconds after which AWS fails a start whose OnStart script is still running (Developer Guide, "Customization
of a SageMaker notebook instance using an LCC script")."""

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Risk:
    """One warning. ``docs/protocol.md`` lists the codes.

    Args:
        code: kind of the warning.
        subject: what it concerns: a folder, seconds, a time.
        detail: the limit or the measured value.
    """

    code: str
    subject: str
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the warning in the format of the state document."""
        return asdict(self)


@dataclass(frozen=True)
class RiskFacts:
    """Measured facts; ``None`` for unknown ones, which cause no warning.

    Args:
        start_seconds: duration in seconds of the OnStart script at this boot.
        folder: our folder on the volume.
        free_bytes: free space there, in bytes.
        returned: time of the last completed restart.
    """

    start_seconds: int | None
    folder: str
    free_bytes: int | None
    returned: datetime | None


@dataclass(frozen=True)
class RiskLimits:
    """Thresholds for warnings.

    Args:
        slow_start_seconds: duration of the OnStart script, in seconds.
        nearly_full_bytes: free space on the volume, in bytes.
        cooldown: minimum time between the completion of a restart and the next one.
    """

    slow_start_seconds: float
    nearly_full_bytes: int
    cooldown: timedelta


class RiskMonitor(LoggingConfigurable):
    """Measure the risks of a restart. Fast: nothing here delays a restart."""

    slow_start_seconds = Float(
        240.0,
        min=0.0,
        help="Duration in seconds of the OnStart script from which a warning is shown. AWS fails the start after 300 seconds.",
    ).tag(config=True)
    nearly_full_bytes = Int(200 << 20, min=0, help="Free space on the volume, in bytes, below which a warning is shown.").tag(
        config=True
    )
    cooldown_minutes = Float(30.0, min=0.0, help="Time in minutes after a restart in which no unattended restart begins.").tag(
        config=True
    )

    def __init__(self, folder: Path, **kwargs: Any) -> None:
        """Create a monitor.

        Args:
            folder: our folder on the volume.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._folder = folder
        self.returned: datetime | None = None

    def load_history(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Read from the journal when the last restart completed.

        Args:
            records: records of the journal, oldest first.
        """
        self.returned = last_return(records)

    def returned_recently(self, now: datetime) -> datetime | None:
        """Return the time of the last completed restart if it is within the cooldown; otherwise ``None``.

        Args:
            now: the current time.
        """
        return self.returned if is_recent(self.returned, self._cooldown, now) else None

    def risks(self, booted: datetime | None, now: datetime) -> list[Risk]:
        """Return the current warnings. Reads one small file and the free space of the volume.

        Args:
            booted: time of the last boot.
            now: the current time.
        """
        facts = RiskFacts(self._start_seconds(booted), str(self._folder), self._free_bytes(), self.returned)
        return risks(facts, RiskLimits(self.slow_start_seconds, self.nearly_full_bytes, self._cooldown), now)

    @property
    def _cooldown(self) -> timedelta:
        return timedelta(minutes=self.cooldown_minutes)

    def _start_seconds(self, booted: datetime | None) -> int | None:
        try:
            return start_seconds((self._folder / ON_START_REPORT).read_text("utf-8", "replace"), booted)
        except OSError:
            return None

    def _free_bytes(self) -> int | None:
        for folder in (self._folder, *self._folder.parents):  # our folder may not exist yet
            try:
                return shutil.disk_usage(folder).free
            except OSError:
                continue
        return None


def risks(facts: RiskFacts, limits: RiskLimits, now: datetime) -> list[Risk]:
    """Return a warning for everything that may go wrong with the next start, or with the save before it.

    Args:
        facts: the measured facts.
        limits: the thresholds.
        now: the current time.
    """
    found = []
    if facts.start_seconds is not None and facts.start_seconds >= limits.slow_start_seconds:
        found.append(Risk("start-was-slow", str(facts.start_seconds), str(START_LIMIT_SECONDS)))
    if facts.free_bytes is not None and facts.free_bytes < limits.nearly_full_bytes:
        # In whole mebibytes: the free space changes all the time, and each change would be a new revision of the state.
        found.append(Risk("volume-nearly-full", facts.folder, str(facts.free_bytes // MEBIBYTE * MEBIBYTE)))
    if is_recent(facts.returned, limits.cooldown, now):
        found.append(Risk("restarted-recently", to_text(facts.returned) or ""))
    return found


def is_recent(returned: datetime | None, cooldown: timedelta, now: datetime) -> bool:
    """Check whether a restart completed less than ``cooldown`` ago.

    Args:
        returned: time of the last completed restart. A time in the future, from before the clock was set, does not count.
        cooldown: minimum time between the completion of a restart and the next one.
        now: the current time.
    """
    return returned is not None and timedelta(0) <= now - returned < cooldown


def last_return(records: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return the time of the last completed restart; ``None`` if there is none.

    Args:
        records: records of the journal, oldest first.
    """
    for record in reversed(list(records)):
        if record["event"] == "returned":
            return parse_time_or_none(record.get("time"))
    return None


def start_seconds(report: str, booted: datetime | None) -> int | None:
    """Return the duration in seconds of the OnStart script from the report of ``lifecycle/on_start.sh``; ``None`` if unknown.

    Args:
        report: content of the report file.
        booted: time of the last boot. Reports from before may be of another script, and do not count.
    """
    try:
        content = json.loads(report)
        when, seconds = from_text(content["time"]), int(content["seconds"])
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if when is not None and (booted is None or when >= booted) else None
