"""``jupyter nb-updater demo``: the product on your own machine, without an AWS account."""

from __future__ import annotations

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
    from ..sandbox.sandbox import ReturnPathName

ENDINGS = (signal.SIGTERM, signal.SIGINT) + ((signal.SIGHUP,) if os.name == "posix" else ())


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
        """Start the sandbox, say where everything is, wait for the end."""
        try:
            uptime, date = duration(self.uptime), from_text(self.simulate_date or None)
        except ValueError as error:
            self.complain(f"--uptime or --simulate-date: {error}")
            return ExitCode.USAGE
        if self.policy and not Path(self.policy).is_file():
            self.complain(f"--policy: there is no file {self.policy}")
            return ExitCode.USAGE
        if missing := what_is_missing():
            self.complain(missing)
            return ExitCode.FAILED
        from ..sandbox import Sandbox, SandboxError

        on_ending(_interrupt)
        sandbox = None
        try:
            sandbox = Sandbox(
                Path(self.root) if self.root else None,
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
                say=say,
            )
            self.show(sandbox.start())
            threading.Event().wait()
        except SandboxError as error:
            self.complain(str(error))
            return ExitCode.FAILED
        except KeyboardInterrupt:
            say("Ending")
        finally:
            on_ending(signal.SIG_IGN)
            if sandbox is not None:
                sandbox.close()
        return ExitCode.CURRENT

    def show(self, sandbox: Sandbox) -> None:
        """Say where everything is."""
        say(f"JupyterLab: {sandbox.lab_url}")
        say(f"Notebook: {sandbox.notebook_url}")
        say(f"SageMaker API: {sandbox.api_url}")
        say(f"Shell: {sandbox.machine.shell}")
        if self.policy:
            say(f"Policy: {sandbox.policy}")
        say("ready")
        if self.browser:
            webbrowser.open(sandbox.lab_url)


def what_is_missing() -> str | None:
    """What this computer lacks for a demo, and what to do about it."""
    if os.name != "posix":
        return "the demo needs Linux or macOS"
    if find_spec("moto") is None or find_spec("flask") is None:
        return 'the emulated AWS is not installed: pip install "jupyter-nb-updater[demo]"'
    return None


def say(text: str) -> None:
    """A line, at once: whoever waits for `ready` may read through a pipe.

    In one piece: `print` writes the end of a line by itself, and the thread of the sandbox speaks too.
    """
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def on_ending(handler: Callable[..., None] | signal.Handlers) -> None:
    """What Ctrl-C and the other ways to end this do from now on."""
    for number in ENDINGS:
        signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    on_ending(signal.SIG_IGN)  # once is enough: a second one, from `make` or an impatient finger, must not break the clean-up
    raise KeyboardInterrupt
