"""What the last start, the volume and the journal say of the next restart, and from when on it is worth telling."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from .risks import Risk, RiskFacts, RiskLimits, is_recent, last_return, risks, start_seconds

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
