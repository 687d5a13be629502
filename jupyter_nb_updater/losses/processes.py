"""Background work of the user outside of kernels and terminals: nohup, ``&``, tmux, screen, Docker containers."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from .command_line import ProgramPatterns, is_container, is_prompt, multiplexer_kind, one_line
from .loss import Loss, loss
from .proc import Process, ProcessTable

IGNORED_PROGRAMS = [
    # operating system, and login of a user
    "systemd", "(sd-pam)", "dbus-*", "ssh-agent", "gpg-agent", "sshd*", "crond", "cron", "atd", "agetty", "polkitd",
    # instance, Jupyter and this extension
    "amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker", "sagemaker_nbi_agent*",
    "jupyter-lab", "jupyter-server", "jupyter-notebook", "jupyterhub-singleuser", "jupyter-nb-updater", "*nb-updater-on-start*",
    "*node */site-packages/*/yarn.js",  # JupyterLab queries its own yarn without arguments; a build has arguments
    # Docker itself; its containers count
    "dockerd*", "rootlesskit*", "containerd", "docker-proxy", "slirp4netns", "vpnkit*",
    # language servers, as Jupyter starts them for its editor
    "pylsp", "*-language-server", "*-langserver", "*node */node_modules/*lang*server*", "*node */typescript/lib/tsserver.js*",
    "*languageserver::run()*", "*/jedi/inference/compiled/subprocess/__main__.py*",
    # helpers that outlive their program
    "*multiprocessing.resource_tracker*", "*multiprocessing.forkserver*", "*loky.backend.resource_tracker*",
    "git-credential-cache--daemon", "*conda info --json*",
]  # fmt: skip

CONTAINER_ID_CHARS = 12
"""Number of characters of a container's id that Docker shows."""


class BackgroundProcesses(LoggingConfigurable):
    """List the jobs that run in the background."""

    root_pid = Int(
        1,
        help="Id of the process whose descendants are examined: 1 for the whole machine, another one for an emulated machine.",
    ).tag(config=True)
    min_age_seconds = Float(
        5.0, help="Minimum age in seconds of a process to count as a job. Younger ones are short-lived helpers."
    ).tag(config=True)
    ignored = List(
        Unicode(),
        IGNORED_PROGRAMS,
        help="Processes to ignore, as `fnmatch` patterns for the process name, the name of its program or script, or the whole "
        "command line. Child processes of an ignored process still count.",
    ).tag(config=True)

    @property
    def ignored_programs(self) -> ProgramPatterns:
        """Programs that are not work of the user."""
        return ProgramPatterns(self.ignored)

    def losses(self, table: ProcessTable, accounted_for: AccountedFor, now: float) -> list[Loss]:
        """Return every job as a loss, the longest running first.

        Args:
            table: the processes.
            accounted_for: processes that are part of other losses.
            now: the current time in seconds since the epoch.
        """
        jobs = Jobs(table, accounted_for, self.ignored_programs, now - self.min_age_seconds).below(self.root_pid)
        return [_loss(job, table) for job in sorted(jobs, key=lambda job: job.process.started)]


@dataclass(frozen=True)
class AccountedFor:
    """Processes that are part of other losses.

    Args:
        kernels: process id of each kernel, and whether it is busy.
        shells: process ids of the shells of Jupyter's terminals.
        foregrounds: process groups in the foreground of those terminals.
        ours: processes that we started ourselves; they and their descendants do not count.
    """

    kernels: Mapping[int, bool]
    shells: Collection[int]
    foregrounds: Collection[int]
    ours: Collection[int] = ()


@dataclass(frozen=True)
class Job:
    """A program that runs in the background.

    Args:
        process: its topmost process.
        argv: command line of that process.
        kind: ``background``, or the kind of program that runs it.
        busy: whether it is busy.
    """

    process: Process
    argv: list[str]
    kind: str
    busy: bool


@dataclass(frozen=True)
class Ancestry:
    """Ancestors of the processes that are being searched.

    Args:
        kernel: the kernel among the ancestors; ``None`` without one.
        kind: ``background``, or the kind of program among the ancestors.
        is_users: whether an ancestor belongs to the user.
    """

    kernel: Process | None = None
    kind: str = "background"
    is_users: bool = False


