"""The hypervisor of the emulated machine: powers it on and off according to the status of its notebook instance.

``Pending``: create a new root volume, run the OnStart script, start Jupyter, wait until it responds, set ``InService``.
``Stopping``: end every process, delete the root volume, set ``Stopped`` when the port is closed.
"""

from __future__ import annotations

import base64
import logging
import re
import threading
import time
from datetime import timedelta
from typing import Any

from ...util.clock import to_text, utcnow
from ..aws import transitions as states
from ..aws.client import EmulatedAws
from ..options import SandboxOptions
from . import images, jupyter
from .filesystem import Machine, MachineBoot
from .images import Image
from .power import Power


class Boots:
    """Provide images, times and settings for each boot.

    Args:
        options: options of the instance: its software, and the clock of the first boot.
        traits: settings of the extension and of Jupyter: class to trait to value. The first boot adds the simulated clock.
    """

    def __init__(self, options: SandboxOptions, traits: dict[str, Any]) -> None:
        self._options = options
        self._recipes = images.system(options.collaboration)
        self._traits = traits
        self._systems: list[Image] = []
        self._kernel: Image | None = None
        self._count = 0

    def prepare(self, log: logging.Logger) -> None:
        """Build missing images."""
        self._systems = [images.prepare(recipe, log) for recipe in self._recipes]
        self._kernel = images.prepare(images.KERNEL, log)

    def next(self, platform: str) -> MachineBoot:
        """Return the next boot.

        Args:
            platform: current platform identifier of the instance.
        """
        number, self._count = self._count, self._count + 1
        now, options = utcnow(), self._options
        if number == 0 and (options.simulate_date or options.time_scale != 1.0):
            # only at the first boot: simulated time continues across restarts
            start = to_text(options.simulate_date or now)
            clock = {"simulate_date": start, "anchor": to_text(now), "rate": options.time_scale}
            self._traits = self._traits | {"AdviceClock": clock | self._traits.get("AdviceClock", {})}
        assert self._kernel is not None  # noqa: S101  prepare() built it
        return MachineBoot(
            number,
            booted=now - (options.uptime if number == 0 else timedelta(0)),
            system=self._systems[min(number, len(self._systems) - 1)],
            kernel=self._kernel,
            platform=platform,
            traits=self._traits,
        )


POLL_SECONDS = 0.1
JUPYTER_TIMEOUT_SECONDS = 150.0
HOME = re.compile(rb"(?<![\w./-])/home/ec2-user\b")
"""The home folder of the instance in a script, which is replaced by that of the machine, because there is no chroot."""


class BootFailed(Exception):
    """The machine did not start; the message is the ``FailureReason``."""


class Supervisor:
    """Follow the status of one instance, and power its machine on and off.

    Args:
        aws: the emulated AWS, with the status and the lifecycle configuration.
        machine: disks and paths of the instance.
        boots: images, times and settings of each boot.
        options: name and durations of the instance.
        log: where each step is announced.
    """

    def __init__(self, aws: EmulatedAws, machine: Machine, boots: Boots, options: SandboxOptions, log: logging.Logger) -> None:
        self._aws, self._machine, self._boots = aws, machine, boots
        self._instance, self._options, self._log = options.name, options, log
        self._power = Power(machine, options.name)
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="nb-updater-sandbox-supervisor", daemon=True)

    def start(self) -> None:
        """Follow the status from now on, in a thread."""
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(POLL_SECONDS):
            try:
                with self._lock:
                    status = self._aws.instance(self._instance)["status"]
                    if status == states.PENDING:
                        self._start_instance()
                    elif status == states.STOPPING:
                        self._stop_instance()
            except Exception as error:  # noqa: BLE001  the hypervisor continues; the log says why
                self._log.info("The sandbox failed: %r", error)

    def close(self) -> None:
        """End the thread and power the machine off, whatever its status."""
        self._end.set()
        deadline = time.monotonic() + JUPYTER_TIMEOUT_SECONDS
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._power.cut()  # end a boot in progress early
            self._thread.join(POLL_SECONDS)
        self._power_off()

    def cut(self) -> None:
        """Cut the power. AWS does not document the status after a host failure; here it is ``Failed``."""
        with self._lock:
            self._log.info("Power cut")
            self._lose_power()
            self._machine.wipe()
            self._aws.settle(self._instance, states.FAILED, "InternalFailure: the host of the instance failed")

    def _start_instance(self) -> None:
        started = time.monotonic()
        try:
            self._boot()
            self._wait_until(started + self._options.start_seconds)
            self._log.info(
                "InService after %.1f seconds", time.monotonic() - started
            )  # before settle(), so that log lines are in order
            self._aws.settle(self._instance, states.IN_SERVICE)
        except BootFailed as error:
            self._power_off()
            self._aws.settle(self._instance, states.FAILED, str(error))
            self._log.info("Failed: %s", error)

    def _stop_instance(self) -> None:
        started = time.monotonic()
        self._log.info("Stopping: ending every process, deleting everything outside SageMaker/")
        if self._options.cut_at_stop:
            self._lose_power()
        else:
            self._power_off()
        self._machine.wipe()
        self._wait_until(started + self._options.stop_seconds)
        self._aws.settle(self._instance, states.STOPPED)
        self._log.info("Stopped")

    def _boot(self) -> None:
        self._power_off()
        description = self._aws.instance(self._instance)
        boot = self._boots.next(description["platform"])
        environment = self._machine.environment(self._aws.url, self._aws.region)
        self._machine.lay_out(boot, description["arn"], self._instance, environment)
        jupyter.configure(self._machine, boot.traits)
        self._log.info("Pending: %s", boot.os_release)
        config = description["lifecycle_config"]
        script = self._on_start(config) if config else None
        for event in self._power.on(environment, script, self._options.on_start_timeout_seconds):
            if event["event"] == "on-start" and event["outcome"] != "ok":
                raise BootFailed(states.lifecycle_failure(description["arn"], config, timed_out=event["outcome"] == "timeout"))
            if event["event"] == "jupyter":
                break
        self._wait_for_jupyter()

    def _on_start(self, config: str) -> str:
        """Get the OnStart script through the API, as an instance does."""
        client = self._aws.client("sagemaker")
        answer = client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=config)
        script = self._machine.run / "on-start"
        text = b"".join(base64.b64decode(hook["Content"]) for hook in answer.get("OnStart", []))
        script.write_bytes(HOME.sub(str(self._machine.home).encode(), text))
        return str(script)

    def _wait_for_jupyter(self) -> None:
        deadline = time.monotonic() + JUPYTER_TIMEOUT_SECONDS
        while not self._power.jupyter_answers():
            if self._end.wait(POLL_SECONDS) or time.monotonic() > deadline or not self._power.is_on:
                raise BootFailed("InternalFailure: Jupyter does not respond; see logs/ in the sandbox's folder")

    def _power_off(self) -> None:
        left = self._power.off()
        if left:
            self._log.info("Processes that could not be ended: %s", left)

    def _lose_power(self) -> None:
        self._power.fail()
        if self._machine.disk is not None:
            self._machine.disk.cut()

    def _wait_until(self, moment: float) -> None:
        self._end.wait(max(0.0, moment - time.monotonic()))
