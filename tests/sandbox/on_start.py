"""A home folder for the OnStart script, without a machine around it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_nb_updater.lifecycle.render import Script, block, render
from jupyter_nb_updater.sandbox.machine import images
from jupyter_nb_updater.sandbox.machine.filesystem import SHIMS
from tests.wait import eventually

WHEEL = "jupyter_nb_updater-0.0.1-py3-none-any.whl"

JUPYTER = Path(__file__).with_name("jupyter_stand_in.py")


class Home:
    """The folder, and a systemctl that records its calls and restarts ``JUPYTER``.

    While the file ``broken`` exists, it does not start Jupyter with our package installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.volume = folder, folder / "SageMaker"
        self.environment = folder / "anaconda3" / "envs" / "JupyterSystemEnv"
        self.python = str(self.environment / "bin" / "python")
        self.notes = self.volume / ".nb-updater"
        self.log = self.notes / "on-start.log"
        self.settings = self.environment / "etc" / "jupyter" / "jupyter_nb_updater_config.json"
        self.volume.mkdir()
        images.prepare(images.FIRST).copy(self.environment)
        self.asked, self.broken, self.server = folder / "asked", folder / "broken", folder / "server.pid"
        self.commands = folder / "commands"
        self.commands.mkdir()
        self.systemctl = self.commands / "systemctl"
        self.systemctl.write_text(
            f"""#!/bin/bash
echo "$@" >> "{self.asked}"
case "$*" in *" restart "*) ;; *) exit 0 ;; esac
[ ! -e "{self.server}" ] || kill "$(cat "{self.server}")" 2>/dev/null
[ ! -e "{self.broken}" ] || [ ! -d "$(echo "{self.environment}"/lib/python3*/site-packages/jupyter_nb_updater)" ] || exit 0
setsid "{self.python}" "{JUPYTER}" "{folder}" </dev/null >/dev/null 2>&1 9>&- &
echo $! > "{self.server}"
"""
        )
        self.systemctl.chmod(0o755)
        shutil.copy(SHIMS / "sudo", self.commands)
        (self.commands / "python3").symlink_to(Path(sys.executable).resolve())  # the system's

    def clear(self) -> None:
        """Remove all traces of earlier scripts once nothing is running; keep the environment without the package."""
        self.wait_until_free()
        self.end_jupyter()
        if self.installed:
            command = [self.python, "-m", "pip", "uninstall", "--yes", "--quiet", "jupyter-nb-updater"]
            subprocess.run(command, check=True)
        for path in (self.notes, self.folder / ".jupyter", self.folder / ".local", self.folder / "opt"):
            shutil.rmtree(path, ignore_errors=True)
        for file in (self.asked, self.broken, self.server, self.settings):
            file.unlink(missing_ok=True)

    def wait_until_free(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            eventually(lambda: is_free(folder), 60)
        finally:
            os.close(folder)

    def end_jupyter(self) -> None:
        if self.server.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(self.server.read_text()), signal.SIGKILL)

    def script(self, wheel: Path | str, sha256: str = "", **more: Any) -> Script:
        return Script(str(wheel), sha256, str(self.folder), **({"wait_seconds": 60, "answer_seconds": 15} | more))

    def render(self, wheel: Path | str, sha256: str = "", **more: Any) -> str:
        return render(self.script(wheel, sha256, **more))

    def block(self, wheel: Path | str, sha256: str = "", *, short: bool = False, **more: Any) -> str:
        return block(self.script(wheel, sha256, **more), short=short)

    def run(self, script: str, *shell: str, timeout: float = 90, **environment: str) -> str:
        """Run a script in a shell and return its output. It must exit with 0."""
        self.wait_until_free()
        done = subprocess.run(
            shell or ["/bin/bash"],
            input=script,
            text=True,
            capture_output=True,
            cwd="/",
            timeout=timeout,
            check=False,
            env=os.environ | {"PATH": f"{self.commands}:/usr/bin:/bin", "HOME": "/root"} | environment,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    def run_loudly(self, script: str, *shell: str) -> None:
        """Run a script in a shell that prints its commands to standard error."""
        command = subprocess.run(shell, input=script, text=True, capture_output=True, cwd="/", timeout=60, check=False)
        assert (command.returncode, command.stdout) == (0, "theirs\n")

    def outcome(self, seconds: float = 60) -> dict[str, Any]:
        """Wait for the end of the background work, and return its outcome."""
        path = self.notes / "on-start.json"
        return dict(json.loads(eventually(lambda: path.exists() and path.read_text(), seconds)))

    @property
    def installed(self) -> bool:
        command = [self.python, "-c", "import jupyter_nb_updater"]
        return subprocess.run(command, cwd="/", capture_output=True, check=False).returncode == 0

    @property
    def restarts(self) -> int:
        """Return how often a restart of Jupyter was requested, each time without waiting."""
        asked = self.asked.read_text().splitlines() if self.asked.exists() else []
        restarts = [words for words in asked if " restart " in words]
        assert set(restarts) <= {"--no-block restart jupyter-server.service"}
        return len(restarts)


def is_free(folder: int) -> bool:
    """Check whether the lock of the background work is free."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
