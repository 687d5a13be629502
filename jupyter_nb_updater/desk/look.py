"""What small files there are, and how they look from outside: whoever looks often reads only what has changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from . import history
from .copying import FileContent, read_file

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
    return content._replace(data=history.copy_database(root / name, max_bytes)) if name.endswith(".sqlite") else content


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
