"""Runs programs for us, such as pip and dnf: with low priority, bounded in time and output, and never left behind."""

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
"""Bytes that a program may write. The advisories of a year are a few megabytes."""

KILL_DELAY_SECONDS = 5.0
"""Seconds that a program has to end after a signal, and that are waited for the rest of its output."""

READ_BYTES = 65536
"""Bytes that are read at once."""

FOREIGN_VARIABLES = ("PYTHON", "LD_")
"""Prefixes of variables of Jupyter's own environment that would keep a program of the system from finding its libraries."""

_running: set[int] = set()


class ProgramFailed(Exception):
    """A program has ended with an error. The message is its own last line, or says what became of it."""


def running() -> frozenset[int]:
    """Return the ids of the processes that run for us now. They are not counted as anybody's work."""
    return frozenset(_running)


def system_environment() -> dict[str, str]:
    """Return variables for a program of the system: ours, so that proxies are found, but in English and with times in UTC."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_VARIABLES)}
    return ours | {"LC_ALL": "C", "TZ": "UTC0"}


async def run_low_priority(command: Sequence[str], timeout_seconds: float) -> str:
    """Run a program of the system and return its standard output. When cancelled, the program is killed.

    Args:
        command: path of the program, and its arguments.
        timeout_seconds: seconds that it may run.

    Raises:
        ProgramFailed: it ended with an error, took too long, or wrote too much.
        OSError: there is no such program.
    """
    pipe = asyncio.subprocess.PIPE
    options: dict[str, Any] = {"stdin": asyncio.subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "env": system_environment()}
    async with low_priority_process(command, timeout_seconds, **options) as process:
        readers = [asyncio.create_task(_read(stream)) for stream in (process.stdout, process.stderr)]
        try:
            limit = timeout_seconds + 2 * KILL_DELAY_SECONDS  # timeout(1) is first, where there is one
            output, errors = await asyncio.wait_for(asyncio.gather(*readers), limit)
            code = await process.wait()
        except asyncio.TimeoutError as error:
            raise ProgramFailed(f"it took longer than {timeout_seconds:g} s") from error
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
    if code:
        lines = [line.strip() for line in errors.splitlines() if line.strip()]
        raise ProgramFailed(lines[-1] if lines else f"it ended with {code}")
    return output


@contextlib.asynccontextmanager
async def low_priority_process(
    command: Sequence[str], timeout_seconds: float, *, graceful: bool = False, **options: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program while the block runs; end it, with everything that it has started, when the block ends.

    The program is a process group of its own, gets what nobody else wants of processor and disk, and is the first to be killed
    when memory is short. Should our own process be killed meanwhile, ``timeout(1)`` ends it.

    Args:
        command: path of the program, and its arguments.
        timeout_seconds: seconds that it may run. The caller bounds the block; this bound holds without us, too.
        graceful: whether it is interrupted, and may clean up, before it is killed.
        **options: of ``asyncio.create_subprocess_exec``.

    Raises:
        OSError: there is no such program.
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
    """Wait a bounded time for the end of a program; read the rest of its output, so that its pipes close."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.communicate(), KILL_DELAY_SECONDS)


def _wrap(command: Sequence[str], timeout_seconds: float, *, graceful: bool) -> list[str]:
    """Return the command behind those wrappers that are installed."""
    timeout = ["timeout", f"--kill-after={KILL_DELAY_SECONDS:g}"]
    if graceful:  # then we end it ourselves, and this is for the case that we do not live any more
        timeout += ["--signal=INT", f"{timeout_seconds + 2 * KILL_DELAY_SECONDS:g}"]
    else:
        timeout.append(f"{timeout_seconds:g}")
    wrappers = (["nice", "-n", "19"], ["ionice", "-c", "3"], timeout)
    return [*(word for wrapper in wrappers if shutil.which(wrapper[0]) for word in wrapper), *command]


async def _start(command: list[str], options: dict[str, Any]) -> asyncio.subprocess.Process:
    """Start a program. When cancelled, wait for it: asyncio would wait forever (seen with Python 3.11.7)."""
    starting = asyncio.create_task(asyncio.create_subprocess_exec(*command, start_new_session=True, **options))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            await _end(await starting, graceful=True)
        raise


def _yield_memory(pid: int) -> None:
    """When memory is short, have this program killed, and not somebody's kernel (``proc(5)``, ``oom_score_adj``)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", "ascii")


async def _read(stream: asyncio.StreamReader | None) -> str:
    output = bytearray()
    while stream is not None and (chunk := await stream.read(READ_BYTES)):
        output += chunk
        if len(output) > MAX_OUTPUT_BYTES:
            raise ProgramFailed(f"it said more than {MAX_OUTPUT_BYTES >> 20} MiB")
    return output.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process, *, graceful: bool) -> None:
    """End the whole process group; without effect on one that has ended."""
    if graceful and process.returncode is None:
        _signal_group(process.pid, signal.SIGINT)
        await drain(process)
    _signal_group(process.pid, signal.SIGKILL)  # also what it has left behind
    await drain(process)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