class Jobs:
    """One search through all processes for jobs."""

    def __init__(
        self, table: ProcessTable, accounted_for: AccountedFor, ignored: ProgramPatterns, started_before: float
    ) -> None:
        """Set what counts as a job.

        Args:
            table: the processes.
            accounted_for: processes that are part of other losses.
            ignored: programs that are not work of the user.
            started_before: start time in seconds since the epoch; processes that started later do not count yet.
        """
        self._table, self._accounted_for, self._ignored, self._started_before = table, accounted_for, ignored, started_before
        self._user = os.getuid()
        self._ancestors = set(table.lineage(os.getpid()))

    def below(self, pid: int) -> list[Job]:
        """Return all jobs below a process. A pipeline (``a | b &``) is one job while its first member is running.

        Args:
            pid: id of the process.
        """
        jobs = list(self._descend(pid, Ancestry()))
        parents = {job.process.pid: job.process.parent for job in jobs}

        def is_later_in_pipeline(process: Process) -> bool:
            return process.group != process.pid and parents.get(process.group) == process.parent

        return [job for job in jobs if not is_later_in_pipeline(job.process)]

    def _descend(self, pid: int, ancestry: Ancestry) -> Iterator[Job]:
        for process in self._table.children(pid):
            if process.state != "Z" and process.pid not in self._accounted_for.ours:
                yield from self._visit(process, ancestry)

    def _visit(self, process: Process, ancestry: Ancestry) -> Iterator[Job]:
        if process.pid in self._ancestors:  # this server and its ancestors
            yield from self._descend(process.pid, ancestry)
        elif process.pid in self._accounted_for.kernels:
            yield from self._descend(process.pid, Ancestry(kernel=process, is_users=True))
        elif self._is_part_of(ancestry.kernel, process):
            yield from self._descend(process.pid, ancestry)
        elif not self._is_awaited_by(ancestry.kernel, process):
            yield from self._standalone(process, ancestry)

    def _standalone(self, process: Process, ancestry: Ancestry) -> Iterator[Job]:
        """Search a process that is part of neither this server nor a kernel."""
        below = replace(ancestry, is_users=ancestry.is_users or self._table.owner(process) == self._user)
        if not below.is_users and not is_container(process):
            yield from self._descend(process.pid, below)
            return
        argv = self._table.argv(process)
        kind = multiplexer_kind(process, argv)
        if kind == "docker":
            yield Job(process, argv, kind, busy=True)
        elif kind is not None:
            jobs = list(self._descend(process.pid, replace(below, kind=kind)))
            yield from jobs or [Job(process, argv, kind, busy=False)]
        elif self._is_at_prompt(process, argv) or self._ignored.match(process, argv) or self._table.has_ended(process):
            yield from self._descend(process.pid, below)
        elif process.group not in self._accounted_for.foregrounds and process.started <= self._started_before:
            yield Job(process, argv, ancestry.kind, busy=process.state != "T")

    @staticmethod
    def _is_part_of(kernel: Process | None, process: Process) -> bool:
        return kernel is not None and (process.session, process.group) == (kernel.session, kernel.group)

    def _is_awaited_by(self, kernel: Process | None, process: Process) -> bool:
        """Check whether a cell of a busy kernel waits for this command (``!command``)."""
        return kernel is not None and process.has_terminal and self._accounted_for.kernels[kernel.pid]

    def _is_at_prompt(self, process: Process, argv: list[str]) -> bool:
        """Check whether this is a shell at its prompt.

        The copy of a shell that runs ``( … ) &`` looks the same, but leads no session and is in the background.
        """
        if process.pid in self._accounted_for.shells:
            return True
        leads = process.pid == process.session or process.group == process.foreground
        leads = leads or process.group in self._accounted_for.foregrounds
        return process.has_terminal and leads and is_prompt(argv)


def _loss(job: Job, table: ProcessTable) -> Loss:
    process = job.process
    return loss(
        "process",
        f"{process.pid}:{int(process.started)}",
        one_line(_container_name(job, table) if job.kind == "docker" else _command(job, table)),
        job.kind,
        busy=job.busy,
        since=process.started,
        memory=table.memory(process.pid),
    )


def _command(job: Job, table: ProcessTable) -> list[str]:
    """Return the command line; for the copy of a shell, that of the program that it runs."""
    process, argv = job.process, job.argv
    while job.busy and is_prompt(argv) and (children := table.children(process.pid)):
        process = min(children, key=lambda child: child.started)
        argv = table.argv(process)
    return argv


def _container_name(job: Job, table: ProcessTable) -> list[str]:
    """Return the program in the container, or the container's id, which the shim gets as ``-id`` (containerd)."""
    for child in table.children(job.process.pid):
        return table.argv(child)
    argv = job.argv
    return [argv[argv.index("-id") + 1][:CONTAINER_ID_CHARS]] if "-id" in argv[:-1] else argv
