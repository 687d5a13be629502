"""Which of two versions is the newer one? Pure.

``packaging`` is there wherever jupyter_server is: 2.7, the oldest that we run on, requires it already.
"""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

SYSTEM = {"kernel", "os_release"}
"""Components whose versions are the operating system's, in its own form: ``6.1.155-176.282.amzn2023.x86_64``,
``Amazon Linux 2023.9.20251110``. All others are Python's, as PEP 440 has them."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
TEXT = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ._+~:!-]{0,99}", re.ASCII)
LONGEST_NUMBER = 14  # digits: a date with its time


def is_plausible(name: str, version: str) -> bool:
    """Whether it can be the version of a component at all. What was read somewhere else is looked at with this first."""
    numbers = re.findall(r"\d+", version[:101])
    if not (NAME.fullmatch(name) and TEXT.fullmatch(version) and all(len(number) <= LONGEST_NUMBER for number in numbers)):
        return False
    try:
        return name in SYSTEM or bool(Version(version))
    except InvalidVersion:
        return False


def is_newer(name: str, version: str, than: str) -> bool:
    """Whether ``version`` of a component is newer than another one; both are plausible."""
    if name in SYSTEM:
        return pieces(version) > pieces(than)
    return Version(version) > Version(than)


def pieces(version: str) -> tuple[tuple[bool, int, str], ...]:
    """What is compared piece by piece, as rpm does it: numbers as numbers, and a number after a word (rpm-version(7))."""
    found = re.findall(r"\d+|[A-Za-z]+", version)
    return tuple((piece.isdigit(), int(piece) if piece.isdigit() else 0, piece if piece.isalpha() else "") for piece in found)
