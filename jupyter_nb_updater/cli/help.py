"""Layout of what a command prints: lines that fit the terminal, and a short help."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Generator, Iterable, Iterator
from typing import Any, TextIO

from jupyter_core.application import JupyterApp
from traitlets import Enum, HasTraits, TraitType

MAX_HELP_WIDTH = 100
"""Columns of the help on a wider terminal: longer lines are hard to read."""

MIN_COLUMN_WIDTH = 40
"""Columns that the last column of a table needs; with fewer, it moves to a line of its own."""

OPTION_WIDTH = 24
"""Columns of the names of options and commands; a longer one has its text in the next line."""

COMMON_OPTIONS = ("--config", "--json")
"""Options that nearly every command has; the help lists them last."""

GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
"""The space between two columns of a table."""


def terminal_width(stream: TextIO) -> int | None:
    """Return the width of the terminal, or ``COLUMNS``; ``None`` when the output goes to a file or a program.

    Args:
        stream: standard output or standard error.
    """
    return shutil.get_terminal_size().columns if stream.isatty() else None


def fit(line: str, width: int | None) -> str:
    """Wrap a line of text or of a table, so that the last column stays a column.

    Args:
        line: without line breaks; a text with line breaks is returned as it is.
        width: of the terminal, in columns; ``None`` wraps nothing.
    """
    if width is None or len(line) <= width or "\n" in line:
        return line
    indent = len(line) - len(line.lstrip())
    gaps = [found.end() for found in GAP.finditer(line)]
    if gaps and gaps[-1] > width - MIN_COLUMN_WIDTH:
        head, rest = line[: gaps[-1]].rstrip(), line[gaps[-1] :]
        return "\n".join([fit(head, width), *_wrapped(rest, width, indent + 4, indent + 4)])
    return "\n".join(_wrapped(line.lstrip(), width, indent, gaps[-1] if gaps else indent + 2 * bool(indent)))


def _wrapped(text: str, width: int, first: int, then: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * then,
        break_long_words=False,
        break_on_hyphens=False,
    )


EXIT_CODE = re.compile(r"(\d): (.+?)(?:, (?=\d:)|\.?$)")
"""One of ``exit_codes``."""


class HelpfulApp(JupyterApp):
    """An application whose ``--help`` fits on a screen. ``--help-all`` is that of traitlets."""

    argument = ""
    """Name of what the command takes besides options."""

    exit_codes = ""
    """What each exit code means, as ``0: …, 4: ….``"""

    def emit_help(self, classes: bool = False) -> Generator[str, None, None]:  # noqa: FBT001, FBT002  traitlets has declared it
        """Yield the lines of the help.

        Args:
            classes: whether ``--help-all`` was given, which lists every setting.
        """
        if classes:
            yield from super().emit_help(classes=True)
            return
        width = min(shutil.get_terminal_size().columns, MAX_HELP_WIDTH)
        command = command_line(str(self.name))
        what = " COMMAND" if self.subcommands else f" {self.argument}" if self.argument else ""
        yield f"Usage: {command}{what} [OPTIONS]"
        yield ""
        for paragraph in str(self.description).split("\n\n"):
            yield from textwrap.wrap(" ".join(paragraph.split()), width)
            yield ""
        yield from self.emit_commands(width)
        yield "Options:"
        rows = [*self._flag_rows(), *self._alias_rows()]
        for name, text in sorted(rows, key=lambda row: row[0].partition(" ")[0] in COMMON_OPTIONS):
            yield from _row(name, text, width)
        yield from _row("--help-all", "Show this help and every setting of the configuration file.", width)
        if self.exit_codes:
            yield ""
            yield "Exit codes:"
            for code, text in EXIT_CODE.findall(self.exit_codes):
                yield from _row(code, text, width, 1)
        if self.examples:
            yield ""
            yield "Examples:"
            for example in str(self.examples).strip().splitlines():
                yield from _example(example.strip(), width)

    def emit_commands(self, width: int) -> Iterator[str]:
        """Yield the commands below this one.

        Args:
            width: of a line, in columns.
        """
        if self.subcommands:
            yield "Commands:"
            yield from self.command_rows(self.subcommands, width)
            yield ""

    def command_rows(self, names: Iterable[str], width: int) -> Iterator[str]:
        """Yield a row for each of these commands.

        Args:
            names: of commands.
            width: of a line, in columns.
        """
        for name in names:
            yield from _row(name, str(self.subcommands[name][1]), width, OPTION_WIDTH - 10)

    def _flag_rows(self) -> Iterator[tuple[str, str]]:
        for names, (_, text) in self.flags.items():
            yield _names(names), text

    def _alias_rows(self) -> Iterator[tuple[str, str]]:
        for names, target in self.aliases.items():
            owner, _, name = target.partition(".")
            trait = self._owner(owner).class_traits(config=True)[name]
            longest = names if isinstance(names, str) else max(names, key=len)
            yield f"{_names(names)} {_placeholder(longest, trait)}", f"{trait.help}{_default(trait)}"

    def _owner(self, name: str) -> type[HasTraits]:
        return next(owner for part in (type(self), *self.classes) for owner in part.mro() if owner.__name__ == name)


def command_line(name: str) -> str:
    """Return how a person runs a command.

    Args:
        name: of the application, such as ``jupyter-nb-updater-stack-deploy``.
    """
    return " ".join(["jupyter nb-updater", *name.removeprefix("jupyter-nb-updater").split("-")[1:]])


def _names(names: str | tuple[str, ...]) -> str:
    return ", ".join(f"--{name}" if len(name) > 1 else f"-{name}" for name in ([names] if isinstance(names, str) else names))


def _placeholder(name: str, trait: TraitType[Any, Any]) -> str:
    given: str | None = trait.metadata.get("placeholder")
    if given is not None:
        return given
    return "|".join(map(str, trait.values or ())) if isinstance(trait, Enum) else name.rpartition("-")[2].upper()


def _default(trait: TraitType[Any, Any]) -> str:
    value = trait.default_value
    shown = isinstance(value, (str, int, float)) and value != "" and "Default:" not in str(trait.help)
    return f" Default: {value:g}." if shown and isinstance(value, float) else f" Default: {value}." if shown else ""


def _row(name: str, text: str, width: int, column: int = OPTION_WIDTH) -> Iterator[str]:
    lines = textwrap.wrap(" ".join(text.split()), width - column - 4, break_long_words=False, break_on_hyphens=False)
    if len(name) > column:
        yield f"  {name}"
    else:
        yield f"  {name:<{column}}  {lines.pop(0)}"
    yield from (f"{' ' * (column + 4)}{line}" for line in lines)


def _example(example: str, width: int) -> Iterator[str]:
    """Break before an option, so that the lines can be copied as they are."""
    joined = re.sub(r"(--[\w-]+) (?!-)", "\\1\N{NO-BREAK SPACE}", example)
    first, *more = textwrap.wrap(joined, width - 8, break_long_words=False, break_on_hyphens=False)
    lines = [f"  {first}", *(f"      {line}" for line in more)]
    yield " \\\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
