"""Lock a sandbox's folder: parts of it get deleted, so it must be a sandbox's, and one sandbox's at a time."""

from __future__ import annotations

import json
from pathlib import Path

import psutil

from .machine import processes
from .options import SandboxError

MARKER = ".nb-updater-sandbox"


class FolderLock:
    """Exclusive use of a folder by one sandbox.

    Args:
        root: the folder.
        mark: value that the processes of this sandbox carry in their environment.
    """

    def __init__(self, root: Path, mark: str) -> None:
        self.locked = False
        self._root, self._mark = root, mark
        self._marker = root / MARKER

    def acquire(self) -> None:
        """Lock the folder, and end what an earlier sandbox that was killed has left running.

        Raises:
            SandboxError: it holds something else, or another sandbox runs in it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        if self._marker.exists():
            earlier = json.loads(self._marker.read_text("utf-8"))
            if earlier and _is_running(earlier["pid"], earlier["created"]):
                raise SandboxError(f"another sandbox runs in {self._root} (process {earlier['pid']})")
            if earlier:
                processes.sweep(earlier["mark"])
        elif any(self._root.iterdir()):
            raise SandboxError(f"{self._root} is not empty, and parts of it would be deleted: name a new folder")
        process = psutil.Process()
        record = {"pid": process.pid, "created": process.create_time(), "mark": self._mark}
        self._marker.write_text(json.dumps(record), "utf-8")
        self.locked = True

    def release(self) -> None:
        """Unlock the folder for the next sandbox."""
        self._marker.write_text("null", "utf-8")
        self.locked = False


def _is_running(pid: int, created: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - created) < 1.0
    except psutil.NoSuchProcess:
        return False
