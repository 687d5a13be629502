"""Whose turn it is, among all Jupyter servers of this instance: one restart, one that keeps the desk, one run of pip."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class FileLock:
    """A lock on a file beside the journal. The operating system takes it back from a process that is gone (``flock(2)``)."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._descriptor: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether no other server may begin."""
        return self._descriptor is not None

    @property
    def held(self) -> tuple[int, ...]:
        """Descriptors for a program to hold too: its turn lasts as long as it does, also after this process."""
        return () if self._descriptor is None else (self._descriptor,)

    def take(self) -> bool:
        """Whether it is our turn now.

        A volume on which the file cannot be made takes no record either, so nothing stops; packages are put back all the same.
        """
        from fcntl import LOCK_EX, LOCK_NB, flock  # not on Windows, where the command line runs too

        if self.is_ours:
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

    def give_back(self) -> None:
        """The next one may begin. Harmless when it is not ours."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)
