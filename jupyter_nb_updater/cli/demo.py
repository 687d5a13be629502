"""``jupyter nb-updater demo``: the product on your own machine, without an AWS account."""

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
    description = """A SageMaker notebook instance on your own machine, without an AWS account.

    AWS is emulated; JupyterLab, the lifecycle script, the stop and the start are real. The line `ready` says that all is up.
    """
    examples = "jupyter nb-updater demo --uptime 95d --stop-seconds 5"

    port = Int(0, min=0, max=65535, help="Port of JupyterLab; 0 picks a free one.").tag(config=True)
    browser = Bool(default_value=True, help="Open JupyterLab in the browser.").tag(config=True)
    root = Unicode(
        "", help="Folder for the machine, empty or of an earlier demo; its SageMaker/ stays. Without it: a temporary one."
    ).tag(config=True)
    uptime = Unicode("34d", help="How long the instance has been up at first: 34d, 12h, 5m.").tag(config=True)
    simulate_date = Unicode("", help="The date that advice goes by at first: 2027-01-15T10:00:00Z.").tag(config=True)
    time_scale = Float(
        1.0,
        min=1.0,
        max=86400.0,
        help="How many times as fast time passes for the advice: 3600 is an hour a second.",
    ).tag(config=True)
    policy = Unicode("", help="The organization's document. Its copy in the machine's folder can be changed meanwhile.").tag(
        config=True
    )
    platform = Unicode("notebook-al2023-v1", help="Platform identifier of the instance.").tag(config=True)
    instance_type = Unicode("ml.t3.medium", help="Type of the instance.").tag(config=True)
    start_seconds = Float(0.0, min=0, max=600, help="A start takes at least this long.").tag(config=True)
    stop_seconds = Float(0.0, min=0, max=600, help="A stop takes at least this long.").tag(config=True)
    return_path = Enum(
        ("stack", "schedule", "manual", "none"),
        "stack",
        help="Who starts the instance again: stack, schedule (after two minutes, as on AWS), manual (you) or none.",
    ).tag(config=True)
    wheel = Unicode("", help="Wheel of the extension. Without it: made of the installed package.").tag(config=True)

    collaboration = Bool(default_value=False, help="Have jupyter-collaboration installed on the instance.").tag(config=True)

    flags = {
        "no-browser": ({"DemoApp": {"browser": False}}, "Do not open a browser."),
        "collaboration": ({"DemoApp": {"collaboration": True}}, "Have jupyter-collaboration installed on the instance."),
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
        "wheel": "DemoApp.wheel",
    }

    def run(self) -> ExitCode:
        """Start the sandbox, announce where everything is, wait for the end."""
        self.announcements = announcement_log()
        try:
            uptime, date = duration(self.uptime), from_text(self.simulate_date or None)
        except ValueError as error:
            self.error(f"--uptime or --simulate-date: {error}")
            return ExitCode.USAGE
        if self.policy and not Path(self.policy).is_file():
            self.error(f"--policy: there is no file {self.policy}")
            return ExitCode.USAGE
        if missing := what_is_missing():
            self.error(missing)
            return ExitCode.FAILED
        from ..sandbox import Sandbox, SandboxError, SandboxOptions

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
            self.announcements.info("Ending")
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
    """Return what this computer lacks for a demo, and what to do about it; ``None`` when it lacks nothing."""
    if os.name != "posix":
        return "the demo needs Linux or macOS"
    if find_spec("moto") is None or find_spec("flask") is None:
        return 'the emulated AWS is not installed: pip install "jupyter-nb-updater[demo]"'
    return None


class AnnouncementHandler(logging.Handler):
    """Writes each message to standard output at once: whoever waits for `ready` may read through a pipe.

    In one piece: `print` writes the end of a line by itself, and the thread of the sandbox logs too.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stdout.write(f"{record.getMessage()}\n")
        sys.stdout.flush()


def announcement_log() -> logging.Logger:
    """Return the log of what the demo announces, which goes to standard output and nowhere else."""
    log = logging.getLogger("jupyter_nb_updater.demo")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [AnnouncementHandler()]
    return log


def on_end_signal(handler: Callable[..., None] | signal.Handlers) -> None:
    """Set what Ctrl-C and the other ways to end the demo do from now on."""
    for number in END_SIGNALS:
        signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    on_end_signal(signal.SIG_IGN)  # a second one, from `make` or an impatient finger, must not break the clean-up
    raise KeyboardInterrupt
