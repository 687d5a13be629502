"""The time since which a file counts as new: when our server first ran after this boot.

It is not the boot itself, because the lifecycle scripts install things after it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..util.clock import from_text, to_text
from ..util.files import atomic_write, read_json

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

FIRST_SEEN_FORMAT = 1

MAX_BOOT_TIME_DRIFT = timedelta(minutes=1)
"""Linux works the boot time out anew at each reading, and it moves when the clock is set."""


class FirstSeen:
    """The first time that our server ran after this boot, saved in a small file on the volume.

    The file is only read again by a server that was started later in the same boot. On a volume that cannot be written, each
    server counts from its own start, or from the boot where that is later: what came before then is not listed as new.
    """

    def __init__(self, path: Path, started: datetime, log: Logger | LoggerAdapter[Any]) -> None:
        """Choose the file.

        Args:
            path: the file that the time is saved in.
            started: when this server started.
            log: gets a warning about a file that cannot be used.
        """
        self._path, self._started, self._log = path, started, log

    def read(self, booted: datetime | None, now: datetime) -> datetime:
        """Return that time.

        Args:
            booted: when the machine booted; ``None`` when that is not known.
            now: the present time, which is the first one if none is saved.
        """
        if booted is None:
            return self._started
        first_seen = self._load(booted)
        if first_seen is None:
            first_seen = now if self._save(booted, now) else max(booted, self._started)
        return first_seen

    def _load(self, booted: datetime) -> datetime | None:
        """Return the saved time; ``None`` if it is of another boot, or cannot be used."""
        content = read_json(self._path, FIRST_SEEN_FORMAT, self._log)
        if content is None:
            return None
        try:
            saved_boot, first_seen = from_text(content["booted"]), from_text(content["first_seen"])
        except (ValueError, TypeError, KeyError) as error:
            self._log.warning("%s is not used: %r", self._path, error)
            return None
        return first_seen if saved_boot is not None and abs(saved_boot - booted) < MAX_BOOT_TIME_DRIFT else None

    def _save(self, booted: datetime, first_seen: datetime) -> bool:
        content = {"format": FIRST_SEEN_FORMAT, "booted": to_text(booted), "first_seen": to_text(first_seen)}
        try:
            atomic_write(self._path, json.dumps(content))
        except OSError:
            return False
        return True
