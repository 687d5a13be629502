"""Runs pip in an environment as its user would in a terminal: same user, same configuration, same variables."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.subprocess import READ_BYTES, drain, low_priority_process
from ..util.text import ellipsize
from .package import NAME, normalized

MAX_SUMMARY_CHARACTERS = 300
COLLECTING = re.compile(r"(?:Collecting|Requirement already satisfied:) (?P<name>[A-Za-z0-9._-]+)")
INSTALLING = "Installing collected packages: "
USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]+@", re.IGNORECASE)
QUERY = re.compile(r"(?P<url>[a-z][a-z0-9+.-]*://[^\s?#]+)\?[^\s#)'\"]+", re.IGNORECASE)
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def names_in(line: str) -> list[str]:
    """Return the normalized names of the packages that a line of pip's output is about."""
    if line.startswith(INSTALLING):
        return [normalized(name) for name in line.removeprefix(INSTALLING).split(", ") if NAME.fullmatch(name)]
    match = COLLECTING.match(line)
    return [normalized(match["name"])] if match and NAME.fullmatch(match["name"]) else []


def is_installing(line: str) -> bool:
    """Return whether pip changes files from this line of its output on."""
    return line.startswith(INSTALLING)


def error_summary(lines: Iterable[str]) -> str:
    """Return why pip failed: the last line that it calls an error, else its last line. Without secrets."""
    said = [line for text in lines if (line := " ".join(ESCAPES.sub("", text).split()))]
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
    summary = masked((errors or said or [""])[-1])
    return ellipsize(summary, MAX_SUMMARY_CHARACTERS)


def masked(text: str) -> str:
    """Return a text without what its URLs may hold of secrets: a user with a password or a token, and a signed query."""
    return QUERY.sub(r"\g<url>?***", USER.sub(r"\g<scheme>***@", text))


MAX_OUTPUT_LINES = 200
"""Last lines of the output in which the reason of a failure is looked for."""

PIP_ARGUMENTS = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")


class PipFailed(Exception):
    """pip has not installed what it should.

    Args:
        code: ``pip`` or ``timeout``.
        detail: more about it, in machine text.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class Pip(LoggingConfigurable):
    """Runs one pip at a time, with low priority, and never leaves it behind."""

    package_seconds = Float(300.0, min=1.0, help="Time limit in seconds per package.").tag(config=True)
    run_seconds = Float(3600.0, min=1.0, help="Time limit in seconds for reinstalling packages in all environments.").tag(
        config=True
    )

    async def install(
        self,
        python: Path,
        requirements: Iterable[str],
        timeout_seconds: float,
        on_line: Callable[[str], None],
        fds: tuple[int, ...] = (),
    ) -> None:
        """Install packages together. When cancelled, pip ends with all that it has started.

        Args:
            python: interpreter of the environment.
            requirements: lines that pip gets on its standard input: command lines are visible to everybody.
            timeout_seconds: seconds that it may take.
            on_line: called with each line of its output.
            fds: file descriptors that pip holds too, so that a lock lasts as long as it runs, even without this process.

        Raises:
            PipFailed: it did not work.
        """
        lines: deque[str] = deque(maxlen=MAX_OUTPUT_LINES)

        def remember(line: str) -> None:
            lines.append(line)
            on_line(line)

        command = [str(python), *PIP_ARGUMENTS, "--requirement", "/dev/stdin"]
        pipe = asyncio.subprocess.PIPE
        options: dict[str, Any] = {"stdin": pipe, "stdout": pipe, "stderr": asyncio.subprocess.STDOUT, "pass_fds": fds}
        options["cwd"] = "/"  # -m looks for pip in the working folder first
        try:
            async with low_priority_process(command, timeout_seconds, graceful=True, **options) as process:
                try:
                    text = "".join(f"{line}\n" for line in requirements)
                    await asyncio.wait_for(_communicate(process, text, remember), timeout_seconds)
                finally:
                    if any(map(is_installing, lines)):
                        await drain(process)  # what is being installed may be completed
        except asyncio.TimeoutError as error:
            raise PipFailed("timeout", f"{timeout_seconds:.0f}") from error
        except OSError as error:
            raise PipFailed("pip", error.strerror or str(error)) from error
        if process.returncode:
            raise PipFailed("pip", error_summary(lines) or f"it ended with {process.returncode}")


async def _communicate(process: asyncio.subprocess.Process, text: str, on_line: Callable[[str], None]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(text.encode())
            await process.stdin.drain()
        process.stdin.close()
    rest = b""
    while process.stdout is not None and (chunk := await process.stdout.read(READ_BYTES)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            on_line(line.decode("utf-8", "replace").rstrip())
        rest = rest[-READ_BYTES:]
    if rest:
        on_line(rest.decode("utf-8", "replace").rstrip())
    await process.wait()
