"""All processes at one moment: whose children they are, since when they run, and what they hold in memory. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


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
