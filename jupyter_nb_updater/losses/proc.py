"""All processes at one moment: whose children they are, since when they run, and what they hold in memory. Pure."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")
LONGEST = 4096
"""Bytes of a command line that are looked at; the line of ``stat`` is far shorter."""


def read_processes() -> ProcessTable:
    """All processes now, by one small read for each.

    Raises:
        OSError: they cannot be seen. That is never "nothing runs".
    """
    if PROC.joinpath("self", "stat").exists():
        return ProcessTable(_stats(), _argv, _owner, _lives)
    return ProcessTable(_elsewhere(), _argv_elsewhere, _owner_elsewhere, _lives_elsewhere)


def parse_stat(stat: str, booted: float, ticks: int, page: int) -> Process:
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
            yield parse_stat(_text(f"{PROC}/{pid}/stat"), *clock)
        except OSError:  # it has ended since
            continue


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
        return _text(f"{PROC}/{pid}/cmdline").rstrip("\0").split("\0")
    except OSError:
        return []


def _text(path: str) -> str:
    """The beginning of a file, by as few calls of the system as can be: there is one for each process."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, LONGEST).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def _owner(pid: int) -> int | None:
    try:
        return PROC.joinpath(str(pid)).stat().st_uid
    except OSError:
        return None


def _lives(pid: int) -> bool:
    """One that ends gives back its memory, and its command line with it, before it is a zombie (``vsize``, proc(5))."""
    try:
        return _text(f"{PROC}/{pid}/stat").rpartition(") ")[2].split()[20] != "0"
    except OSError:
        return False


# A machine without /proc, which only a developer's is: by psutil, which is slower and is not loaded elsewhere


def _elsewhere() -> Iterator[Process]:
    """All that we may look at; others are of another user, and so none of our business."""
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


def _argv_elsewhere(pid: int) -> list[str]:
    import psutil

    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def _owner_elsewhere(pid: int) -> int | None:
    import psutil

    try:
        return int(psutil.Process(pid).uids().real)
    except psutil.Error:
        return None


def _lives_elsewhere(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


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
        self,
        processes: Iterable[Process],
        argv: Callable[[int], list[str]],
        owner: Callable[[int], int | None],
        lives: Callable[[int], bool],
    ) -> None:
        """Args: what runs; how to look up the command line of one of them, the user's number, and whether it still runs."""
        self._argv, self._owner, self._lives = argv, owner, lives
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

    def has_ended(self, process: Process) -> bool:
        """Whether it holds nothing any more. Looked up now: some time passes between the look at all and that at one."""
        return process.state == "Z" or not self._lives(process.pid)
