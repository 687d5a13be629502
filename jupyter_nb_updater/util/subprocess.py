"""Runs a program on the side: with what nobody else wants of the processor, bounded in output, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

LARGEST = 16 * 2**20
"""Bytes that a program may say. Who is a year behind reads a few megabytes of advisories."""

ENDING_SECONDS = 5.0
"""For a program that is to end, and for the remains of one that was killed."""

OF_OTHERS = ("PYTHON", "LD_")
"""Variables of Jupyter's own environment that would keep a program of the system from finding its own libraries."""

_running: set[int] = set()


class ProgramFailed(Exception):
    """It did not do what it was asked; the message is its own last line, or says what became of it."""


def running() -> frozenset[int]:
    """Process numbers of what runs now: nobody's work, so that no restart waits for it, and none asks for a word about it."""
    return frozenset(_running)


def environment() -> dict[str, str]:
    """Ours, so that proxies are found, but with words that can be read and times in UTC."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(OF_OTHERS)}
    return ours | {"LC_ALL": "C", "TZ": "UTC0"}


async def run_low_priority(command: Sequence[str], seconds: float) -> str:
    """What the program says on its standard output.

    Whoever waits no longer cancels this, and then the program and everything that it has started is killed: they are a process
    group of their own. Should our own process be killed meanwhile, ``timeout`` ends them.

    Args:
        command: the program's path and its arguments.
        seconds: that it may run.

    Raises:
        ProgramFailed: it ended with an error, or said too much.
        OSError: there is no such program.
    """
    process = await asyncio.create_subprocess_exec(
        *_wrapped(command, seconds),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    _running.add(process.pid)
    readers = [asyncio.create_task(_read(stream)) for stream in (process.stdout, process.stderr)]
    try:
        yield_memory(process.pid)
        said, complained = await asyncio.gather(*readers)
        code = await process.wait()
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        await _end(process)
        _running.discard(process.pid)
    if code:
        lines = [line.strip() for line in complained.splitlines() if line.strip()]
        raise ProgramFailed(lines[-1] if lines else f"it ended with {code}")
    return said


def _wrapped(command: Sequence[str], seconds: float) -> list[str]:
    """The command below those of coreutils(1) that are there."""
    around = (("nice", "-n", "19"), ("timeout", f"--kill-after={ENDING_SECONDS:g}", f"{seconds:g}"))
    return [*(word for words in around if shutil.which(words[0]) for word in words), *command]


async def _read(stream: asyncio.StreamReader | None) -> str:
    said = bytearray()
    while stream is not None and (chunk := await stream.read(65536)):
        said += chunk
        if len(said) > LARGEST:
            raise ProgramFailed(f"it said more than {LARGEST >> 20} MiB")
    return said.decode("utf-8", "replace")


def yield_memory(pid: int) -> None:
    """When memory is short, this program goes, and not somebody's kernel (``proc(5)``, ``oom_score_adj``)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", "ascii")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the group; without effect on one that has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.communicate(), ENDING_SECONDS)  # what is left in the pipes is read, so that they close
