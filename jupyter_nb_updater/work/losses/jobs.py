"""Finds the background work among all processes: the topmost process of each job, the rest of it belongs to it.

A job is what the user has started (it has our user, or something that has is above it) and what goes on by itself:

- Not what belongs to a kernel: its session and process group end with it, and count with it. A process with a session or a
  group of its own (``setsid``, ``start_new_session=True``, ``nohup`` below a shell) works on while the kernel says idle, so
  it counts by itself. ``!command`` has one, too (IPython runs it on a pseudo-terminal, by pexpect), but there the kernel waits
  and says busy: as long as it does, it stands for the command.
- Not the foreground of a terminal, which the terminal tells of. What a shell there has sent to the background counts.
- Not a shell that waits at its prompt. What it runs counts.
- tmux and screen count by what runs in them. One whose shells all wait at their prompts is shown, as a terminal is, but is
  not busy. Nor is a stopped job (Ctrl-Z): it holds memory, and does not work.
- Not what is overlooked, and not what is a few seconds old: a helper of something. What either has started is looked at.
- Not zombies, nor what has ended since the look: they hold nothing.
- Not what we run ourselves, with all below it: dnf and pip may be cut off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from .process_table import Process, ProcessTable
from .programs import is_container, is_prompt, multiplexer_kind


@dataclass(frozen=True)
class AccountedFor:
    """What other losses tell of already.

    Args:
        kernels: the process number of each kernel, and whether it is busy.
        shells: the process number of the shell of each of Jupyter's terminals.
        foregrounds: the process groups in the foreground of those terminals.
        ours: the processes that we have started for ourselves: neither they nor what is below them is anybody's work.
    """

    kernels: Mapping[int, bool]
    shells: Collection[int]
    foregrounds: Collection[int]
    ours: Collection[int] = ()


@dataclass(frozen=True)
class Job:
    """Something that runs by itself: its topmost process, ``background`` or what it runs in, and whether it works."""

    process: Process
    argv: list[str]
    kind: str
    busy: bool


@dataclass(frozen=True)
class Ancestry:
    """Where a look has come to: below which kernel, inside of what, and whether below something of the user's."""

    kernel: Process | None = None
    kind: str = "background"
    ours: bool = False


class Jobs:
    """One look through all processes.

    Args:
        table: the processes.
        covered: what counts elsewhere.
        overlooked: whether a program counts for nothing.
        settled: a process that started later than this is not counted yet; seconds since the epoch.
    """

    def __init__(
        self, table: ProcessTable, covered: AccountedFor, overlooked: Callable[[Process, list[str]], bool], settled: float
    ) -> None:
        self._table, self._covered, self._overlooked, self._settled = table, covered, overlooked, settled
        self._user = os.getuid()
        self._above = set(table.lineage(os.getpid()))

    def below(self, first: int) -> list[Job]:
        """All jobs below a process. The members of a pipeline (``a | b &``) are one, as long as its first one is there."""
        jobs = list(self._below(first, Ancestry()))
        parents = {job.process.pid: job.process.parent for job in jobs}

        def follows(process: Process) -> bool:
            return process.group != process.pid and parents.get(process.group) == process.parent

        return [job for job in jobs if not follows(job.process)]

    def _below(self, pid: int, place: Ancestry) -> Iterator[Job]:
        for process in self._table.children(pid):
            if process.state != "Z" and process.pid not in self._covered.ours:
                yield from self._at(process, place)

    def _at(self, process: Process, place: Ancestry) -> Iterator[Job]:
        if process.pid in self._above:  # this server, and what has started it
            yield from self._below(process.pid, place)
        elif process.pid in self._covered.kernels:
            yield from self._below(process.pid, Ancestry(kernel=process, ours=True))
        elif self._is_of(place.kernel, process):
            yield from self._below(process.pid, place)
        elif not self._is_waited_for(place.kernel, process):
            yield from self._apart(process, place)

    def _apart(self, process: Process, place: Ancestry) -> Iterator[Job]:
        """A process that neither this server nor a kernel stands for."""
        here = replace(place, ours=place.ours or self._table.owner(process) == self._user)
        if not here.ours and not is_container(process):
            yield from self._below(process.pid, here)
            return
        argv = self._table.argv(process)
        inside = multiplexer_kind(process, argv)
        if inside == "docker":
            yield Job(process, argv, inside, busy=True)
        elif inside is not None:
            jobs = list(self._below(process.pid, replace(here, kind=inside)))
            yield from jobs or [Job(process, argv, inside, busy=False)]
        elif self._is_at_prompt(process, argv) or self._overlooked(process, argv) or self._table.has_ended(process):
            yield from self._below(process.pid, here)
        elif process.group not in self._covered.foregrounds and process.started <= self._settled:
            yield Job(process, argv, place.kind, busy=process.state != "T")

    @staticmethod
    def _is_of(kernel: Process | None, process: Process) -> bool:
        return kernel is not None and (process.session, process.group) == (kernel.session, kernel.group)

    def _is_waited_for(self, kernel: Process | None, process: Process) -> bool:
        return kernel is not None and process.has_terminal and self._covered.kernels[kernel.pid]

    def _is_at_prompt(self, process: Process, argv: list[str]) -> bool:
        """Not the copy of a shell that runs ``( … ) &``: that looks the same, but leads no session and is in the background."""
        if process.pid in self._covered.shells:
            return True
        leads = process.pid == process.session or process.group == process.foreground
        leads = leads or process.group in self._covered.foregrounds
        return process.has_terminal and leads and is_prompt(argv)
