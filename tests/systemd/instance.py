"""A notebook instance with the real systemd as process 1, in its own namespaces. Needs root on Linux.

What a start destroys is an overlay in memory; the volume survives. The unit of the lifecycle script is ours, because AWS does
not document how its agent runs the script. It ends all its processes, as the strictest unit would, and
``jupyter-server.service`` follows it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

from jupyter_nb_updater.sandbox.machine import images
from tests.wait import eventually

BOOT = Path(__file__).with_name("boot.sh")
HOME = "/home/ec2-user"
ENVIRONMENT = f"{HOME}/anaconda3/envs/JupyterSystemEnv"
OWNER = 61234
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-1"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin"
SECONDS = 180.0

LIFECYCLE = """[Unit]
Description=The lifecycle script
DefaultDependencies=no

[Service]
Type=oneshot
TimeoutStartSec=300
ExecStart=/bin/bash /opt/ml/on-start
WorkingDirectory=/
EnvironmentFile=/opt/ml/environment
StandardOutput=append:/var/log/on-start.log
StandardError=append:/var/log/on-start.log
"""
JUPYTER = """[Unit]
Description=Jupyter
DefaultDependencies=no
After=lifecycle.service
StartLimitIntervalSec=0

[Service]
User=ec2-user
Environment=HOME={home}
EnvironmentFile=/opt/ml/environment
WorkingDirectory={home}/SageMaker
ExecStart={environment}/bin/jupyter-lab --no-browser
Restart=always
RestartSec=1
StandardOutput=append:/var/log/jupyter.log
StandardError=append:/var/log/jupyter.log
"""
TARGET = """[Unit]
DefaultDependencies=no
Wants=lifecycle.service {unit}
AllowIsolate=yes
"""
UNIT = "jupyter-server.service"


def serves(url: str) -> bool:
    """Check whether there is a response."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=3) as answer:
            return bool(answer.read())
    except OSError:
        return False


