"""All processes of the machine in one pass: whose children they are, since when they run, and what they hold in memory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process.

    Args:
        pid: its number.
        parent: the number of its parent.
        name: of its program, 15 characters at most.
        state: ``R``, ``S``, ``Z`` (a zombie), ``T`` (stopped) and so on, as in ``/proc/<pid>/stat`` (proc(5)).
        group: its process group.
        session: its session.
        has_terminal: whether it has a controlling terminal.
        foreground: the process group in the foreground of that terminal; -1 when not known.
        started: seconds since the epoch.
        memory: resident, in bytes.
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


class ProcessTable:
    """The processes at one moment. What costs a look at each is looked up only for those that are asked about."""

    def __init__(
        self, processes: Iterable[Process], argv: Callable[[int], list[str]], owner: Callable[[int], int | None]
    ) -> None:
        """Args: what runs; how to look up the command line, and the user's number, of one of them."""
        self._argv, self._owner = argv, owner
        self._processes = {process.pid: process for process in processes}
        self._children: dict[int, list[Process]] = defaultdict(list)
        for process in self._processes.values():
            self._children[process.parent].append(process)

    def get(self, pid: int | None) -> Process | None:
        """The process of this number, if it is there."""
        return None if pid is None else self._processes.get(pid)

    def group(self, group: int) -> list[Process]:
        """The members of a process group, the oldest first."""
        members = [process for process in self._processes.values() if process.group == group]
        return sorted(members, key=lambda process: (process.started, process.pid))

    def children(self, pid: int) -> list[Process]:
        """Whose parent is ``pid``."""
        return self._children.get(pid, [])

    def tree(self, pid: int) -> Iterator[Process]:
        """A process and all below it."""
        waiting = [process for process in [self.get(pid)] if process]
        while waiting:
            process = waiting.pop()
            yield process
            waiting += self.children(process.pid)

    def lineage(self, pid: int) -> list[int]:
        """A process and all above it."""
        found: list[int] = []
        while (process := self.get(pid)) is not None and pid not in found:
            found.append(pid)
            pid = process.parent
        return found

    def memory(self, pid: int) -> int:
        """Bytes that a process and all below it hold. What they share is counted for each: the sum is an upper bound."""
        return sum(process.memory for process in self.tree(pid))

    def argv(self, process: Process) -> list[str]:
        """Its command line; its name where there is none (it has just ended, say)."""
        words = self._argv(process.pid)
        return words if words and words[0] else [process.name]

    def owner(self, process: Process) -> int | None:
        """The number of its user; ``None`` when it has just ended."""
        return self._owner(process.pid)


def read() -> ProcessTable:
    """All processes now, by one small read for each.

    Raises:
        OSError: they cannot be seen. That is never "nothing runs".
    """
    if PROC.joinpath("self", "stat").exists():
        return ProcessTable(_stats(), _argv, _owner)
    from . import process_table_elsewhere as elsewhere  # a developer's machine; it would bring psutil

    return ProcessTable(elsewhere.processes(), elsewhere.argv, elsewhere.owner)


def parse(stat: str, booted: float, ticks: int, page: int) -> Process:
    """A process out of its line in ``/proc/<pid>/stat`` (proc(5)).

    Args:
        stat: the line. The name in it is in parentheses and may hold any character, parentheses too.
        booted: of the machine, seconds since the epoch.
        ticks: of its clock in a second.
        page: bytes in a page of memory.
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
        started=booted + int(more[13]) / ticks,
        memory=int(more[15]) * page,
    )


def _stats() -> Iterator[Process]:
    clock = _clock()
    with os.scandir(PROC) as entries:
        pids = [entry.name for entry in entries if entry.name.isdigit()]
    for pid in pids:
        try:
            stat = Path(PROC, pid, "stat").read_text("utf-8", "replace")
        except OSError:  # it has ended since
            continue
        yield parse(stat, *clock)


@cache
def _clock() -> tuple[float, int, int]:
    """When the kernel's clock began, its ticks in a second, and the size of a page.

    Read once: when the clock is set later, the first moves, and with it the starts of all processes, by which they are known.
    """
    lines = PROC.joinpath("stat").read_text("utf-8").splitlines()
    booted = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
    return booted, os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def _argv(pid: int) -> list[str]:
    try:
        line = PROC.joinpath(str(pid), "cmdline").read_text("utf-8", "replace")
    except OSError:
        return []
    return line.rstrip("\0").split("\0")


def _owner(pid: int) -> int | None:
    try:
        return PROC.joinpath(str(pid)).stat().st_uid
    except OSError:
        return None
