"""Write files atomically, read them only in a known format, and sync them to disk."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter


MAX_JSON_BYTES = 5 * 2**20
"""Default maximum size of a file to read, in bytes. A baseline of ten environments with 500 packages each has 300 KB."""


def atomic_write(path: Path, data: str | bytes, *, mode: int = 0o644) -> None:
    """Replace a file so that after a crash or a power cut it has either its old or its new content.

    Args:
        path: the file. Its folder is created if it is missing.
        data: the new content; text is encoded as UTF-8.
        mode: permission bits of the file.

    Raises:
        OSError: the file could not be written; the old one is unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        write_in_folder(folder, path.name, data.encode() if isinstance(data, str) else data, mode)
    finally:
        os.close(folder)


def write_in_folder(folder: int, name: str, data: bytes, mode: int, *, overwrite: bool = True) -> None:
    """Write a file in an open folder, completely or not at all. Follows no link.

    A file that replaces none is not synced to disk: this is used only outside the volume, where a power cut deletes everything.

    Args:
        folder: file descriptor of the folder.
        name: name of the file in the folder.
        data: the content.
        mode: permission bits of the file.
        overwrite: whether to replace an existing file of this name, durably.

    Raises:
        FileExistsError: a file of this name exists, and ``overwrite`` is false.
        OSError: the file could not be written.
    """
    temporary = f".nb-updater-{threading.get_native_id()}.new"  # unique per writer
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=folder)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(descriptor, mode)
            if overwrite:
                os.fsync(descriptor)
        if overwrite:
            os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        else:  # link(2) fails where a file exists; rename(2) would replace it
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)


def with_tilde(path: Path) -> str:
    """Return a path with ``~`` for the home folder: ``~/SageMaker/data``.

    Args:
        path: the path.
    """
    home = Path.home()
    return str(PurePosixPath("~", path.relative_to(home))) if path.is_relative_to(home) else str(path)


def read_json(
    path: Path, file_format: int, log: Logger | LoggerAdapter[Any], max_bytes: int = MAX_JSON_BYTES
) -> dict[str, Any] | None:
    """Read a JSON object of a known format; ``None`` if the file does not exist or cannot be used.

    A file that cannot be used is never interpreted; a warning is logged instead.

    Args:
        path: the file.
        file_format: required value of its key ``format``.
        log: receives a warning about a file that cannot be used.
        max_bytes: maximum size of the file, in bytes.
    """
    try:
        return _object_of_format(path, file_format, max_bytes)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        log.warning("Ignoring %s: %s", path, error)
        return None


def _object_of_format(path: Path, file_format: int, max_bytes: int) -> dict[str, Any]:
    if path.stat().st_size > max_bytes:
        raise ValueError(f"the file is larger than {max_bytes} bytes")
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        raise TypeError("the file does not contain a JSON object")
    found = content.get("format")
    if type(found) is not int or found != file_format:
        raise ValueError(f"the format of the file is {found!r}; this version reads format {file_format}")
    return content


class Filesystems:
    """The filesystems that contain the user's documents and the journal."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Select the filesystems.

        Args:
            folders: folders on these filesystems. One that does not exist is skipped.
        """
        self._folders = tuple(folders)

    def sync(self) -> None:
        """Wait until everything written to these filesystems is on disk. Call this in a thread, because it may take long.

        Raises:
            OSError: the sync of a filesystem failed, as in :func:`sync_filesystem`.
        """
        synced = set()
        for folder in self._folders:
            if folder.is_dir() and (filesystem := folder.stat().st_dev) not in synced:
                sync_filesystem(folder)
                synced.add(filesystem)


def sync_filesystem(folder: Path) -> None:
    """Wait until everything written to the filesystem of a folder is on disk.

    syncfs(2): "Since Linux 5.8, syncfs() will also report an error if one or more inodes failed to be written back since the
    last syncfs() call"; before, and without syncfs, a failed write-back is not noticed here.

    Args:
        folder: any folder on the filesystem.

    Raises:
        OSError: something could not be written back (EIO, ENOSPC, EDQUOT), or the folder does not exist; it names the folder.
    """
    if sys.platform != "linux":
        os.sync()
        return
    libc = ctypes.CDLL(None, use_errno=True)  # ctypes releases the GIL during the call
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
