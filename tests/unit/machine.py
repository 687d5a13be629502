"""Real processes below the test, as on a machine on which the test is process 1."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from ptyprocess import PtyProcess

from jupyter_nb_updater.losses import proc as process_reader
from jupyter_nb_updater.losses.loss import Loss
from jupyter_nb_updater.losses.proc import ProcessTable
from jupyter_nb_updater.losses.processes import AccountedFor, BackgroundProcesses
from tests.wait import eventually

NOTHING = AccountedFor(kernels={}, shells=(), foregrounds=())


class Machine:
    """Start processes, list them as losses, and end them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = {process.pid for process in psutil.Process().children(recursive=True)}
        self._started: list[subprocess.Popen[bytes]] = []
        self._shells: list[PtyProcess] = []

    def run(self, *command: str, **options: Any) -> subprocess.Popen[bytes]:
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        self._started.append(subprocess.Popen(command, **quiet, **options))
        return self._started[-1]

    def shell(self, *lines: str) -> PtyProcess:
        """Start a shell on a pseudo-terminal, and type these lines."""
        shell = PtyProcess.spawn(["bash", "--norc"], cwd=str(self.folder))
        for line in lines:
            shell.write(line.encode() + b"\n")
        self._shells.append(shell)
        return shell

    def program(self, name: str, script: str) -> str:
        """Create a script with this name."""
        path = self.folder / name
        path.write_text(script)
        path.chmod(0o755)
        return str(path)

    def losses(
        self, covered: AccountedFor = NOTHING, min_age_seconds: float = 0.0, table: ProcessTable | None = None
    ) -> list[Loss]:
        """Return the losses one second from now, because start times are in whole seconds."""
        processes = BackgroundProcesses(root_pid=os.getpid(), min_age_seconds=min_age_seconds)
        return processes.losses(table or process_reader.read_processes(), covered, time.time() + 1)

    def told(self, *wanted: tuple[str, str, bool], covered: AccountedFor = NOTHING) -> list[Loss]:
        """Return the losses once they are these: name, detail and busy. A process has no memory during exec."""

        def settled(found: list[Loss]) -> bool:
            return sorted(map(brief, found)) == sorted(wanted) and all(loss["memory"] for loss in found)

        return losses_once(lambda: self.losses(covered), settled)

    def end(self) -> None:
        while left := [p for p in psutil.Process().children(recursive=True) if p.pid not in self._before]:
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
            for started in self._started:
                started.wait()
            for shell in self._shells:
                shell.close(force=True)
            for process in left:  # the orphans that came to us
                with suppress(ChildProcessError):
                    os.waitpid(process.pid, 0)


def brief(loss: Loss) -> tuple[str, str, bool]:
    return loss["name"], loss["detail"], loss["busy"]


def losses_once(look: Callable[[], list[Loss]], wanted: Callable[[list[Loss]], bool]) -> list[Loss]:
    """Return the losses once they meet a condition."""
    found: list[Loss] = []

    def is_wanted() -> bool:
        found[:] = look()
        return wanted(found)

    eventually(is_wanted, 10, what=lambda: str(found))
    return found
