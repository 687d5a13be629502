"""Small files, read and written so that no link is followed, none is half there, and none goes over another by accident."""

from __future__ import annotations

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

FileSignature = tuple[int, ...]
LONGEST = 10_000
"""So many files are looked at for each pattern; nobody has so many layouts."""


def signature_of(root: Path, patterns: Iterable[str]) -> dict[str, FileSignature]:
    """Which files there are, and how each looks from outside.

    Raises:
        OSError: the folder is there and cannot be looked into.
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
        for path in islice(paths, LONGEST):
            if status := _status(path):
                journal = _status(path.with_name(f"{path.name}-wal"))
                found[path.relative_to(root).as_posix()] = (*status, *(journal or ()))
    return found


def read_unchanged(root: Path, name: str, max_bytes: int) -> FileContent:
    """A file; of a database a whole copy, also while somebody writes it.

    Raises:
        Unfit: it is not what can be kept.
        OSError: it is not there, or cannot be read.
    """
    content = read_file(root, name, max_bytes)
    return content._replace(data=copy_database(root / name, max_bytes)) if name.endswith(".sqlite") else content


def is_hidden(path: Path) -> bool:
    """Whether nobody can say that it is gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return False


def _status(path: Path) -> FileSignature | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode


MAGIC = b"SQLite format 3\0"
SECONDS = 5.0
"""A copy that takes longer is given up: somebody writes all the time."""


def copy_database(path: Path, max_bytes: int) -> bytes:
    """A whole and consistent copy of a database (https://www.sqlite.org/backup.html); a plain copy may be torn.

    Raises:
        Unfit: it is no database (``broken``), or ``too-large``.
        OSError: it cannot be read now.
    """
    import sqlite3  # not every Python has it

    until = time.monotonic() + SECONDS

    def in_time(*_: int) -> None:
        if time.monotonic() > until:
            raise TimeoutError(path)

    handle, name = tempfile.mkstemp(prefix="nb-updater-", suffix=".sqlite")  # on the disk that a stop wipes
    os.close(handle)
    copy = Path(name)
    try:
        source = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=SECONDS)
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


OPEN = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


class NotCopyable(Exception):
    """What is there is not what can be kept or laid back."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FileContent(NamedTuple):
    """Of one file."""

    data: bytes
    mode: int


def read_file(root: Path, name: str, max_bytes: int) -> FileContent:
    """Read a file below a folder.

    Args:
        root: the folder. It may be a link itself, a home folder often is; below it none is followed.
        name: relative to it, with slashes.
        max_bytes: of a larger one nothing is read.

    Raises:
        Unfit: it is a link, a pipe, a folder, reached through a link (``not-plain``), or ``too-large``.
        OSError: it is not there, or cannot be read.
    """
    with _folder(root, name, make=False) as (folder, last):
        descriptor = _opened(last, os.O_RDONLY | os.O_NONBLOCK, folder)  # a pipe would be waited for
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
    if len(data) > max_bytes:  # it grew meanwhile, or is one of those that do not tell their size
        raise NotCopyable("too-large")
    return FileContent(data, stat.S_IMODE(status.st_mode) & 0o777)


def write_file(root: Path, name: str, content: FileContent, *, over: bool) -> None:
    """Write a file below a folder: whole, or not at all.

    Args:
        root: as for :func:`take`; it is made where it is missing.
        name: so too.
        content: what it holds, and its mode.
        over: whether it takes the place of one that is there, and is on the disk when this ends.

    Raises:
        FileExistsError: one is there, and stays.
        Unfit: a link, or no folder, is where its folder should be (``not-plain``).
        OSError: it cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # a file, or a link to nowhere
        raise NotCopyable("not-plain") from error
    with _folder(root, name, make=True) as (folder, last):
        fresh = f".nb-updater-{os.getpid()}.new"
        with suppress(FileNotFoundError):
            os.unlink(fresh, dir_fd=folder)
        try:
            descriptor = os.open(fresh, OPEN | os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content.data)
                file.flush()
                os.fchmod(descriptor, content.mode)
                if over:  # a copy must outlive a power cut; what is laid back lies where a power cut wipes everything
                    os.fsync(descriptor)
            if over:
                os.replace(fresh, last, src_dir_fd=folder, dst_dir_fd=folder)
            else:  # link(2) fails where something is; rename(2) would replace it
                os.link(fresh, last, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(fresh, dir_fd=folder)


@contextmanager
def _folder(root: Path, name: str, *, make: bool) -> Iterator[tuple[int, str]]:
    """The folder that a file is in, entered step by step, and the file's own name."""
    *above, last = name.split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        for part in above:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=descriptor)
            inner = _opened(part, os.O_RDONLY | os.O_DIRECTORY, descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor, last
    finally:
        os.close(descriptor)


def _opened(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, OPEN | flags, dir_fd=folder)
    except OSError as error:
        if error.errno in {ELOOP, ENOTDIR}:  # which of them a link gives depends on what was asked for (open(2))
            raise NotCopyable("not-plain") from error
        raise
