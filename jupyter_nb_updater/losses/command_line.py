"""Interpret command lines: the name of the program, whether it is a shell at its prompt, and whether to ignore it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import cache
from pathlib import PurePath
from typing import Literal

from ..util.text import ellipsize, is_hidden
from .proc import Process

SHELLS = {"ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "zsh"}
SHELL_OPTIONS_WITH_VALUE = {"--rcfile", "--init-file", "-o", "-O"}
INTERPRETER_PREFIXES = ("python", "node", "perl", "ruby", "bash", "sh")
MAX_LINE_CHARS = 200

MultiplexerKind = Literal["tmux", "screen", "docker"]


class ProgramPatterns:
    """Patterns of programs to ignore."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile the patterns into one, because it is matched against every process.

        Args:
            patterns: patterns for :mod:`fnmatch`. Without any, nothing matches.
        """
        self._pattern = _compile(tuple(patterns))

    def match(self, process: Process, argv: Sequence[str]) -> bool:
        """Check whether a pattern matches the name of the process, the name of its program, or its whole command line.

        Args:
            process: the process.
            argv: its command line.
        """
        return any(map(self._pattern.match, (process.name, program(argv), " ".join(argv))))


@cache
def _compile(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or "(?!)")


def program(argv: Sequence[str]) -> str:
    """Return the name of the program or, for an interpreter, of its script or module (``-m``).

    Args:
        argv: the command line.
    """
    name = PurePath(argv[0].lstrip("-")).name
    if len(argv) > 1 and name.startswith(INTERPRETER_PREFIXES):
        if not argv[1].startswith("-"):
            return PurePath(argv[1]).name
        if argv[1] == "-m" and len(argv) > 2:  # noqa: PLR2004  python -m module
            return argv[2]
    return name


def is_prompt(argv: Sequence[str]) -> bool:
    """Check whether this is a shell without a script or a command (``-c``), which waits at its prompt.

    Args:
        argv: the command line.
    """
    if program(argv) not in SHELLS:
        return False
    arguments = iter(argv[1:])
    for argument in arguments:
        if argument in SHELL_OPTIONS_WITH_VALUE:
            next(arguments, None)
        elif not argument.startswith("-") or ("c" in argument and not argument.startswith("--")):
            return False
    return True


def multiplexer_kind(process: Process, argv: Sequence[str]) -> MultiplexerKind | None:
    """Return which kind of program runs other work outside of any terminal; ``None`` for any other program.

    tmux names its server ``tmux: server`` (prctl(2), ``proc_start`` in tmux's proc.c); screen writes ``SCREEN`` over its first
    word (screen.c); every Docker container has a ``containerd-shim`` as its parent (containerd, runtime v2).

    Args:
        process: the process.
        argv: its command line.
    """
    if process.name.startswith("tmux: server"):
        return "tmux"
    if PurePath(argv[0]).name == "SCREEN":
        return "screen"
    return "docker" if is_container(process) else None


def is_multiplexer_client(process: Process, argv: Sequence[str]) -> bool:
    """Check whether this only displays a tmux or screen session.

    Args:
        process: the process.
        argv: its command line.
    """
    return process.name.startswith("tmux: client") or PurePath(argv[0]).name in {"tmux", "screen"}


def is_container(process: Process) -> bool:
    """Check whether this process runs a container. It belongs to root, unless Docker is rootless.

    Args:
        process: the process.
    """
    return process.name.startswith("containerd-shim")


def one_line(argv: Sequence[str], max_chars: int = MAX_LINE_CHARS) -> str:
    """Return a command line as one line of printable text.

    Args:
        argv: the command line.
        max_chars: maximum length in characters; a longer text ends with an ellipsis.
    """
    text = " ".join("".join(c if c.isprintable() and not is_hidden(c) else " " for c in " ".join(argv)).split())
    return ellipsize(text, max_chars)
