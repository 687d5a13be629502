"""Whose a folder is: parts of it get deleted, so it must be ours, and one sandbox's at a time."""

from __future__ import annotations

import json
from pathlib import Path

import psutil

from .errors import SandboxError
from .machine import processes

MARKER = ".nb-updater-sandbox"


class FolderLock:
    """A sandbox's hold on its folder.

    Args:
        root: the folder.
        mark: what the processes of this sandbox carry in their environment.
    """

    def __init__(self, root: Path, mark: str) -> None:
        self.held = False
        self._root, self._mark = root, mark
        self._marker = root / MARKER

    def take(self) -> None:
        """Take the folder, and end what an earlier sandbox that was killed has left running.

        Raises:
            SandboxError: it holds something else, or another sandbox runs in it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        if self._marker.exists():
            earlier = json.loads(self._marker.read_text("utf-8"))
            if earlier and _runs(earlier["pid"], earlier["created"]):
                raise SandboxError(f"another sandbox runs in {self._root} (process {earlier['pid']})")
            if earlier:
                processes.sweep(earlier["mark"])
        elif any(self._root.iterdir()):
            raise SandboxError(f"{self._root} is not empty, and parts of it would be deleted: name a new folder")
        me = psutil.Process()
        record = {"pid": me.pid, "created": me.create_time(), "mark": self._mark}
        self._marker.write_text(json.dumps(record), "utf-8")
        self.held = True

    def release(self) -> None:
        """Leave the folder to the next sandbox."""
        self._marker.write_text("null", "utf-8")
        self.held = False


def _runs(pid: int, created: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - created) < 1.0
    except psutil.NoSuchProcess:
        return False
