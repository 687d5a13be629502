"""The power switch of the emulated machine."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from . import processes
from .filesystem import Machine
from .jupyter import arguments

POWER_OFF_TIMEOUT_SECONDS = 15.0

# Loopback: never through a proxy, and a self-signed certificate needs no check.
_OPENER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),  # noqa: S323, SLF001
)


class Power:
    """Start and end process 1 of the machine (``init``), and with it all others.

    Args:
        machine: the machine, whose disks must be created before ``on``.
        instance: name of the notebook instance, for the logs.
    """

    def __init__(self, machine: Machine, instance: str) -> None:
        self._machine, self._instance = machine, instance
        self._init: subprocess.Popen[str] | None = None

    def on(self, environment: dict[str, str], on_start: str | None, timeout_seconds: float) -> Iterator[dict[str, Any]]:
        """Power on, and yield the events of init until it ends.

        Args:
            environment: environment variables of every process.
            on_start: path of the OnStart script; ``None`` without one.
            timeout_seconds: time limit of the script, in seconds.
        """
        machine = self._machine
        logs = machine.logs / self._instance
        logs.mkdir(parents=True, exist_ok=True)
        # Developer Guide, "Customization of a SageMaker notebook instance using an LCC script": $PATH; before it our shims.
        path = f"{machine.shims}:/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin"
        specification = {
            "environment": environment,
            "on_start": on_start,
            "on_start_environment": environment | {"PATH": path, "HOME": str(machine.root / "root"), "USER": "root"},
            "on_start_timeout_seconds": timeout_seconds,
            "jupyter": arguments(machine),
            "folder": str(machine.home / "SageMaker"),
            "control": str(machine.control),
            "unit": str(machine.unit),
            "unit_name": machine.jupyter_unit,
            "proc": str(machine.stat.parent),
            "logs": str(logs),
        }
        (machine.run / "init.json").write_text(json.dumps(specification), "utf-8")
        with (machine.logs / "init.log").open("ab") as log:
            self._init = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.init", str(machine.run / "init.json")],
                env=os.environ | {processes.MARK_VARIABLE: machine.mark},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        yield from (json.loads(line) for line in self._init.stdout or ())

    def cut(self) -> None:
        """Cut the power without waiting."""
        if self._init is not None and self._init.stdin is not None:
            self._init.stdin.close()

    def fail(self) -> None:
        """Kill every process of the machine immediately, without SIGTERM."""
        if self._init is not None:
            self._init.kill()  # first, so that it does not restart Jupyter
        processes.kill(self._machine.mark)
        self.off()

    def off(self) -> list[Any]:
        """End every process of the machine and wait until its port is closed. Return the processes that did not end."""
        self.cut()
        if self._init is not None:
            try:
                self._init.wait(POWER_OFF_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self._init.kill()
                self._init.wait(POWER_OFF_TIMEOUT_SECONDS)
            if self._init.stdout is not None:
                self._init.stdout.close()
            self._init = None
        left = processes.sweep(self._machine.mark)
        deadline = time.monotonic() + POWER_OFF_TIMEOUT_SECONDS
        while self._listens() and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    @property
    def is_on(self) -> bool:
        """Whether init is running."""
        return self._init is not None and self._init.poll() is None

    def jupyter_answers(self) -> bool:
        """Check whether Jupyter responds."""
        try:
            with _OPENER.open(self._machine.url + "api/status", timeout=2):
                return True
        except OSError:
            return False

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self._machine.port)) == 0
