"""Whether somebody's script can take our block, which is bash. Pure."""

from __future__ import annotations

import re

SHELLS = {"bash", "sh"}
"""On Amazon Linux ``/bin/sh`` is bash, in its POSIX mode."""

WITH_VALUE = {"-u", "--unset", "-C", "--chdir"}
"""Options of ``env`` that take a value of their own (env(1))."""

COUNTS_ITS_LINES = re.compile(
    rb"""^[^#\n]*\b(?:tail\s+(?:-n\s*)?\+\d|head\s+-(?:n\s*)?\d|sed\b[^\n|]*['"\s]\d+[,qdp])[^\n|]*["\s]\$\{?(?:0\b|BASH_SOURCE)""",
    re.MULTILINE,
)
"""A script that reads on from a line of itself, as archives that extract themselves do. Our block would move that line."""


class NotMerged(Exception):
    """Our block is not put in, or not taken out.

    Args:
        code: ``damaged``, ``edited``, ``absent``, ``too-long``, ``not-text``, ``not-bash`` or ``reads-itself``.
        message: why, and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def check(script: bytes) -> None:
    """See whether bash runs it, as far as that can be seen.

    Raises:
        NotMerged: it is none that bash reads.
    """
    if b"\0" in script:
        raise NotMerged("not-text", "it is no text that bash reads: it has NUL bytes, as UTF-16 and programs have")
    shell = interpreter(script)
    if shell is not None and shell not in SHELLS:
        raise NotMerged(
            "not-bash",
            f"it is a script of {shell}, and our block is one of bash. Keep it as a file on the volume or on S3, and let a "
            "script of bash call it; ours goes into that one",
        )
    if COUNTS_ITS_LINES.search(script):
        raise NotMerged(
            "reads-itself",
            "it reads on from a line of itself that it knows by number, and our block would move that line. Let it look for a "
            "mark in the line instead, or keep what it reads in a file of its own",
        )


def interpreter(script: bytes) -> str | None:
    """The name of what runs it, as its first line says; ``None`` without ``#!``: then a shell runs it (execve(2), ENOEXEC)."""
    if not script.startswith(b"#!"):
        return None
    arguments = script.partition(b"\n")[0][2:].decode("utf-8", "replace").split()
    if arguments and arguments[0].rpartition("/")[2] == "env":
        arguments = _after_env(arguments[1:])
    return arguments[0].rpartition("/")[2] if arguments else None


def _after_env(arguments: list[str]) -> list[str]:
    """What ``env`` runs: its own options and the variables that it sets come first."""
    while arguments and (arguments[0].startswith("-") or "=" in arguments[0]):
        arguments = arguments[2:] if arguments[0] in WITH_VALUE else arguments[1:]
    return arguments


def grouped(number: int) -> str:
    """A figure as a person reads it."""
    return f"{number:,}"
