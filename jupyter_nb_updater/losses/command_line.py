"""What a command line says of its program. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import cache
from pathlib import PurePath
from typing import Literal

from .proc import Process

SHELLS = {"ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "nu", "pwsh", "sh", "tcsh", "xonsh", "zsh"}
INTERPRETERS = ("python", "node", "perl", "ruby", "bash", "sh")
WITH_VALUE = {"--rcfile", "--init-file", "-o", "-O"}
LONGEST = 200

MultiplexerKind = Literal["tmux", "screen", "docker"]


def program(argv: Sequence[str]) -> str:
    """The name of the program; of the script or module (``-m``) where it is one for an interpreter."""
    name = PurePath(argv[0].lstrip("-")).name
    if len(argv) > 1 and name.startswith(INTERPRETERS):
        if not argv[1].startswith("-"):
            return PurePath(argv[1]).name
        if argv[1] == "-m" and len(argv) > 2:  # noqa: PLR2004  a word for each of python -m module
            return argv[2]
    return name


def is_prompt(argv: Sequence[str]) -> bool:
    """Whether this is a shell with nothing to do of its own: neither a script nor a command (``-c``) was given to it."""
    if program(argv) not in SHELLS:
        return False
    one_line = iter(argv[1:])
    for word in one_line:
        if word in WITH_VALUE:
            next(one_line, None)
        elif not word.startswith("-") or ("c" in word and not word.startswith("--")):
            return False
    return True


def multiplexer_kind(process: Process, argv: Sequence[str]) -> MultiplexerKind | None:
    """Whether other work goes on inside this process, out of sight of any terminal, and of which kind.

    tmux names its server ``tmux: server`` (prctl(2), ``proc_start`` in tmux's proc.c); screen writes ``SCREEN`` over its own
    first word (screen.c); each Docker container has a ``containerd-shim`` as its parent (containerd, runtime v2).
    """
    if process.name.startswith("tmux: server"):
        return "tmux"
    if PurePath(argv[0]).name == "SCREEN":
        return "screen"
    return "docker" if is_container(process) else None


def is_container(process: Process) -> bool:
    """Whether this holds a container. It is root's whoever asked for it, unless Docker is the user's own (rootless)."""
    return process.name.startswith("containerd-shim")


def is_window(process: Process, argv: Sequence[str]) -> bool:
    """Whether this only shows what goes on in a tmux or screen."""
    return process.name.startswith("tmux: client") or PurePath(argv[0]).name in {"tmux", "screen"}


def matches(patterns: Iterable[str], process: Process, argv: Sequence[str]) -> bool:
    """Whether a pattern is the whole of the process' name, of its program's, or of its command line."""
    one = _one_pattern(tuple(patterns))
    return any(map(one.match, (process.name, program(argv), " ".join(argv))))


@cache
def _one_pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """All patterns as one: it is matched against every process. It matches nothing when there are none."""
    return re.compile("|".join(map(translate, patterns)) or "(?!)")


def one_line(argv: Sequence[str], longest: int = LONGEST) -> str:
    """The command line as one line of text of bounded length."""
    text = " ".join("".join(c if c.isprintable() else " " for c in " ".join(argv)).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
