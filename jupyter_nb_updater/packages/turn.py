"""One run of pip at a time, whichever Jupyter server of this instance has begun it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Taken(Exception):
    """Another one is under way."""


@contextmanager
def turn(path: Path) -> Iterator[tuple[int, ...]]:
    """A lock on a file; its descriptor is for pip to hold, so that it lasts as long as pip does (``flock(2)``).

    A volume on which the file cannot be made is no reason to put nothing back.

    Raises:
        Taken: somebody has it.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock  # not on Windows, where the command line runs too

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:
        yield ()
        return
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
        yield (descriptor,)
    except BlockingIOError as error:
        raise Taken from error
    finally:
        os.close(descriptor)
