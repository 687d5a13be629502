"""What is new since the boot: not counted from the boot itself, because the lifecycle scripts install things after it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from ..util.clock import from_text, to_text

SKEW = timedelta(minutes=1)
"""Linux works the boot time out anew at each reading, and it moves when the clock is set."""


class FirstSeen:
    """The first time that our server looked after this boot, kept in a small file on the volume.

    The file is only read again by a server that was started later in the same boot. On a volume that cannot be written, each
    server counts from its own start, or from the boot where that is later: what came before then is not told as new.
    """

    def __init__(self, path: Path, started: datetime) -> None:
        """Args: of the file; when this server started."""
        self._path, self._started = path, started

    def read(self, booted: datetime | None, now: datetime) -> datetime:
        """When that was.

        Args:
            booted: when the machine was; ``None`` when that is not known.
            now: the time of this look, which is the first one if none is kept.
        """
        if booted is None:
            return self._started
        kept = self._kept(booted)
        if kept is None:
            kept = now if self._keep(booted, now) else max(booted, self._started)
        return kept

    def _kept(self, booted: datetime) -> datetime | None:
        try:
            content = json.loads(self._path.read_text("utf-8"))
            of, looked = from_text(content["booted"]), from_text(content["first_look"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return looked if of is not None and abs(of - booted) < SKEW else None

    def _keep(self, booted: datetime, now: datetime) -> bool:
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({"booted": to_text(booted), "first_look": to_text(now)}), "utf-8")
            fresh.replace(self._path)
        except OSError:
            return False
        return True
