"""A snapshot of all processes: parents, start times and memory."""

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
"""Maximum size to read of a command line, in bytes; the line of ``stat`` is far shorter."""


def read_processes() -> ProcessTable:
    """Read all running processes, with one small read for each.

    Raises:
        OSError: the processes cannot be read, which never means that nothing is running.
    """
    reader = ProcfsReader() if PROC.joinpath("self", "stat").exists() else PsutilReader()
    return ProcessTable(reader.processes(), reader)


@dataclass(frozen=True)
class Process:
    """A process.

    Args:
        pid: its process id.
        parent: process id of its parent.
        name: name of its program, at most 15 characters.
        state: ``R``, ``S``, ``Z`` (a zombie), ``T`` (stopped) and so on, as in ``/proc/<pid>/stat`` (proc(5)).
        group: its process group.
        session: its session.
        has_terminal: whether it has a controlling terminal.
        foreground: process group in the foreground of that terminal; -1 if unknown.
        started: start time in seconds since the epoch.
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
    """Read facts of a single process, each of which costs a system call."""

    def argv(self, pid: int) -> list[str]:
        """Return the command line; empty if the process has ended."""
        ...

    def owner(self, pid: int) -> int | None:
        """Return the user id; ``None`` if the process has ended."""
        ...

    def is_alive(self, pid: int) -> bool:
        """Check whether the process is still running and not a zombie."""
        ...


class ProcessTable:
    """The processes in a snapshot. Facts that cost a read each are read only on request."""

    def __init__(self, processes: Iterable[Process], reader: ProcessReader) -> None:
        """Index the processes.

        Args:
            processes: all running processes.
            reader: reads further facts of a process.
        """
        self._reader = reader
        self._processes = {process.pid: process for process in processes}
        self._children: dict[int, list[Process]] = defaultdict(list)
        for process in self._processes.values():
            self._children[process.parent].append(process)

    def get(self, pid: int | None) -> Process | None:
        """Return the process with this id; ``None`` if there is none."""
        return None if pid is None else self._processes.get(pid)

    def group(self, group: int) -> list[Process]:
        """Return the members of a process group, oldest first."""
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
        """Return the memory of a process and its descendants, in bytes. Shared memory counts for each: an upper bound."""
        return sum(process.memory for process in self.tree(pid))

    def argv(self, process: Process) -> list[str]:
        """Return the command line of a process, or its name if there is none, as just after its end."""
        argv = self._reader.argv(process.pid)
        return argv if argv and argv[0] else [process.name]

    def owner(self, process: Process) -> int | None:
        """Return the user id of a process; ``None`` if it has just ended."""
        return self._reader.owner(process.pid)

    def has_ended(self, process: Process) -> bool:
        """Check whether a process has ended, by reading it again: the snapshot is some time old."""
        return process.state == "Z" or not self._reader.is_alive(process.pid)


class ProcfsReader:
    """Read processes from ``/proc``, with as few system calls as possible."""

    def processes(self) -> Iterator[Process]:
        """Iterate over all processes."""
        clock = _kernel_clock()
        with os.scandir(PROC) as entries:
            pids = [entry.name for entry in entries if entry.name.isdigit()]
        for pid in pids:
            try:
                yield parse_stat(_read_beginning(f"{PROC}/{pid}/stat"), *clock)
            except OSError:  # it has ended meanwhile
                continue

    def argv(self, pid: int) -> list[str]:
        """Return the command line; empty if the process has ended."""
        try:
            return _read_beginning(f"{PROC}/{pid}/cmdline").rstrip("\0").split("\0")
        except OSError:
            return []

    def owner(self, pid: int) -> int | None:
        """Return the user id; ``None`` if the process has ended."""
        try:
            return PROC.joinpath(str(pid)).stat().st_uid
        except OSError:
            return None

    def is_alive(self, pid: int) -> bool:
        """Check whether the process has memory (``vsize``, proc(5)), which it releases before it becomes a zombie."""
        try:
            return _read_beginning(f"{PROC}/{pid}/stat").rpartition(") ")[2].split()[20] != "0"
        except OSError:
            return False


def parse_stat(stat: str, booted: float, ticks_per_second: int, page_bytes: int) -> Process:
    """Parse ``/proc/<pid>/stat`` (proc(5)).

    Args:
        stat: content of the file. The name in parentheses may contain any character, also parentheses.
        booted: boot time in seconds since the epoch.
        ticks_per_second: ticks per second of the kernel's clock.
        page_bytes: size of a memory page in bytes.
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
    """Return the boot time, the ticks per second, and the page size in bytes.

    Read once: setting the clock moves the boot time, and with it the start times by which processes are identified.
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
    """Read processes on a machine without ``/proc``, such as a developer's. Slower; psutil is not imported elsewhere."""

    def processes(self) -> Iterator[Process]:
        """Iterate over all processes that we have permission to read; the others belong to other users."""
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
        """Return the command line; empty if the process has ended."""
        import psutil

        try:
            return psutil.Process(pid).cmdline()
        except psutil.Error:
            return []

    def owner(self, pid: int) -> int | None:
        """Return the user id; ``None`` if the process has ended."""
        import psutil

        try:
            return int(psutil.Process(pid).uids().real)
        except psutil.Error:
            return None

    def is_alive(self, pid: int) -> bool:
        """Check whether the process is still running and not a zombie."""
        import psutil

        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False
