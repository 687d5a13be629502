"""Small files, read and written so that no link is followed, none is half there, and none goes over another by accident."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ELOOP, ENOTDIR
from pathlib import Path
from typing import NamedTuple

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
