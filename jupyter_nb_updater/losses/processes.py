"""Background work of the user that no kernel and no terminal shows: nohup, ``&``, tmux, screen, Docker containers."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from .command_line import is_container, is_prompt, matches, multiplexer_kind, one_line
from .loss import Loss, loss
from .proc import Process, ProcessTable


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


IGNORED = [
    # of the operating system, and of a user's login
    "systemd", "(sd-pam)", "dbus-*", "ssh-agent", "gpg-agent", "sshd*", "crond", "cron", "atd", "agetty", "polkitd",
    # of the instance, of Jupyter and of ours
    "amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker", "sagemaker_nbi_agent*",
    "jupyter-lab", "jupyter-server", "jupyter-notebook", "jupyterhub-singleuser", "jupyter-nb-updater", "*nb-updater-on-start*",
    "*node */site-packages/*/yarn.js",  # JupyterLab asks its own yarn; whoever builds with it gives it words to go by
    # Docker itself; each container counts
    "dockerd*", "rootlesskit*", "containerd", "docker-proxy", "slirp4netns", "vpnkit*",
    # language servers, as Jupyter starts them for its editor
    "pylsp", "*-language-server", "*-langserver", "*node */node_modules/*lang*server*", "*node */typescript/lib/tsserver.js*",
    "*languageserver::run()*", "*/jedi/inference/compiled/subprocess/__main__.py*",
    # helpers that outlive what they helped
    "*multiprocessing.resource_tracker*", "*multiprocessing.forkserver*", "*loky.backend.resource_tracker*",
    "git-credential-cache--daemon", "*conda info --json*",
]  # fmt: skip


class BackgroundProcesses(LoggingConfigurable):
    """Tells of each job; what is one is decided in ``jobs``."""

    first = Int(
        1, help="Process number: all below it are processes of this machine. 1, but where one machine is emulated on another."
    ).tag(config=True)
    settle_seconds = Float(5.0, help="A process younger than this, in seconds, is a helper of something and no job.").tag(
        config=True
    )
    ignored = List(
        Unicode(),
        IGNORED,
        help="Patterns (`fnmatch`) of processes that are no work of the user: the name of the process, the name of its program "
        "or script, or the whole command line. What such a process has started is looked at all the same.",
    ).tag(config=True)

    def overlooked(self, process: Process, argv: list[str]) -> bool:
        """Whether it is on the list of those that count for nothing."""
        return matches(self.ignored, process, argv)

    def losses(self, table: ProcessTable, covered: AccountedFor, now: float) -> list[Loss]:
        """Every job, the longest running first.

        Args:
            table: the processes.
            covered: what counts as a kernel or a terminal.
            now: seconds since the epoch.
        """
        jobs = Jobs(table, covered, self.overlooked, now - self.settle_seconds).below(self.first)
        return [_loss(job, table) for job in sorted(jobs, key=lambda job: job.process.started)]


def _loss(job: Job, table: ProcessTable) -> Loss:
    process = job.process
    return loss(
        "process",
        f"{process.pid}:{int(process.started)}",
        one_line(_docker_name(job, table) if job.kind == "docker" else _speaking(job, table)),
        job.kind,
        busy=job.busy,
        since=process.started,
        memory=table.memory(process.pid),
    )


def _speaking(job: Job, table: ProcessTable) -> list[str]:
    """The command line; of what it runs, where it is only the copy of a shell."""
    process, argv = job.process, job.argv
    while job.busy and is_prompt(argv) and (children := table.children(process.pid)):
        process = min(children, key=lambda child: child.started)
        argv = table.argv(process)
    return argv


def _docker_name(job: Job, table: ProcessTable) -> list[str]:
    """What runs in the container; its id where that cannot be seen. The shim is told it as ``-id`` (containerd)."""
    for child in table.children(job.process.pid):
        return table.argv(child)
    argv = job.argv
    return [argv[argv.index("-id") + 1][:12]] if "-id" in argv[:-1] else argv
