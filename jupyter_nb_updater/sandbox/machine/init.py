"""Process 1 of the emulated machine: ``python -m jupyter_nb_updater.sandbox.machine.init SPECIFICATION``.

Runs the OnStart script with its time limit, then Jupyter, and restarts Jupyter when it ends (systemd: ``Restart=always``) or
when
``systemctl restart jupyter-server`` requests it through the control pipe. On SIGTERM, and when its standard input closes
because
the hypervisor has ended, it powers off and ends every process of the machine.

Events are written to standard output as JSON lines: ``on-start`` with its outcome, ``jupyter`` with the process id.
``SystemdUnit`` counts the starts of Jupyter like systemd (systemd.unit(5)).
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from . import processes

START_LIMIT_BURST = 5
START_LIMIT_INTERVAL_SECONDS = 10.0
"""Interval for START_LIMIT_BURST, in seconds. A unit that starts more often is not restarted (systemd's defaults)."""
RESTART_DELAY_SECONDS = 0.1
"""Delay in seconds before the unit is restarted (systemd's default of ``RestartSec=``)."""


class SystemdUnit:
    """Count the starts of Jupyter, and write the output of ``systemctl show`` and the control group of the process.

    Args:
        properties: file for the properties, one per line.
        name: name of the unit, without ``.service``.
        proc: folder that represents ``/proc``.
    """

    def __init__(self, properties: Path, name: str, proc: Path) -> None:
        self._properties, self._name, self._proc = properties, name, proc
        self._starts: list[float] = []
        self._restarts = -1
        self._write("inactive")

    def may_start(self, now: float) -> bool:
        """Count a start, and return whether the limit allows it.

        Args:
            now: seconds of a monotonic clock.
        """
        self._starts = [start for start in self._starts if now - start < START_LIMIT_INTERVAL_SECONDS] + [now]
        may = len(self._starts) <= START_LIMIT_BURST
        self._restarts += may
        self._write("active" if may else "failed")
        return may

    def runs(self, pid: int) -> None:
        """Write which process is the main process (proc(5), cgroup; systemd.unit(5), system.slice).

        Args:
            pid: id of the process.
        """
        group = self._proc / str(pid) / "cgroup"
        group.parent.mkdir(parents=True, exist_ok=True)
        group.write_text(f"0::/system.slice/{self._name}.service\n", "utf-8")
        self._write("active", pid)

    def reset(self) -> None:
        """Reset the count: a requested start does not count."""
        self._starts.clear()
        self._restarts = -1

    def _write(self, state: str, pid: int = 0) -> None:
        lines = f"MainPID={pid}\nNRestarts={max(0, self._restarts)}\nActiveState={state}\n"
        self._properties.write_text(lines, "utf-8")


PR_SET_CHILD_SUBREAPER = 36  # of prctl(2)
TERMINATE_SECONDS = 2.0
"""Time between SIGTERM and SIGKILL, in seconds. systemd's default is 90, which is too long for a demonstration."""


class PowerOff(Exception):
    """The machine powers off."""


class Init:
    """Start, restart and end the processes of the machine.

    Args:
        spec: ``environment``, ``on_start`` (path or null), ``on_start_environment``, ``on_start_timeout_seconds``, ``jupyter``
            (argv), ``folder`` (Jupyter's), ``control`` (named pipe), ``unit`` (file), ``unit_name``, ``proc`` and ``logs``
            (folders), from the supervisor.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.logs = Path(spec["logs"])
        self.control = os.open(spec["control"], os.O_RDWR | os.O_NONBLOCK)  # also open for writing, so that it never ends
        self.wakeup, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # after `nohup` on this computer, no terminal's program would end with it
        signal.signal(signal.SIGTERM, _power_off)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the hypervisor
        self.children: dict[int, subprocess.Popen[bytes]] = {}
        self.unit = SystemdUnit(Path(spec["unit"]), spec["unit_name"], Path(spec["proc"]))

    def run(self) -> None:
        """Boot, serve, and power off."""
        try:
            if self.on_start():
                self.serve()
            while True:
                self.wait(None)
        except PowerOff:
            pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            processes.end(processes.descendants(os.getpid()), TERMINATE_SECONDS)

    def on_start(self) -> bool:
        """Run the OnStart script and report its outcome; return whether Jupyter may start.

        Developer Guide, "Customization of a SageMaker notebook instance using an LCC script": as root, ``$PWD`` is ``/``, at
        most 5
        minutes.
        """
        if self.spec["on_start"] is None:
            return True
        started = time.monotonic()
        pid = self.spawn(["/bin/bash", self.spec["on_start"]], "/", self.spec["on_start_environment"], "LifecycleConfigOnStart")
        deadline = started + self.spec["on_start_timeout_seconds"]
        while (ended := self.wait(deadline)).get(pid) is None:
            if time.monotonic() >= deadline:
                processes.end(processes.tree(pid), TERMINATE_SECONDS)
                emit(event="on-start", outcome="timeout", seconds=time.monotonic() - started)
                return False
        outcome = "ok" if ended[pid] == 0 else "failed"
        emit(event="on-start", outcome=outcome, seconds=time.monotonic() - started)
        return outcome == "ok"

    def serve(self) -> None:
        """Keep Jupyter running. After too many starts, wait until a restart is requested."""
        while True:
            if self.unit.may_start(time.monotonic()):
                self.serve_once()
            else:
                emit(event="jupyter", failed=True)
                while not self.drain():
                    self.wait(None)
                self.unit.reset()

    def serve_once(self) -> None:
        """Run Jupyter until it ends, or until a restart is requested."""
        self.drain()  # this start fulfills earlier requests
        try:
            jupyter = self.spawn(
                [*self.spec["jupyter"], f"--BackgroundProcesses.root_pid={os.getpid()}"],
                self.spec["folder"],
                self.spec["environment"],
                "jupyter.log",
            )
        except OSError as error:  # its environment is missing or incomplete
            emit(event="jupyter", error=str(error))
            self.wait(time.monotonic() + RESTART_DELAY_SECONDS)
            return
        self.unit.runs(jupyter)
        emit(event="jupyter", pid=jupyter)
        while self.wait(None).get(jupyter) is None:
            if self.drain():
                self.unit.reset()
                processes.end(processes.tree(jupyter), TERMINATE_SECONDS)
                return
        self.wait(time.monotonic() + RESTART_DELAY_SECONDS)

    def spawn(self, argv: list[str], folder: str, environment: dict[str, str], log: str) -> int:
        """Start a process in its own session."""
        with (self.logs / log).open("ab") as output:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.children[process.pid] = process
        return process.pid

    def wait(self, deadline: float | None) -> dict[int, int]:
        """Wait for an event, at most half a second. Return the exit codes of children that ended, by process id.

        Raises:
            PowerOff: the hypervisor has ended.
        """
        left = 0.5 if deadline is None else min(0.5, max(0.0, deadline - time.monotonic()))
        ready, _, _ = select.select([sys.stdin, self.control, self.wakeup], [], [], left)
        if sys.stdin in ready and not os.read(sys.stdin.fileno(), 4096):
            raise PowerOff
        if self.wakeup in ready:
            os.read(self.wakeup, 4096)
        return self.reap()

    def reap(self) -> dict[int, int]:
        """Collect the children that have ended, including orphans of the machine."""
        ended: dict[int, int] = {}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if pid == 0:
                return ended
            ended[pid] = os.waitstatus_to_exitcode(status)
            if pid in self.children:
                self.children.pop(pid).returncode = ended[pid]  # so that Popen does not wait for it

    def drain(self) -> bool:
        """Read the control pipe; return whether a restart was requested since the last call."""
        try:
            return bool(os.read(self.control, 4096))
        except BlockingIOError:
            return False


def adopt_orphans() -> None:
    """Become the parent of every orphan of the machine. Linux only; elsewhere the mark identifies them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def emit(output: TextIO = sys.stdout, **event: Any) -> None:
    """Write an event to the hypervisor; power off if it has ended."""
    try:
        print(json.dumps(event), file=output, flush=True)
    except BrokenPipeError:
        raise PowerOff from None


def _power_off(*_: object) -> None:
    raise PowerOff


if __name__ == "__main__":
    adopt_orphans()
    Init(json.loads(Path(sys.argv[1]).read_text("utf-8"))).run()
