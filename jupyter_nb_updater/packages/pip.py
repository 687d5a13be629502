"""Run pip in an environment as the user would in a terminal: same user, configuration and environment variables."""

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
    """Return the normalized names of the packages in a line of pip's output."""
    if line.startswith(INSTALLING):
        return [normalized(name) for name in line.removeprefix(INSTALLING).split(", ") if NAME.fullmatch(name)]
    match = COLLECTING.match(line)
    return [normalized(match["name"])] if match and NAME.fullmatch(match["name"]) else []


def is_installing(line: str) -> bool:
    """Check whether pip changes files from this line of its output on."""
    return line.startswith(INSTALLING)


def error_summary(lines: Iterable[str]) -> str:
    """Return why pip failed: its last error line, or else its last line, without secrets."""
    said = [line for text in lines if (line := " ".join(ESCAPES.sub("", text).split()))]
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
    summary = masked((errors or said or [""])[-1])
    return ellipsize(summary, MAX_SUMMARY_CHARACTERS)


def masked(text: str) -> str:
    """Return a text without secrets in URLs: users with a password or a token, and signed queries."""
    return QUERY.sub(r"\g<url>?***", USER.sub(r"\g<scheme>***@", text))


MAX_OUTPUT_LINES = 200
"""Number of last output lines to search for the reason of a failure."""

PIP_ARGUMENTS = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")


class PipFailed(Exception):
    """pip failed to install the packages.

    Args:
        code: ``pip`` or ``timeout``.
        detail: details as machine-readable text.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class Pip(LoggingConfigurable):
    """Run one pip at a time, with low priority, and never leave it behind."""

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
        """Install packages together. If canceled, end pip with all its descendants.

        Args:
            python: interpreter of the environment.
            requirements: requirements, passed on standard input because command lines are visible to everyone.
            timeout_seconds: time limit in seconds.
            on_line: called with each line of the output.
            fds: file descriptors that pip inherits, so that a lock is held while it runs, even without this process.

        Raises:
            PipFailed: the packages could not be installed.
        """
        lines: deque[str] = deque(maxlen=MAX_OUTPUT_LINES)

        def remember(line: str) -> None:
            lines.append(line)
            on_line(line)

        command = [str(python), *PIP_ARGUMENTS, "--requirement", "/dev/stdin"]
        pipe = asyncio.subprocess.PIPE
        options: dict[str, Any] = {"stdin": pipe, "stdout": pipe, "stderr": asyncio.subprocess.STDOUT, "pass_fds": fds}
        options["cwd"] = "/"  # -m searches the working folder first
        try:
            async with low_priority_process(command, timeout_seconds, graceful=True, **options) as process:
                try:
                    text = "".join(f"{line}\n" for line in requirements)
                    await asyncio.wait_for(_communicate(process, text, remember), timeout_seconds)
                finally:
                    if any(map(is_installing, lines)):
                        await drain(process)  # let pip complete the installation
        except asyncio.TimeoutError as error:
            raise PipFailed("timeout", f"{timeout_seconds:.0f}") from error
        except OSError as error:
            raise PipFailed("pip", error.strerror or str(error)) from error
        if process.returncode:
            raise PipFailed("pip", error_summary(lines) or f"pip ended with exit code {process.returncode}")


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