class Instance:
    """An instance that can be started repeatedly.

    Args:
        folder: folder for all of it.
        home: result of ``lay_home``, shared by all.
        environment: environment variables of the lifecycle script and of Jupyter, with the AWS endpoint.
    """

    unreachable = ""
    full, why_full = "head -c 200M /dev/zero > /filler 2>/dev/null\ntruncate -s -200K /filler\n", "No space left"
    read_only = f"cd {ENVIRONMENT}/lib/python3*/site-packages; mount --bind . .; mount -o remount,bind,ro $PWD; cd /\n"
    why_read_only = "Read-only"

    def __init__(self, folder: Path, home: Path, environment: dict[str, str]) -> None:
        self.folder, self.volume = folder, folder / "volume"
        self.notes = self.volume / ".nb-updater"
        for name in ("root", "upper", "volume", "etc/systemd/system", "etc/jupyter", "opt/ml/metadata"):
            (folder / name).mkdir(parents=True)
        os.chown(self.volume, OWNER, OWNER)
        (folder / "home").symlink_to(home)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._configure()

    def _configure(self) -> None:
        etc, ml = self.folder / "etc", self.folder / "opt" / "ml"
        for name, text in (("passwd", f"ec2-user:x:{OWNER}:{OWNER}::{HOME}:/bin/bash\n"), ("group", f"ec2-user:x:{OWNER}:\n")):
            (etc / name).write_text(Path("/etc", name).read_text().rstrip("\n") + "\n" + text)
        units = etc / "systemd" / "system"
        (units / "lifecycle.service").write_text(LIFECYCLE)
        self.set_unit(UNIT)
        (ml / "metadata" / "resource-metadata.json").write_text(json.dumps({"ResourceArn": ARN, "ResourceName": "research-1"}))
        (ml / "environment").write_text(
            "".join(f"{name}={value}\n" for name, value in ({"PATH": PATH} | self._environment).items())
        )
        server = {"ip": "127.0.0.1", "port": self.port, "port_retries": 0, "root_dir": f"{HOME}/SageMaker"}
        (etc / "jupyter" / "jupyter_server_config.json").write_text(
            json.dumps({"ServerApp": server, "IdentityProvider": {"token": ""}})
        )

    def set_unit(self, name: str) -> None:
        """Set the name of Jupyter's unit at the next start."""
        units = self.folder / "etc" / "systemd" / "system"
        (units / name).write_text(JUPYTER.format(home=HOME, environment=ENVIRONMENT))
        (units / "notebook-instance.target").write_text(TARGET.format(unit=name))
        for other in set(units.glob("*.service")) - {units / name, units / "lifecycle.service"}:
            other.unlink()

    def start(self, script: str, megabytes: int = 2048) -> None:
        """Power on with this OnStart script, and wait until the instance is InService and JupyterLab responds."""
        self.stop()
        (self.folder / "opt" / "ml" / "on-start").write_text(script)
        for left in _cgroup().glob("nb-updater-*"):  # by a run that was killed; one that is in use stays
            _remove(left)
        group = _cgroup() / f"nb-updater-{os.getpid()}-{self.port}"
        enter = 'mkdir -p "$0" && echo $$ > "$0/cgroup.procs" && exec "$@"'
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--cgroup", "--uts", "--ipc", "--kill-child=KILL"]
        self._group = group
        with (self.folder / "console").open("ab") as console:
            command = [*namespaces, "/bin/bash", str(BOOT), str(self.folder), str(megabytes)]
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "sh", "-c", enter, str(group), *command],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        ended = "ExecMainExitTimestampMonotonic"
        self.wait_for(lambda: self.show("lifecycle.service", ended) not in ("", "0"), "the script's end")
        self.wait_for(self.answers, "JupyterLab")

    def stop(self) -> None:
        """Power off: kill process 1, and with it all others."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._first() or self._process.pid, signal.SIGKILL)
        self._process.wait(SECONDS)
        self._process = None
        self.wait_for(lambda: not self.answers(), "the end of Jupyter")
        _remove(self._group)

    def run(self, *command: str) -> str:
        """Run a command as root on the instance, and return its output."""
        first = self._first()
        if first is None:
            return ""
        enter = ["nsenter", "--target", str(first), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd=/"]
        return subprocess.run([*enter, *command], capture_output=True, text=True, check=False, timeout=SECONDS).stdout

    def show(self, unit: str, name: str) -> str:
        """Return a property of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    @property
    def in_service(self) -> bool:
        """Whether systemd reports that the unit of the script succeeded."""
        return self.show("lifecycle.service", "Result") == "success"

    @property
    def script_seconds(self) -> float:
        """Duration of the script in seconds."""
        began, ended = (int(self.show("lifecycle.service", f"ExecMain{what}TimestampMonotonic")) for what in ("Start", "Exit"))
        return (ended - began) / 1e6

    def answers(self) -> bool:
        """Whether JupyterLab responds."""
        return serves(self.url + "lab")

    def serves_the_extension(self) -> bool:
        """Whether Jupyter runs with our extension."""
        return serves(self.url + "nb-updater/state")

    def outcome(self) -> dict[str, object]:
        """Wait for the end of the background work, and return its outcome."""
        noted = self.notes / "on-start.json"
        self.wait_for(lambda: noted.exists() and noted.read_text(), "the end of the work")
        return dict(json.loads(noted.read_text()))

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition is true; fail with the console's output."""
        console = self.folder / "console"
        eventually(condition, SECONDS, what=lambda: f"{what}\n{console.read_text(errors='replace')[-2000:]}")

    def _first(self) -> int | None:
        """Return the process id of process 1 as seen from outside."""
        if self._process is None:
            return None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        words = children.read_text().split() if children.exists() else []
        return int(words[0]) if words and Path(f"/proc/{words[0]}/comm").read_text().startswith("systemd") else None


def lay_home(folder: Path) -> Path:
    """Create the home of ec2-user as in an image, with Jupyter's environment, owned by ec2-user."""
    target = folder / ENVIRONMENT.removeprefix(HOME + "/")
    image = images.prepare(images.FIRST)
    target.parent.mkdir(parents=True)
    shutil.copytree(image.path, target, symlinks=True)
    for file in (*target.glob("bin/*"), target / "pyvenv.cfg", *target.glob("share/jupyter/kernels/*/*.json")):
        if file.is_file() and not file.is_symlink():
            file.write_bytes(file.read_bytes().replace(image.built_at.encode(), ENVIRONMENT.encode()))
    (folder / "SageMaker").mkdir()
    subprocess.run(["chown", "-R", f"{OWNER}:{OWNER}", str(folder)], check=True)
    return folder


def _cgroup() -> Path:
    unified = Path("/sys/fs/cgroup/unified")
    return unified if unified.is_dir() else Path("/sys/fs/cgroup")


def _remove(group: Path) -> None:
    """Remove a control group with its children, if it has no processes."""
    for folder in (*sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True), group):
        with contextlib.suppress(OSError):
            folder.rmdir()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
