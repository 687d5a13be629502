"""Read and write small files without following links, writing half a file, or overwriting one by accident."""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import ELOOP, ENOTDIR
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from ..util.files import write_in_folder
from .model import STATE_FORMAT, RestoreState

FileSignature = tuple[int, ...]

MAX_FILES_PER_PATTERN = 10_000
"""Maximum number of files per glob pattern."""

MAX_STATE_BYTES = 1 << 18
"""Maximum size of ``restore.json``, in bytes."""

SQLITE_MAGIC = b"SQLite format 3\0"
DATABASE_COPY_SECONDS = 5.0
"""Time limit in seconds for copying a database that is being written continuously."""

NO_LINK = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


class NotCopyable(Exception):
    """A file cannot be saved or restored.

    Args:
        code: why, from the codes in ``docs/protocol.md``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FileContent(NamedTuple):
    """Content and permission bits of a file."""

    data: bytes
    mode: int


def load_state(path: Path) -> RestoreState:
    """Read ``restore.json``; an empty state if it does not exist.

    Raises:
        NotCopyable: it is ``broken``, of an ``unknown-format``, ``too-large``, or not a regular file.
        OSError: it cannot be read.
    """
    try:
        content = json.loads(read_file(path.parent, path.name, MAX_STATE_BYTES).data)
    except FileNotFoundError:
        return RestoreState()
    except (ValueError, RecursionError) as error:
        raise NotCopyable("broken") from error
    if not isinstance(content, dict):
        raise NotCopyable("broken")
    if content.get("format") != STATE_FORMAT:
        raise NotCopyable("unknown-format")
    return RestoreState.from_json(content)


def save_state(path: Path, state: RestoreState) -> None:
    """Write ``restore.json`` atomically.

    Raises:
        OSError: it cannot be written.
        NotCopyable: its folder is not a folder.
    """
    write_file(path.parent, path.name, FileContent(json.dumps(state.to_json(), indent=1).encode(), 0o600), overwrite=True)


def signature_of(root: Path, patterns: Iterable[str]) -> dict[str, FileSignature]:
    """Return the matching files with their times, size, inode and mode, which change when a file does.

    Args:
        root: the folder.
        patterns: globs relative to the folder.

    Raises:
        OSError: the folder exists but cannot be read.
    """
    try:
        os.scandir(root).close()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    if not os.access(root, os.X_OK):
        raise PermissionError(root)
    found: dict[str, FileSignature] = {}
    for pattern in patterns:
        paths = root.glob(pattern) if "*" in pattern else [root / pattern]
        for path in islice(paths, MAX_FILES_PER_PATTERN):
            if status := _status(path):
                journal = _status(path.with_name(f"{path.name}-wal"))
                found[path.relative_to(root).as_posix()] = (*status, *(journal or ()))
    return found


def may_exist(path: Path) -> bool:
    """Check whether a path cannot be examined, so that it may still exist."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False


def read_consistent(root: Path, name: str, max_bytes: int) -> FileContent:
    """Read a file; for an SQLite database a consistent copy, even while another process writes to it.

    Args:
        root: folder, as for :func:`read_file`.
        name: relative path, as for :func:`read_file`.
        max_bytes: maximum size, as for :func:`read_file`.

    Raises:
        NotCopyable: the file cannot be saved.
        OSError: the file does not exist or cannot be read.
    """
    content = read_file(root, name, max_bytes)
    return content._replace(data=copy_database(root / name, max_bytes)) if name.endswith(".sqlite") else content


def copy_database(path: Path, max_bytes: int) -> bytes:
    """Return a consistent copy of an SQLite database (https://www.sqlite.org/backup.html); a plain copy may be inconsistent.

    Args:
        path: the database.
        max_bytes: maximum size of the copy, in bytes.

    Raises:
        NotCopyable: it is not a database (``broken``), or ``too-large``.
        OSError: it cannot be read now.
    """
    import sqlite3  # missing in some Python builds

    until = time.monotonic() + DATABASE_COPY_SECONDS

    def in_time(*_: int) -> None:
        if time.monotonic() > until:
            raise TimeoutError(path)

    handle, name = tempfile.mkstemp(prefix="nb-updater-", suffix=".sqlite")  # on the disk that a stop deletes
    os.close(handle)
    copy = Path(name)
    try:
        source = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=DATABASE_COPY_SECONDS)
        target = sqlite3.connect(copy)
        try:
            source.backup(target, pages=256, progress=in_time, sleep=0.05)
        finally:
            target.close()
            source.close()
        data = copy.read_bytes() if copy.stat().st_size <= max_bytes else None
    except sqlite3.OperationalError as error:  # locked, or the disk
        raise OSError(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise NotCopyable("broken") from error
    finally:
        copy.unlink()
    if data is None:
        raise NotCopyable("too-large")
    return data


def read_file(root: Path, name: str, max_bytes: int) -> FileContent:
    """Read a file in a folder.

    Args:
        root: the folder. It may be a link itself, as home folders often are; no link below it is followed.
        name: path relative to the folder, with slashes.
        max_bytes: maximum size of the file, in bytes.

    Raises:
        NotCopyable: it is a link, a pipe or a folder, is reached through a link (``not-plain``), or is ``too-large``.
        OSError: it does not exist or cannot be read.
    """
    with _open_folder(root, name, create=False) as (folder, last):
        descriptor = _open(last, os.O_RDONLY | os.O_NONBLOCK, folder)  # do not block on a pipe
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise NotCopyable("not-plain")
            if status.st_size > max_bytes:
                raise NotCopyable("too-large")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data = file.read(max_bytes + 1)
        finally:
            os.close(descriptor)
    if len(data) > max_bytes:  # it grew meanwhile, or has no size, as in /proc
        raise NotCopyable("too-large")
    return FileContent(data, stat.S_IMODE(status.st_mode) & 0o777)


def write_file(root: Path, name: str, content: FileContent, *, overwrite: bool) -> None:
    """Write a file in a folder, completely or not at all.

    Args:
        root: the folder, as for :func:`read_file`; created if it is missing.
        name: relative path, as for :func:`read_file`.
        content: content and permission bits.
        overwrite: whether to replace an existing file, durably.

    Raises:
        FileExistsError: the file exists, and ``overwrite`` is false.
        NotCopyable: its folder is a link, or not a folder (``not-plain``).
        OSError: it cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # a file, or a link to nowhere
        raise NotCopyable("not-plain") from error
    with _open_folder(root, name, create=True) as (folder, last):
        write_in_folder(folder, last, content.data, content.mode, overwrite=overwrite)


@contextmanager
def _open_folder(root: Path, name: str, *, create: bool) -> Iterator[tuple[int, str]]:
    """Open the folder of a file step by step without following links; yield its descriptor and the name of the file."""
    *above, last = name.split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        for part in above:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=descriptor)
            inner = _open(part, os.O_RDONLY | os.O_DIRECTORY, descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor, last
    finally:
        os.close(descriptor)


def _open(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, NO_LINK | flags, dir_fd=folder)
    except OSError as error:
        if error.errno in {ELOOP, ENOTDIR}:  # for a link, depending on the flags (open(2))
            raise NotCopyable("not-plain") from error
        raise


def _status(path: Path) -> FileSignature | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode
