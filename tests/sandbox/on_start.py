"""A home folder for the OnStart script, without a machine around it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
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

UNIT = "jupyter-server.service"

SYSTEMCTL = """#!/bin/bash
# Knows one unit, of ``JUPYTER``, and starts it again when it ends by itself.
cd "$home" && echo "$@" >> asked
verb="" unit="" shown=""
while [ $# -gt 0 ]; do
  case $1 in -p) shown="$shown $2"; shift ;; -*) ;; *) if [ -z "$verb" ]; then verb=$1; else unit=$1; fi ;; esac
  shift
done
known=$(cat unit)
[ "$unit" = "$known" ] || [ $verb = show ] || { echo "Unit $unit not found." >&2; exit 5; }
case $verb in
  restart)
    [ ! -e supervisor.pid ] || kill -- "-$(cat supervisor.pid)" 2>/dev/null
    setsid bash -c '
      for restarts in {0..99}; do
        echo "$restarts" > restarts
        "$python" "$jupyter" "$home" & echo "$!" > server.pid
        wait $! || sleep 0.2
      done' </dev/null >/dev/null 2>"$home/jupyter.log" 9>&- &
    echo $! > supervisor.pid
    ;;
  show)
    all="NRestarts=0 ActiveState=active MainPID=1" # another unit runs something else
    [ "$unit" != "$known" ] || all="NRestarts=$(cat restarts) ActiveState=active MainPID=$(cat server.pid)"
    for name in $shown; do printf "%s\\n" $all | grep "^$name="; done
    ;;
  is-active) [ -e supervisor.pid ] ;;
esac
"""


class Home:
    """The folder, and a systemctl that records its calls and restarts ``JUPYTER``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.volume = folder, folder / "SageMaker"
        self.environment = folder / "anaconda3" / "envs" / "JupyterSystemEnv"
        self.python = str(self.environment / "bin" / "python")
        self.notes = self.volume / ".nb-updater"
        self.log = self.notes / "on-start.log"
        self.settings = self.environment / "etc" / "jupyter" / "jupyter_nb_updater_config.json"
        self.volume.mkdir()
        images.prepare(images.FIRST).copy(self.environment)
        self.asked, self.slow, self.supervisor = folder / "asked", folder / "slow", folder / "supervisor.pid"
        self.commands = folder / "commands"
        self.commands.mkdir()
        self.systemctl = self.commands / "systemctl"
        variables = {"home": folder, "python": self.python, "jupyter": JUPYTER}
        exports = "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in variables.items())
        self.systemctl.write_text(SYSTEMCTL.replace("\n", f"\n{exports}", 1))
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
        for path in (self.notes, *(self.folder / name for name in (".jupyter", ".local", "opt", "proc", "var"))):
            shutil.rmtree(path, ignore_errors=True)
        for file in (self.asked, self.slow, self.supervisor, self.settings):
            file.unlink(missing_ok=True)
        self.set_unit(UNIT)

    def set_unit(self, unit: str, control_group: str = "0::/system.slice/{}\n") -> None:
        """Set the name of Jupyter's unit, and the control group of its process (proc(5), cgroup)."""
        (self.folder / "unit").write_text(unit)
        (self.folder / "control-group").write_text(control_group.format(unit))

    def start_jupyter(self, **environment: str) -> None:
        """Start it as systemd does at the boot, and wait until it listens."""
        unit = (self.folder / "unit").read_text()
        path = os.environ["PATH"]
        subprocess.run([str(self.systemctl), "restart", unit], check=True, env={"PATH": path} | environment, timeout=9)
        eventually(lambda: list(self.folder.glob(".local/share/jupyter/runtime/*.json")))

    def wait_until_free(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            eventually(lambda: is_free(folder), 60)
        finally:
            os.close(folder)

    def end_jupyter(self) -> None:
        if self.supervisor.exists():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(self.supervisor.read_text()), signal.SIGKILL)

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
        return asked.count(f"--no-block restart {(self.folder / 'unit').read_text()}")


def is_free(folder: int) -> bool:
    """Check whether the lock of the background work is free."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
