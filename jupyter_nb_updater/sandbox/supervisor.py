"""The hypervisor of the emulated machine: follows the status of its notebook instance and makes it true.

``Pending``: lay a fresh root volume, run the OnStart script, start Jupyter, wait until it answers, say ``InService``.
``Stopping``: end every process, destroy the root volume, say ``Stopped`` when the port is closed.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from . import processes, states
from .images import Say
from .machine import Boot, Machine
from .remote import EmulatedAws

POLL_SECONDS = 0.1
LIFECYCLE_LIMIT = 300.0  # Developer Guide: "Scripts cannot run for longer than 5 minutes"
JUPYTER_SECONDS = 90.0
POWER_OFF_SECONDS = 15.0


class BootFailed(Exception):
    """The machine did not come up; the message is the ``FailureReason``."""


class Supervisor:
    """One machine and its power switch.

    Args:
        aws: where the status is, and where the lifecycle configuration comes from.
        name: of the instance.
        machine: its disks.
        next_boot: gives each boot its images and times.
        traits: further settings of the extension on the machine.
        start_seconds: ``Pending`` lasts at least this long.
        stop_seconds: ``Stopping`` lasts at least this long.
        say: told in words what happens.
    """

    def __init__(
        self,
        aws: EmulatedAws,
        name: str,
        machine: Machine,
        next_boot: Callable[[], Boot],
        traits: dict[str, Any],
        *,
        start_seconds: float,
        stop_seconds: float,
        say: Say,
        lifecycle_limit: float = LIFECYCLE_LIMIT,
    ) -> None:
        self.aws, self.instance, self.machine, self.next_boot, self.traits = aws, name, machine, next_boot, traits
        self.start_seconds, self.stop_seconds, self.say = start_seconds, stop_seconds, say
        self.lifecycle_limit = lifecycle_limit
        self.init: subprocess.Popen[str] | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="nb-updater-sandbox-supervisor", daemon=True)

    def start(self) -> None:
        """Follow the status from now on, in a thread."""
        self._thread.start()

    def _follow(self) -> None:
        while not self._end.wait(POLL_SECONDS):
            try:
                status = self.aws.instance(self.instance)["status"]
                if status == states.PENDING:
                    self._begin()
                elif status == states.STOPPING:
                    self._finish()
            except Exception as error:  # noqa: BLE001  a hypervisor goes on; the person at the demo reads why
                self.say(f"The sandbox stumbled: {error!r}")

    def close(self) -> None:
        """End the thread and power the machine off, whatever its status."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(POWER_OFF_SECONDS + JUPYTER_SECONDS)
        self.power_off()

    def _begin(self) -> None:
        started = time.monotonic()
        try:
            self._boot()
            self._rest(started + self.start_seconds)
            self.aws.settle(self.instance, states.IN_SERVICE)
            self.say(f"InService after {time.monotonic() - started:.1f} s")
        except BootFailed as error:
            self.power_off()
            self.aws.settle(self.instance, states.FAILED, str(error))
            self.say(f"Failed: {error}")

    def _finish(self) -> None:
        started = time.monotonic()
        self.say("Stopping: every process ends, everything outside SageMaker/ is destroyed")
        self.power_off()
        self.machine.wipe()
        self._rest(started + self.stop_seconds)
        self.aws.settle(self.instance, states.STOPPED)
        self.say("Stopped")

    def _boot(self) -> None:
        self.power_off()
        description = self.aws.instance(self.instance)
        boot = self.next_boot()
        environment = self.machine.environment(self.aws.url, self.aws.region)
        self.machine.lay(boot, description["arn"], self.instance, environment, self.traits)
        self.say(f"Pending: {boot.os_release}")
        config = description["lifecycle_config"]
        self.init = self._spawn(environment, self._on_start(config) if config else None)
        for line in self.init.stdout or ():
            event = json.loads(line)
            if event["event"] == "on-start" and event["outcome"] != "ok":
                arn = description["arn"].replace(f"notebook-instance/{self.instance}", f"notebook-instance-lifecycle-config/{config}")
                raise BootFailed(states.lifecycle_failure(arn, description["arn"], timed_out=event["outcome"] == "timeout"))
            if event["event"] == "jupyter":
                break
        self._wait_for_jupyter()

    def _on_start(self, config: str) -> str:
        """Fetch the OnStart script as an instance's agent does, through the API."""
        client = self.aws.client("sagemaker")
        answer = client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=config)
        script = self.machine.run / "on-start"
        script.write_bytes(b"".join(base64.b64decode(hook["Content"]) for hook in answer.get("OnStart", [])))
        return str(script)

    def _spawn(self, environment: dict[str, str], on_start: str | None) -> subprocess.Popen[str]:
        machine = self.machine
        logs = machine.logs / self.instance
        logs.mkdir(parents=True, exist_ok=True)
        spec = {
            "environment": environment,
            "on_start": on_start,
            # Developer Guide: $PATH of a lifecycle script; before it our systemctl and sudo.
            "on_start_environment": environment
            | {
                "PATH": f"{machine.shims}:/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin",
                "HOME": str(machine.root / "root"),
                "USER": "root",
            },
            "limit": self.lifecycle_limit,
            "jupyter": [str(machine.system / "bin" / "jupyter-lab"), "--no-browser"],
            "folder": str(machine.home / "SageMaker"),
            "control": str(machine.control),
            "logs": str(logs),
        }
        (machine.run / "init.json").write_text(json.dumps(spec), "utf-8")
        command = [sys.executable, "-m", f"{__package__}.init", str(machine.run / "init.json")]
        with (machine.logs / "init.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  our own command
                command,
                env=os.environ | {processes.MARK: self.machine.mark},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def _wait_for_jupyter(self) -> None:
        deadline = time.monotonic() + JUPYTER_SECONDS
        while not self._answers():
            if self._end.wait(POLL_SECONDS) or time.monotonic() > deadline or self.init is None or self.init.poll() is not None:
                raise BootFailed("InternalFailure: Jupyter does not answer; see logs/ in the sandbox's folder")

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self.machine.url + "api/status", timeout=2) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004  HTTP's OK
        except OSError:
            return False

    def power_off(self) -> None:
        """End every process of the machine and wait until its port is closed."""
        if self.init is not None:
            if self.init.stdin:
                self.init.stdin.close()  # that is the power cord
            try:
                self.init.wait(POWER_OFF_SECONDS)
            except subprocess.TimeoutExpired:
                self.init.kill()
                self.init.wait(POWER_OFF_SECONDS)
            if self.init.stdout:
                self.init.stdout.close()
            self.init = None
        left = processes.sweep(self.machine.mark)
        if left:
            self.say(f"These processes could not be ended: {left}")
        deadline = time.monotonic() + POWER_OFF_SECONDS
        while self._listens() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.machine.port)) == 0

    def _rest(self, until: float) -> None:
        self._end.wait(max(0.0, until - time.monotonic()))
