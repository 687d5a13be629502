"""A lock among all Jupyter servers of a volume: one restart, one session restore and one run of pip at a time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class FileLock:
    """A lock on a file beside the journal. The operating system releases it when its holder has ended (``flock(2)``)."""

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
        """File descriptors to pass to a program: the lock is held until that program has ended, also after this process."""
        return () if self._descriptor is None else (self._descriptor,)

    def acquire(self) -> bool:
        """Try to acquire the lock; return whether the caller may go on.

        That is also true on a volume on which the file cannot be created: it takes no journal record either, so nothing is
        stopped; packages are reinstalled all the same.
        """
        from fcntl import LOCK_EX, LOCK_NB, flock  # not on Windows, where the command line runs too

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
        """Release the lock. Harmless when it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)
