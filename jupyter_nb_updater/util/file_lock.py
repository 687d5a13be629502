"""Inter-process lock: on one volume, one Jupyter server at a time restarts, restores the session, or runs pip."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class FileLock:
    """Lock a file beside the journal. The operating system releases the lock when its holder ends (``flock(2)``)."""

    def __init__(self, path: str | Path) -> None:
        """Create a lock that is not acquired yet.

        Args:
            path: the file; it is created with its folder.
        """
        self._path = Path(path)
        self._descriptor: int | None = None

    @property
    def locked(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    @property
    def fds(self) -> tuple[int, ...]:
        """File descriptors to pass to a subprocess, so that the lock is held until it has ended, even after this process."""
        return () if self._descriptor is None else (self._descriptor,)

    def acquire(self) -> bool:
        """Try to acquire the lock; return whether the caller may continue.

        Also returns ``True`` if the file cannot be created: no journal record can be written there either, so nothing is
        stopped,
        while packages can still be reinstalled.
        """
        from fcntl import LOCK_EX, LOCK_NB, flock  # missing on Windows, where the command line also runs

        if self.locked:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CREAT, 0o644)
        except OSError:
            return True
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Release the lock. Does nothing if it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)
