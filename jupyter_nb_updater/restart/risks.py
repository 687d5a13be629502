"""Risks of a restart: shown before the click, and in nobody's way, so that a bad start surprises nobody."""

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
"""Name of the file in which ``lifecycle/on_start.sh`` writes how long the script took."""

START_LIMIT_SECONDS = 300
"""Seconds after which AWS fails a start whose OnStart script still runs (Developer Guide, "Customization of a SageMaker
notebook instance using an LCC script")."""

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Risk:
    """One risk of a restart. ``docs/protocol.md`` lists the codes.

    Args:
        code: kind of the risk.
        subject: what it is about: a folder, seconds, a time.
        detail: the limit or the value that it is measured by.
    """

    code: str
    subject: str
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the risk as the state document holds it."""
        return asdict(self)


@dataclass(frozen=True)
class RiskFacts:
    """The facts that risks follow from; ``None`` for what is not known, which makes no risk.

    Args:
        start_seconds: seconds that the OnStart script of this boot took.
        folder: our folder on the volume.
        free_bytes: bytes that are free there.
        returned: when a restart came back last.
    """

    start_seconds: int | None
    folder: str
    free_bytes: int | None
    returned: datetime | None


@dataclass(frozen=True)
class RiskLimits:
    """The limits from which on something is a risk.

    Args:
        slow_start_seconds: seconds that an OnStart script takes.
        nearly_full_bytes: bytes that are free on the volume.
        cooldown: time between the return of one restart and the next.
    """

    slow_start_seconds: float
    nearly_full_bytes: int
    cooldown: timedelta


class RiskMonitor(LoggingConfigurable):
    """Measures the risks of a restart. Reads little, and at once: nothing here keeps a restart waiting."""

    slow_start_seconds = Float(
        240.0, min=0.0, help="Seconds of an OnStart script from which on its start counts as at risk. AWS fails it after 300."
    ).tag(config=True)
    nearly_full_bytes = Int(
        200 << 20, min=0, help="Bytes of free space on the volume below which a save may not find room."
    ).tag(config=True)
    cooldown_minutes = Float(
        30.0, min=0.0, help="Minutes after the return of a restart in which no other one begins that nobody watches."
    ).tag(config=True)

    def __init__(self, folder: Path, **kwargs: Any) -> None:
        """Create a monitor.

        Args:
            folder: our folder on the volume.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._folder = folder
        self.returned: datetime | None = None

    def load_history(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Learn from the journal when a restart came back last.

        Args:
            records: the journal, oldest first.
        """
        self.returned = last_return(records)

    def returned_recently(self, now: datetime) -> datetime | None:
        """Return when a restart came back, if that is less than the cooldown ago.

        Args:
            now: the time to judge at.
        """
        return self.returned if is_recent(self.returned, self._cooldown, now) else None

    def risks(self, booted: datetime | None, now: datetime) -> list[Risk]:
        """Return the risks of a restart now. Reads one small file, and asks the volume for its free space.

        Args:
            booted: when the machine booted.
            now: the time to judge at.
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
        for folder in (self._folder, *self._folder.parents):  # before anything was written, ours is not there yet
            try:
                return shutil.disk_usage(folder).free
            except OSError:
                continue
        return None


def risks(facts: RiskFacts, limits: RiskLimits, now: datetime) -> list[Risk]:
    """Return everything that may go wrong with the next start, or with the save before it.

    Args:
        facts: what is known.
        limits: from when on something is a risk.
        now: the time to judge at.
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
    """Return whether a restart came back less than ``cooldown`` ago.

    Args:
        returned: when a restart came back last; a time ahead of ``now`` comes from a clock that was set, and does not count.
        cooldown: time between the return of one restart and the next.
        now: the time to judge at.
    """
    return returned is not None and timedelta(0) <= now - returned < cooldown


def last_return(records: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when a restart came back last, by the journal; ``None`` when none did.

    Args:
        records: the journal, oldest first.
    """
    for record in reversed(list(records)):
        if record["event"] == "returned":
            return parse_time_or_none(record.get("time"))
    return None


def start_seconds(report: str, booted: datetime | None) -> int | None:
    """Return the seconds that the OnStart script took, as ``lifecycle/on_start.sh`` wrote them down; ``None`` if unknown.

    Args:
        report: content of the file.
        booted: when the machine booted. A report from before that may be of another script, and does not count.
    """
    try:
        content = json.loads(report)
        when, seconds = from_text(content["time"]), int(content["seconds"])
    except (KeyError, TypeError, ValueError):
        return None
    return seconds if when is not None and (booted is None or when >= booted) else None
