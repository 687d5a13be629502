"""Run low-priority subprocesses such as pip and dnf, with a time limit and an output limit, and never leave one behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

MAX_OUTPUT_BYTES = 16 * 2**20
"""Maximum output of a program, in bytes. The advisories of a year have a few megabytes."""

KILL_DELAY_SECONDS = 5.0
"""Time in seconds for a program to end after a signal, and to read the rest of its output."""

READ_BYTES = 65536
"""Number of bytes to read at once."""

FOREIGN_VARIABLES = ("PYTHON", "LD_")
"""Prefixes of environment variables that would make a system program load the wrong libraries."""

_running: set[int] = set()


class ProgramFailed(Exception):
    """A program failed. The message is its last line of output, or a description."""


def running() -> frozenset[int]:
    """Return the ids of our running subprocesses, which do not count as work of the user."""
    return frozenset(_running)


def system_environment() -> dict[str, str]:
    """Return environment variables for a system program: ours, for proxies, but with English messages and UTC."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
    return ours | {"LC_ALL": "C", "TZ": "UTC0"}


async def run_low_priority(command: Sequence[str], timeout_seconds: float) -> str:
    """Run a system program and return its standard output. If canceled, kill the program.

    Args:
        command: path of the program, and its arguments.
        timeout_seconds: time limit in seconds.

    Raises:
        ProgramFailed: the program returned an error, took too long, or wrote too much.
        OSError: the program does not exist.
    """
    pipe = asyncio.subprocess.PIPE
    options: dict[str, Any] = {"stdin": asyncio.subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "env": system_environment()}
    async with low_priority_process(command, timeout_seconds, **options) as process:
        readers = [asyncio.create_task(_read(stream)) for stream in (process.stdout, process.stderr)]
        try:
            limit = timeout_seconds + 2 * KILL_DELAY_SECONDS  # timeout(1) acts first, if it is installed
            output, errors = await asyncio.wait_for(asyncio.gather(*readers), limit)
            code = await process.wait()
        except asyncio.TimeoutError as error:
            raise ProgramFailed(f"the program took longer than {timeout_seconds:g} s") from error
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
    if code:
        lines = [line.strip() for line in errors.splitlines() if line.strip()]
        raise ProgramFailed(lines[-1] if lines else f"the program ended with exit code {code}")
    return output


@contextlib.asynccontextmanager
async def low_priority_process(
    command: Sequence[str], timeout_seconds: float, *, graceful: bool = False, **options: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program during a ``with`` block, and end it with all its descendants at the end of the block.

    The program has its own process group, low CPU and disk priority, and is the first to be killed when memory is short. If
    our own process is killed, ``timeout(1)`` ends the program.

    Args:
        command: path of the program, and its arguments.
        timeout_seconds: time limit in seconds that also holds without us. The caller limits the block.
        graceful: whether to interrupt the program, so that it can clean up, before killing it.
        **options: options of ``asyncio.create_subprocess_exec``.

    Raises:
        OSError: the program does not exist.
    """
    process = await _start(_wrap(command, timeout_seconds, graceful=graceful), options)
    _running.add(process.pid)
    try:
        _yield_memory(process.pid)
        yield process
    finally:
        await _end(process, graceful=graceful)
        _running.discard(process.pid)


async def drain(process: asyncio.subprocess.Process) -> None:
    """Wait a limited time for the end of a program, and read the rest of its output, so that its pipes close."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.communicate(), KILL_DELAY_SECONDS)


def _wrap(command: Sequence[str], timeout_seconds: float, *, graceful: bool) -> list[str]:
    """Return the command preceded by those wrappers that are installed."""
    timeout = ["timeout", f"--kill-after={KILL_DELAY_SECONDS:g}"]
    if graceful:  # we end it ourselves; this is in case we are killed
        timeout += ["--signal=INT", f"{timeout_seconds + 2 * KILL_DELAY_SECONDS:g}"]
    else:
        timeout.append(f"{timeout_seconds:g}")
    wrappers = (["nice", "-n", "19"], ["ionice", "-c", "3"], timeout)
    return [*(word for wrapper in wrappers if shutil.which(wrapper[0]) for word in wrapper), *command]


async def _start(command: list[str], options: dict[str, Any]) -> asyncio.subprocess.Process:
    """Start a program. If canceled, wait until it has started: asyncio would hang otherwise (seen with Python 3.11.7)."""
    starting = asyncio.create_task(asyncio.create_subprocess_exec(*command, start_new_session=True, **options))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await _end(await starting, graceful=True)
        raise


def _yield_memory(pid: int) -> None:
    """Make the kernel kill this program rather than a Jupyter kernel when memory is short (``proc(5)``, ``oom_score_adj``)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", "ascii")


async def _read(stream: asyncio.StreamReader | None) -> str:
    output = bytearray()
    while stream is not None and (chunk := await stream.read(READ_BYTES)):
        output += chunk
        if len(output) > MAX_OUTPUT_BYTES:
            raise ProgramFailed(f"the program wrote more than {MAX_OUTPUT_BYTES >> 20} MiB")
    return output.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process, *, graceful: bool) -> None:
    """End the whole process group. Does nothing if it has ended."""
    if graceful and process.returncode is None:
        _signal_group(process.pid, signal.SIGINT)
        await drain(process)
    _signal_group(process.pid, signal.SIGKILL)  # also descendants that it left behind
    await drain(process)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
