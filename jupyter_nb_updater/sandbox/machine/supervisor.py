"""The hypervisor of the emulated machine: follows the status of its notebook instance and makes it true.

``Pending``: lay a fresh root volume, run the OnStart script, start Jupyter, wait until it answers, say ``InService``.
``Stopping``: end every process, destroy the root volume, say ``Stopped`` when the port is closed.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from ..aws import transitions as states
from ..aws.client import EmulatedAws
from .filesystem import Machine, MachineBoot
from .images import Say
from .power import Power

POLL_SECONDS = 0.1
LIFECYCLE_LIMIT = 300.0  # Developer Guide: "Scripts cannot run for longer than 5 minutes"
JUPYTER_SECONDS = 150.0
HOME = re.compile(rb"(?<![\w./-])/home/ec2-user\b")
"""In a script, the home folder of the machine: there is no other root to change to here."""


class BootFailed(Exception):
    """The machine did not come up; the message is the ``FailureReason``."""


class Supervisor:
    """One machine and its power switch.

    Args:
        aws: where the status is, and where the lifecycle configuration comes from.
        name: of the instance.
        machine: its disks.
        next_boot: gives each boot of a platform its images and times.
        traits: further settings of the extension and of Jupyter on the machine.
        start_seconds: ``Pending`` lasts at least this long.
        stop_seconds: ``Stopping`` lasts at least this long.
        say: told in words what happens.
        lifecycle_limit: seconds that the OnStart script may take.
        cut_at_stop: each stop is a power cut.
    """

    def __init__(
        self,
        aws: EmulatedAws,
        name: str,
        machine: Machine,
        next_boot: Callable[[str], MachineBoot],
        traits: dict[str, Any],
        *,
        start_seconds: float,
        stop_seconds: float,
        say: Say,
        lifecycle_limit: float = LIFECYCLE_LIMIT,
        cut_at_stop: bool = False,
    ) -> None:
        self.aws, self.instance, self.machine, self.next_boot, self.traits = aws, name, machine, next_boot, traits
        self.start_seconds, self.stop_seconds, self.say = start_seconds, stop_seconds, say
        self.lifecycle_limit, self.cut_at_stop = lifecycle_limit, cut_at_stop
        self.power = Power(machine, name)
        self._end = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="nb-updater-sandbox-supervisor", daemon=True)

    def start(self) -> None:
        """Follow the status from now on, in a thread."""
        self._thread.start()

    def _follow(self) -> None:
        while not self._end.wait(POLL_SECONDS):
            try:
                with self._turn:
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
        deadline = time.monotonic() + JUPYTER_SECONDS
        while self._thread.is_alive() and time.monotonic() < deadline:
            self.power.cut()  # a boot that is under way ends early
            self._thread.join(POLL_SECONDS)
        self._power_off()

    def cut(self) -> None:
        """A power cut. What AWS makes of an instance whose host fails is not documented; here it is ``Failed``."""
        with self._turn:
            self.say("A power cut")
            self._lose_power()
            self.machine.wipe()
            self.aws.settle(self.instance, states.FAILED, "InternalFailure: the host of the instance failed")

    def _begin(self) -> None:
        started = time.monotonic()
        try:
            self._boot()
            self._rest(started + self.start_seconds)
            self.say(f"InService after {time.monotonic() - started:.1f} s")  # first: whoever waits for that goes on to speak
            self.aws.settle(self.instance, states.IN_SERVICE)
        except BootFailed as error:
            self._power_off()
            self.aws.settle(self.instance, states.FAILED, str(error))
            self.say(f"Failed: {error}")

    def _finish(self) -> None:
        started = time.monotonic()
        self.say("Stopping: every process ends, everything outside SageMaker/ is destroyed")
        if self.cut_at_stop:
            self._lose_power()
        else:
            self._power_off()
        self.machine.wipe()
        self._rest(started + self.stop_seconds)
        self.aws.settle(self.instance, states.STOPPED)
        self.say("Stopped")

    def _boot(self) -> None:
        self._power_off()
        description = self.aws.instance(self.instance)
        boot = self.next_boot(description["platform"])
        environment = self.machine.environment(self.aws.url, self.aws.region)
        self.machine.lay(boot, description["arn"], self.instance, environment, self.traits)
        self.say(f"Pending: {boot.os_release}")
        config = description["lifecycle_config"]
        for event in self.power.on(environment, self._on_start(config) if config else None, self.lifecycle_limit):
            if event["event"] == "on-start" and event["outcome"] != "ok":
                raise BootFailed(states.lifecycle_failure(description["arn"], config, timed_out=event["outcome"] == "timeout"))
            if event["event"] == "jupyter":
                break
        self._wait_for_jupyter()

    def _on_start(self, config: str) -> str:
        """Fetch the OnStart script as an instance gets it, through the API."""
        client = self.aws.client("sagemaker")
        answer = client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=config)
        script = self.machine.run / "on-start"
        text = b"".join(base64.b64decode(hook["Content"]) for hook in answer.get("OnStart", []))
        script.write_bytes(HOME.sub(str(self.machine.home).encode(), text))
        return str(script)

    def _wait_for_jupyter(self) -> None:
        deadline = time.monotonic() + JUPYTER_SECONDS
        while not self.power.jupyter_answers():
            if self._end.wait(POLL_SECONDS) or time.monotonic() > deadline or not self.power.is_on:
                raise BootFailed("InternalFailure: Jupyter does not answer; see logs/ in the sandbox's folder")

    def _power_off(self) -> None:
        left = self.power.off()
        if left:
            self.say(f"These processes could not be ended: {left}")

    def _lose_power(self) -> None:
        self.power.fail()
        if self.machine.disk is not None:
            self.machine.disk.cut()

    def _rest(self, until: float) -> None:
        self._end.wait(max(0.0, until - time.monotonic()))
