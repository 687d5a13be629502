"""Force what was written onto the disk, and not only into the page cache, where a power cut would take it.

A document that was read back equal can still be in memory alone: jupyter_server's ``atomic_writing`` syncs the file but not the
folder that names it (services/contents/fileio.py), without ``use_atomic_writing`` it syncs nothing, and what other programs
write is theirs to sync. So whole filesystems are synced.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path


class Filesystems:
    """The filesystems that hold the user's documents and the journal."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Choose the filesystems.

        Args:
            folders: one or more folders on each of them. A folder that does not exist has nothing to lose.
        """
        self._folders = tuple(folders)

    def sync(self) -> None:
        """Wait until everything that was written to them is on disk. Call this in a thread: it takes as long as the disk does.

        Raises:
            OSError: as :func:`sync_filesystem` does, for the first that fails.
        """
        synced = set()
        for folder in self._folders:
            if folder.is_dir() and (filesystem := folder.stat().st_dev) not in synced:
                sync_filesystem(folder)
                synced.add(filesystem)


def sync_filesystem(folder: Path) -> None:
    """Wait until everything that was written to the filesystem of a folder is on its disk.

    syncfs(2): "Since Linux 5.8, syncfs() will also report an error if one or more inodes failed to be written back since the
    last syncfs() call"; before, and where there is no syncfs, a failed write-back goes unnoticed here.

    Args:
        folder: any folder on the filesystem.

    Raises:
        OSError: something could not be written back (EIO, ENOSPC, EDQUOT), or the folder does not exist; it names the folder.
    """
    if sys.platform != "linux":
        os.sync()
        return
    libc = ctypes.CDLL(None, use_errno=True)  # its calls leave the interpreter to the other threads
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
