"""``jupyter nb-updater demo``: runs a notebook instance on this machine, without an AWS account."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from traitlets import Bool, Enum, Float, Int, Unicode

from ..util.clock import duration, from_text
from .base import Command, ExitCode

if TYPE_CHECKING:
    from ..sandbox import Sandbox
    from ..sandbox.options import ReturnPathName

END_SIGNALS = (signal.SIGTERM, signal.SIGINT) + ((signal.SIGHUP,) if os.name == "posix" else ())


class DemoApp(Command):
    """Runs a sandbox until Ctrl-C or SIGTERM."""

    name = "jupyter-nb-updater-demo"
    description = """Run a SageMaker notebook instance on this machine, without an AWS account. Ctrl-C ends it.

    AWS is emulated; JupyterLab, the lifecycle script, the stop and the start are real. The line `ready` is printed once
    everything is running.
    """
    exit_codes = "0: ended, 2: an option is wrong, 4: the demo could not start."
    examples = "jupyter nb-updater demo\njupyter nb-updater demo --uptime 95d --stop-seconds 5 --policy organization.json"

    port = Int(0, min=0, max=65535, help="Port of JupyterLab; 0 for any free port.").tag(config=True)
    browser = Bool(default_value=True, help="Open JupyterLab in the browser.").tag(config=True)
    root = Unicode(
        "", help="Folder for the files of the instance, empty or of an earlier demo. Default: a temporary folder."
    ).tag(config=True)
    uptime = Unicode("34d", help="Time since the last start of the instance (34d, 12h, 5m).").tag(config=True)
    simulate_date = Unicode("", help="Date for the advice, in UTC (2027-01-15T10:00:00Z). Default: now.").tag(config=True)
    time_scale = Float(
        1.0,
        min=1.0,
        max=86400.0,
        help="Speed of time for the advice: 3600 makes an hour pass in a second.",
    ).tag(config=True)
    policy = Unicode("", help="Organization policy, a file. Its copy in the folder of the instance can be edited.").tag(
        config=True
    )
    platform = Unicode("notebook-al2023-v1", help="Platform identifier of the instance.").tag(config=True)
    instance_type = Unicode("ml.t3.medium", help="Instance type.").tag(config=True)
    start_seconds = Float(0.0, min=0, max=600, help="Shortest duration of a start, in seconds.").tag(config=True)
    stop_seconds = Float(0.0, min=0, max=600, help="Shortest duration of a stop, in seconds.").tag(config=True)
    return_path = Enum(
        ("stack", "schedule", "manual", "none"),
        "stack",
        help="What starts the instance again: the stack, a schedule (after two minutes), you (manual) or nothing (none).",
    ).tag(config=True)
    front = Enum(
        ("aws", "none"),
        "aws",
        help="What is in front of Jupyter: a proxy like that of AWS (aws), or nothing (none).",
    ).tag(config=True)
    wheel = Unicode("", help="Wheel of the extension, a file. Default: built from the installed package.").tag(config=True)

    collaboration = Bool(default_value=False, help="Install jupyter-collaboration on the instance.").tag(config=True)

    flags = {
        "no-browser": ({"DemoApp": {"browser": False}}, "Do not open a browser."),
        "collaboration": ({"DemoApp": {"collaboration": True}}, "Install jupyter-collaboration on the instance."),
    }
    aliases = {
        "port": "DemoApp.port",
        "root": "DemoApp.root",
        "uptime": "DemoApp.uptime",
        "simulate-uptime": "DemoApp.uptime",
        "simulate-date": "DemoApp.simulate_date",
        "time-scale": "DemoApp.time_scale",
        "policy": "DemoApp.policy",
        "platform": "DemoApp.platform",
        "instance-type": "DemoApp.instance_type",
        "start-seconds": "DemoApp.start_seconds",
        "stop-seconds": "DemoApp.stop_seconds",
        "return-path": "DemoApp.return_path",
        "front": "DemoApp.front",
        "wheel": "DemoApp.wheel",
    }

    def run(self) -> ExitCode:
        """Start the sandbox, print its addresses, and wait for the end."""
        self.announcements = announcement_log()
        try:
            uptime, date = duration(self.uptime), from_text(self.simulate_date or None)
        except ValueError as error:
            self.error(f"--uptime or --simulate-date: {error}.")
            return ExitCode.USAGE
        if self.policy and not Path(self.policy).is_file():
            self.error(f"--policy: {self.policy} does not exist.")
            return ExitCode.USAGE
        if missing := what_is_missing():
            self.error(f"{missing}.")
            return ExitCode.FAILED
        from ..sandbox import FrontOptions, Sandbox, SandboxError, SandboxOptions

        on_end_signal(_interrupt)
        sandbox = None
        try:
            options = SandboxOptions(
                root=Path(self.root) if self.root else None,
                port=self.port,
                uptime=uptime,
                simulate_date=date,
                time_scale=self.time_scale,
                policy=Path(self.policy) if self.policy else None,
                platform=self.platform,
                instance_type=self.instance_type,
                start_seconds=self.start_seconds,
                stop_seconds=self.stop_seconds,
                return_path=cast("ReturnPathName", self.return_path),
                front=FrontOptions() if self.front == "aws" else None,
                wheel=Path(self.wheel) if self.wheel else None,
                collaboration="5" if self.collaboration else None,
            )
            sandbox = Sandbox(options, log=self.announcements)
            self.show(sandbox.start())
            threading.Event().wait()
        except SandboxError as error:
            self.error(str(error))
            return ExitCode.FAILED
        except KeyboardInterrupt:
            self.announcements.info("Stopping the demo")
        finally:
            on_end_signal(signal.SIG_IGN)
            if sandbox is not None:
                sandbox.close()
        return ExitCode.CURRENT

    def show(self, sandbox: Sandbox) -> None:
        """Announce the address of everything."""
        log = self.announcements
        log.info("JupyterLab: %s", sandbox.lab_url)
        log.info("Notebook: %s", sandbox.notebook_url)
        log.info("SageMaker API: %s", sandbox.api_url)
        log.info("Shell: %s", sandbox.machine.shell)
        if self.policy:
            log.info("Policy: %s", sandbox.policy)
        log.info("ready")
        if self.browser:
            webbrowser.open(sandbox.lab_url)


def what_is_missing() -> str | None:
    """Return what this machine lacks for a demo, and the next step; ``None`` when nothing is missing."""
    if os.name != "posix":
        return "The demo needs Linux or macOS"
    if any(find_spec(module) is None for module in ("aiohttp", "cryptography", "flask", "moto")):
        return 'The emulated AWS is not installed. Run pip install "jupyter-nb-updater[demo]"'
    return None


class AnnouncementHandler(logging.Handler):
    """Writes each message to standard output at once: a program may wait for `ready` at the end of a pipe.

    Text and line break are written together, because the thread of the sandbox logs too.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stdout.write(f"{record.getMessage()}\n")
        sys.stdout.flush()


def announcement_log() -> logging.Logger:
    """Return the log of the demo, which goes to standard output only."""
    log = logging.getLogger("jupyter_nb_updater.demo")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [AnnouncementHandler()]
    return log


def on_end_signal(handler: Callable[..., None] | signal.Handlers) -> None:
    """Set the handler of Ctrl-C and the other signals that end the demo.

    Args:
        handler: of all these signals.
    """
    for number in END_SIGNALS:
        signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    on_end_signal(signal.SIG_IGN)  # a second signal, from `make` or the user, must not break the clean-up
    raise KeyboardInterrupt
