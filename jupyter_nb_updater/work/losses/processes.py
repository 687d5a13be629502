"""Background work of the user that no kernel and no terminal shows: nohup, ``&``, tmux, screen, Docker containers."""

from __future__ import annotations

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from .jobs import AccountedFor, Job, Jobs
from .loss import Loss, loss
from .process_table import Process, ProcessTable
from .programs import is_prompt, matches, one_line

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
