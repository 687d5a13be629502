"""Find and end all processes of the emulated machine, and no others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

MARK_VARIABLE = "NB_UPDATER_SANDBOX"


def descendants(pid: int) -> list[psutil.Process]:
    """Return all descendants of a process."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants."""
    try:
        return [psutil.Process(pid), *descendants(pid)]
    except psutil.NoSuchProcess:
        return []


def marked(mark: str) -> list[psutil.Process]:
    """Return all processes with this mark, whatever their parent."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK_VARIABLE) == mark:
                found.append(process)
        except (psutil.Error, OSError):  # ended, or of another user
            continue
    return found


def is_alive(process: psutil.Process) -> bool:
    """Check whether a process is running. A zombie is not."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end(processes: Iterable[psutil.Process], grace_seconds: float, timeout_seconds: float = 10.0) -> list[psutil.Process]:
    """Send SIGTERM, and SIGKILL after ``grace_seconds``. Return the processes left after ``timeout_seconds`` more."""
    present = list(processes)
    for process in present:
        _signal(process.terminate)
    _, present = psutil.wait_procs(present, timeout=grace_seconds)
    for process in present:
        _signal(process.kill)
    _, present = psutil.wait_procs(present, timeout=timeout_seconds)
    return [process for process in present if is_alive(process)]


def sweep(mark: str, timeout_seconds: float = 10.0) -> list[psutil.Process]:
    """Kill all processes with this mark. Return those left after ``timeout_seconds``."""
    deadline = time.monotonic() + timeout_seconds
    while present := [process for process in marked(mark) if process.pid != psutil.Process().pid]:
        if time.monotonic() > deadline:
            return present
        end(present, grace_seconds=0.0, timeout_seconds=1.0)
    return []


def kill(mark: str) -> None:
    """Send SIGKILL to all processes with this mark, without SIGTERM: a power cut."""
    deadline = time.monotonic() + 10.0
    while (present := marked(mark)) and time.monotonic() < deadline:
        for process in present:
            _signal(process.kill)
        psutil.wait_procs(present, timeout=1.0)


def _signal(send: Callable[[], None]) -> None:
    with suppress(psutil.NoSuchProcess):
        send()
