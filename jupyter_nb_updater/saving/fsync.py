"""What was written is on the disk, and not only in the page cache, where a power cut would take it.

A document that was read back equal can still be in memory alone: jupyter_server's ``atomic_writing`` syncs the file but not the
folder that names it (services/contents/fileio.py), without ``use_atomic_writing`` it syncs nothing, and what other programs
write is theirs to sync. So the whole filesystem is.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def sync_filesystem(folder: Path) -> None:
    """Wait until everything that was written to the filesystem of ``folder`` is on its disk. Takes as long as the disk does.

    syncfs(2): "Since Linux 5.8, syncfs() will also report an error if one or more inodes failed to be written back since the
    last syncfs() call"; before, and where there is no syncfs, a failed write-back goes unnoticed here.

    Raises:
        OSError: something could not be written back (EIO, ENOSPC, EDQUOT), or the folder is not there; it names the folder.
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


def sync_filesystems(folders: Iterable[Path]) -> None:
    """The same for each filesystem that one of the folders is on. A folder that is not there has nothing to lose.

    Raises:
        OSError: as :func:`sync` does, for the first that fails.
    """
    synced = set()
    for folder in folders:
        if folder.is_dir() and (filesystem := folder.stat().st_dev) not in synced:
            sync_filesystem(folder)
            synced.add(filesystem)
