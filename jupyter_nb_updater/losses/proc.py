"""All processes at one moment: their parents, since when they run, and what they hold in memory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

PROC = Path("/proc")
MAX_READ_BYTES = 4096
"""Bytes of a command line that are read; the line of ``stat`` is far shorter."""


def read_processes() -> ProcessTable:
    """Read all processes that run now, with one small read for each.

    Raises:
        OSError: they cannot be seen. That is never "nothing runs".
    """
    reader = ProcfsReader() if PROC.joinpath("self", "stat").exists() else PsutilReader()
    return ProcessTable(reader.processes(), reader)


@dataclass(frozen=True)
class Process:
    """One process.

    Args:
        pid: its process id.
        parent: process id of its parent.
        name: name of its program, 15 characters at most.
        state: ``R``, ``S``, ``Z`` (a zombie), ``T`` (stopped) and so on, as in ``/proc/<pid>/stat`` (proc(5)).
        group: its process group.
        session: its session.
        has_terminal: whether it has a controlling terminal.
        foreground: the process group in the foreground of that terminal; -1 when not known.
        started: when it started, in seconds since the epoch.
        memory: resident memory in bytes.
    """

    pid: int
    parent: int
    name: str
    state: str
    group: int
    session: int
    has_terminal: bool
    foreground: int
    started: float
    memory: int


class ProcessReader(Protocol):
    """Reads facts of a single process, each of which costs a system call."""

    def argv(self, pid: int) -> list[str]:
        """Return the command line; nothing when the process has ended."""
        ...

    def owner(self, pid: int) -> int | None:
        """Return the user id; ``None`` when the process has ended."""
        ...

    def is_alive(self, pid: int) -> bool:
        """Return whether the process still runs and is no zombie."""
        ...


class ProcessTable:
    """The processes at one moment. What costs a read each is only read for those that are asked about."""

    def __init__(self, processes: Iterable[Process], reader: ProcessReader) -> None:
        """Index the processes.

        Args:
            processes: everything that runs.
            reader: reads further facts of one of them.
        """
        self._reader = reader
        self._processes = {process.pid: process for process in processes}
        self._children: dict[int, list[Process]] = defaultdict(list)
        for process in self._processes.values():
            self._children[process.parent].append(process)

    def get(self, pid: int | None) -> Process | None:
        """Return the process with this id, if there is one."""
        return None if pid is None else self._processes.get(pid)

    def group(self, group: int) -> list[Process]:
        """Return the members of a process group, the oldest first."""
        members = [process for process in self._processes.values() if process.group == group]
        return sorted(members, key=lambda process: (process.started, process.pid))

    def children(self, pid: int) -> list[Process]:
        """Return the children of a process."""
        return self._children.get(pid, [])

    def tree(self, pid: int) -> Iterator[Process]:
        """Iterate over a process and all its descendants."""
        pending = [process for process in [self.get(pid)] if process]
        while pending:
            process = pending.pop()
            yield process
            pending += self.children(process.pid)

    def lineage(self, pid: int) -> list[int]:
        """Return the ids of a process and all its ancestors."""
        pids: list[int] = []
        while (process := self.get(pid)) is not None and pid not in pids:
            pids.append(pid)
            pid = process.parent
        return pids

    def memory(self, pid: int) -> int:
        """Sum the bytes that a process and its descendants hold. What they share is counted for each: it is an upper bound."""
        return sum(process.memory for process in self.tree(pid))

    def argv(self, process: Process) -> list[str]:
        """Return its command line; its name where there is none, such as just after its end."""
        argv = self._reader.argv(process.pid)
        return argv if argv and argv[0] else [process.name]

    def owner(self, process: Process) -> int | None:
        """Return its user id; ``None`` when it has just ended."""
        return self._reader.owner(process.pid)

    def has_ended(self, process: Process) -> bool:
        """Return whether it holds nothing any more, read anew: some time passes after all processes were read."""
        return process.state == "Z" or not self._reader.is_alive(process.pid)


class ProcfsReader:
    """Reads processes from ``/proc``, by as few system calls as can be: there are some for each process."""

    def processes(self) -> Iterator[Process]:
        """Iterate over all processes."""
        clock = _kernel_clock()
        with os.scandir(PROC) as entries:
            pids = [entry.name for entry in entries if entry.name.isdigit()]
        for pid in pids:
            try:
                yield parse_stat(_read_beginning(f"{PROC}/{pid}/stat"), *clock)
            except OSError:  # it has ended since
                continue

    def argv(self, pid: int) -> list[str]:
        """Return the command line; nothing when the process has ended."""
        try:
            return _read_beginning(f"{PROC}/{pid}/cmdline").rstrip("\0").split("\0")
        except OSError:
            return []

    def owner(self, pid: int) -> int | None:
        """Return the user id; ``None`` when the process has ended."""
        try:
            return PROC.joinpath(str(pid)).stat().st_uid
        except OSError:
            return None

    def is_alive(self, pid: int) -> bool:
        """Return whether it has memory (``vsize``, proc(5)): one that ends gives it back before it is a zombie."""
        try:
            return _read_beginning(f"{PROC}/{pid}/stat").rpartition(") ")[2].split()[20] != "0"
        except OSError:
            return False


def parse_stat(stat: str, booted: float, ticks_per_second: int, page_bytes: int) -> Process:
    """Parse a process' line in ``/proc/<pid>/stat`` (proc(5)).

    Args:
        stat: the line. The name in it is in parentheses and may hold any character, parentheses too.
        booted: when the machine booted, in seconds since the epoch.
        ticks_per_second: of the kernel's clock.
        page_bytes: bytes in a page of memory.
    """
    pid, _, rest = stat.partition(" (")
    name, _, rest = rest.rpartition(") ")
    state, parent, group, session, terminal, foreground, *more = rest.split()
    return Process(
        pid=int(pid),
        parent=int(parent),
        name=name,
        state=state,
        group=int(group),
        session=int(session),
        has_terminal=terminal != "0",
        foreground=int(foreground),
        started=booted + int(more[13]) / ticks_per_second,
        memory=int(more[15]) * page_bytes,
    )


@cache
def _kernel_clock() -> tuple[float, int, int]:
    """Return when the kernel's clock began, its ticks in a second, and the bytes in a page.

    Read once: when the clock is set later, the first moves, and with it the starts of all processes, by which they are known.
    """
    lines = PROC.joinpath("stat").read_text("utf-8").splitlines()
    booted = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
    return booted, os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def _read_beginning(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, MAX_READ_BYTES).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


class PsutilReader:
    """Reads processes on a machine without ``/proc``, such as a developer's. Slower, and psutil is not loaded elsewhere."""

    def processes(self) -> Iterator[Process]:
        """Iterate over all processes that we may look at; the others are of another user, and so none of our business."""
        import psutil

        states = {psutil.STATUS_ZOMBIE: "Z", psutil.STATUS_STOPPED: "T"}
        for process in psutil.process_iter():
            try:
                with process.oneshot():
                    yield Process(
                        pid=process.pid,
                        parent=process.ppid(),
                        name=process.name(),
                        state=states.get(process.status(), "S"),
                        group=os.getpgid(process.pid),
                        session=os.getsid(process.pid),
                        has_terminal=process.terminal() is not None,
                        foreground=-1,
                        started=process.create_time(),
                        memory=process.memory_info().rss,
                    )
            except (psutil.Error, OSError):
                continue

    def argv(self, pid: int) -> list[str]:
        """Return the command line; nothing when the process has ended."""
        import psutil

        try:
            return psutil.Process(pid).cmdline()
        except psutil.Error:
            return []

    def owner(self, pid: int) -> int | None:
        """Return the user id; ``None`` when the process has ended."""
        import psutil

        try:
            return int(psutil.Process(pid).uids().real)
        except psutil.Error:
            return None

    def is_alive(self, pid: int) -> bool:
        """Return whether the process still runs and is no zombie."""
        import psutil

        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False
