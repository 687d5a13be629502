"""Runs pip in an environment, as its user would in a terminal: the same user, the same configuration, the same variables."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.text import ellipsize
from .package import NAME, normalized

MAX_SUMMARY_CHARACTERS = 300
COLLECTING = re.compile(r"(?:Collecting|Requirement already satisfied:) (?P<name>[A-Za-z0-9._-]+)")
INSTALLING = "Installing collected packages: "
USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]+@", re.IGNORECASE)
QUERY = re.compile(r"(?P<url>[a-z][a-z0-9+.-]*://[^\s?#]+)\?[^\s#)'\"]+", re.IGNORECASE)
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def names_in(line: str) -> list[str]:
    """The packages that a line says are at work now, normalized."""
    if line.startswith(INSTALLING):
        return [normalized(name) for name in line.removeprefix(INSTALLING).split(", ") if NAME.fullmatch(name)]
    match = COLLECTING.match(line)
    return [normalized(match["name"])] if match and NAME.fullmatch(match["name"]) else []


def is_installing(line: str) -> bool:
    """Whether files are being changed from here on."""
    return line.startswith(INSTALLING)


def error_summary(lines: Iterable[str]) -> str:
    """Why it failed, in its own words: the last line that it calls an error, else the last one. Without secrets."""
    said = [line for text in lines if (line := " ".join(ESCAPES.sub("", text).split()))]
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
    words = masked((errors or said or [""])[-1])
    return ellipsize(words, MAX_SUMMARY_CHARACTERS)


def masked(text: str) -> str:
    """Without what a URL may hold of secrets: a user with a password or a token, and a signed query."""
    return QUERY.sub(r"\g<url>?***", USER.sub(r"\g<scheme>***@", text))


ENDING_SECONDS = 5.0
"""For what is being installed to be whole, and again for a pip that is to end."""
WORDS = 200
"""Lines of which the last words are chosen."""


class PipFailed(Exception):
    """It did not install what it should: ``pip`` or ``timeout``, and a detail in machine text."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class Pip(LoggingConfigurable):
    """One pip at a time, behind everybody else for processor, disk and memory, and never left behind."""

    package_seconds = Float(300.0, min=1.0, help="Seconds that pip may take for each package.").tag(config=True)
    run_seconds = Float(3600.0, min=1.0, help="Seconds that putting everything back may take.").tag(config=True)

    pid: int | None = None
    """Of the process group that runs now."""

    async def install(
        self, python: Path, requirements: Iterable[str], seconds: float, said: Callable[[str], None], held: tuple[int, ...] = ()
    ) -> None:
        """Install them together. Who waits no longer cancels this, and pip ends with all that it has started.

        Args:
            python: of the environment.
            requirements: lines, which pip gets on its standard input: the names of processes are for everybody to see.
            seconds: that it may take.
            said: is told each line of what it says.
            held: descriptors that stay open as long as it runs, even if this process is gone.

        Raises:
            PipFailed: it did not work.
        """
        lines: deque[str] = deque(maxlen=WORDS)

        def heard(line: str) -> None:
            lines.append(line)
            said(line)

        try:
            process = await _start(_command(python, seconds), held)
        except OSError as error:
            raise PipFailed("pip", error.strerror or str(error)) from error
        self.pid = process.pid
        try:
            _yield_memory(process.pid)
            await asyncio.wait_for(_talk(process, "".join(f"{line}\n" for line in requirements), heard), seconds)
        except asyncio.TimeoutError as error:
            raise PipFailed("timeout", f"{seconds:.0f}") from error
        finally:
            await _end(process, lets_finish=any(map(is_installing, lines)))
            self.pid = None
        if process.returncode:
            raise PipFailed("pip", error_summary(lines) or f"it ended with {process.returncode}")


def _command(python: Path, seconds: float) -> list[str]:
    """The line of pip, below those programs that are there. Should our own process be killed, ``timeout`` ends it."""
    bounded = ("timeout", "--signal=INT", f"--kill-after={ENDING_SECONDS:g}", f"{seconds + 2 * ENDING_SECONDS:g}")
    around = (("nice", "-n", "19"), ("ionice", "-c", "3"), bounded)
    words = [word for command in around if shutil.which(command[0]) for word in command]
    pip = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")
    return [*words, str(python), *pip, "--requirement", "/dev/stdin"]


async def _start(command: list[str], held: tuple[int, ...]) -> asyncio.subprocess.Process:
    """Its process. Being cancelled meanwhile waits for it: asyncio would do so for ever (seen with Python 3.11.7)."""
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd="/",  # -m looks for pip in the working folder first
            start_new_session=True,
            pass_fds=held,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await _end(await starting, lets_finish=False)
        raise


async def _talk(process: asyncio.subprocess.Process, requirements: str, said: Callable[[str], None]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(requirements.encode())
            await process.stdin.drain()
        process.stdin.close()
    rest = b""
    while process.stdout is not None and (chunk := await process.stdout.read(65536)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            said(line.decode("utf-8", "replace").rstrip())
        rest = rest[-65536:]
    if rest:
        said(rest.decode("utf-8", "replace").rstrip())
    await process.wait()


def _yield_memory(pid: int) -> None:
    """When memory is short, this program goes, and not somebody's kernel (``proc(5)``, ``oom_score_adj``)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", "ascii")


async def _end(process: asyncio.subprocess.Process, *, lets_finish: bool) -> None:
    """Nothing of the group is left, and nothing half installed, if that can be: without effect on one that has ended."""
    if lets_finish:
        await _wait(process)
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.returncode is None:
            _signal(process.pid, number)
            await _wait(process)
    _signal(process.pid, signal.SIGKILL)  # what it has left behind


async def _wait(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.communicate(), ENDING_SECONDS)  # what is left in the pipes is read, so that they close


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
