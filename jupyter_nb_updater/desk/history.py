"""IPython's history, a SQLite database that a kernel may be writing at this moment."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from .copying import NotCopyable

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
