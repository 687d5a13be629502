"""The disks of the emulated machine: the root volume, created at every boot, and the volume, which survives.

Developer Guide, "Notebook instance software updates" and "Maintenance": only ``/home/ec2-user/SageMaker`` survives a stop. The
paths are those of a notebook instance, under a root folder instead of ``/``.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ...util.files import atomic_write
from .disk import Disk
from .images import Image

SHIMS = Path(__file__).parents[1] / "bin"
ROOT_VOLUME = ("home", "opt", "proc", "etc", "usr", "tmp", "run", "root")
"""Everything that a stop destroys."""

INHERITED_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
"""Variables inherited from this computer, like PIP_*, so that ``pip install`` works on the instance if it works here."""

JUPYTER = {
    "ServerApp": "jupyter_server",
    "FileContentsManager": "jupyter_server",
    "YDocExtension": "jupyter_server",
    "LabApp": "jupyter_lab",
    "JupyterNotebookApp": "jupyter_notebook",
}
"""Program whose configuration file contains the settings of a class. All other classes belong to the extension."""


@dataclass(frozen=True)
class MachineBoot:
    """One boot of the machine.

    Args:
        number: number of the boot; 0 for the first.
        booted: boot time that the machine reports.
        system: image of Jupyter's environment.
        kernel: image of the environment of the kernels.
        platform: platform identifier of the instance.
        traits: settings of the extension and of Jupyter (``JUPYTER``): class to trait to value.
    """

    number: int
    booted: datetime
    system: Image
    kernel: Image
    platform: str
    traits: dict[str, Any] = field(default_factory=dict)

    @property
    def os_release(self) -> str:
        """First line of ``/etc/system-release``. AL2023's is newer at each boot; the dates after the first are invented."""
        if self.platform.startswith("notebook-al2-"):
            return "Amazon Linux release 2 (Karoo)"
        day = date(2025, 11, 10) + timedelta(weeks=3) * self.number
        return f"Amazon Linux release 2023.{9 + self.number // 4}.{day:%Y%m%d} (Amazon Linux)"


class Machine:
    """The paths of the machine, and its two volumes.

    Args:
        root: folder that represents ``/``.
        port: port of Jupyter, the same at each boot.
        mark: value in the environment of every process of the machine, which identifies them.
        disk_megabytes: size of the volume's own disk, in megabytes; ``None`` uses a folder as the volume.
    """

    def __init__(self, root: Path, port: int, mark: str, disk_megabytes: int | None = None) -> None:
        self.root, self.port, self.mark = root, port, mark
        self.volume = root / "SageMaker"
        self.disk = None if disk_megabytes is None else Disk(root / "SageMaker.img", self.volume, disk_megabytes)
        self.home = root / "home" / "ec2-user"
        self.system = self.home / "anaconda3" / "envs" / "JupyterSystemEnv"
        self.kernel = self.home / "anaconda3" / "envs" / "python3"
        self.metadata = root / "opt" / "ml" / "metadata" / "resource-metadata.json"
        self.stat, self.boot_id = root / "proc" / "stat", root / "proc" / "boot_id"
        self.release = root / "etc" / "system-release"
        self.dnf = root / "usr" / "bin" / "dnf"
        self.configuration = root / "etc" / "jupyter"
        self.shims = root / "usr" / "local" / "bin"
        self.run = root / "run"
        self.control, self.unit = self.run / "init.control", self.run / "init.unit"
        self.logs = root / "logs"  # CloudWatch Logs on AWS
        self.shell = root / "shell"

    @property
    def url(self) -> str:
        """URL of Jupyter, with a slash at the end."""
        return f"http://127.0.0.1:{self.port}/"

    def environment(self, endpoint: str, region: str) -> dict[str, str]:
        """Return the environment variables of every process of the machine.

        Args:
            endpoint: URL of the emulated AWS.
            region: its region.
        """
        inherited = {k: v for k, v in os.environ.items() if k in INHERITED_VARIABLES or k.startswith("PIP_")}
        local = "127.0.0.1,localhost"
        return inherited | {
            "PATH": f"{self.kernel}/bin:{self.shims}:{self.system}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.home),
            "USER": "ec2-user",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh",
            "TMPDIR": str(self.root / "tmp"),
            "JUPYTER_CONFIG_PATH": str(self.configuration),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": local,
            "no_proxy": local,
            "NB_UPDATER_SANDBOX": self.mark,
            "NB_UPDATER_SANDBOX_CONTROL": str(self.control),
        }

    def lay_out(self, boot: MachineBoot, arn: str, name: str, environment: dict[str, str]) -> None:
        """Create a new root volume around the surviving volume.

        Args:
            boot: images, times and settings.
            arn: ARN of the instance.
            name: name of the instance, in its original case.
            environment: environment variables of ``shell``.
        """
        self.wipe()
        for folder in (self.home, self.configuration, self.shims, self.run, self.logs, self.root / "tmp", self.root / "root"):
            folder.mkdir(parents=True, exist_ok=True)
        self.volume.mkdir(exist_ok=True)
        (self.home / "SageMaker").symlink_to(self.volume)
        boot.system.copy(self.system)
        boot.kernel.copy(self.kernel)
        _write(self.metadata, json.dumps({"ResourceArn": arn, "ResourceName": name}))
        _write(self.stat, f"btime {int(boot.booted.timestamp())}\n")
        _write(self.boot_id, f"{uuid.uuid4()}\n")
        _write(self.release, boot.os_release + "\n")
        # A login shell reads /etc/profile, which overwrites PATH.
        _write(self.home / ".profile", f"export PATH={shlex.quote(environment['PATH'])}\n")
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        _write(self.run / "environment", exports)
        os.mkfifo(self.control)
        for shim in ("systemctl", "systemd-run", "sudo"):
            shutil.copy(SHIMS / shim, self.shims / shim)
        (self.shims / "python3").symlink_to(Path(sys.executable).resolve())  # the system's Python, which every Amazon Linux has
        atomic_write(self.shell, (SHIMS / "shell").read_bytes(), mode=0o755)  # somebody may be starting it at this moment
        self._configure_jupyter(boot.traits)

    def _configure_jupyter(self, traits: dict[str, Any]) -> None:
        """Configure Jupyter as on a notebook instance: behind AWS's proxy with an empty token and the XSRF check.

        The empty token was seen in public logs of notebook instances. ``news_url`` only avoids a request to the internet, and
        ``buildCheck`` a run of Node.js for each page, with which JupyterLab checks whether it can be rebuilt.
        """
        server = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.port,
                "port_retries": 0,
                "root_dir": str(self.home / "SageMaker"),
                "open_browser": False,
                "allow_root": True,
                "tornado_settings": {"page_config_data": {"buildCheck": False}},
            },
            "IdentityProvider": {"token": ""},
        }
        lab = {"LabApp": {"news_url": None, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"}}
        extension = {
            "InstanceMetadata": {"path": str(self.metadata)},
            "BootClock": {"stat_path": str(self.stat), "id_path": str(self.boot_id)},
            "Software": {"release_path": str(self.release)},
            "OsReleaseSource": {"dnf": str(self.dnf)},  # never that of this computer
        }
        files: dict[str, dict[str, Any]] = {
            "jupyter_server": server,
            "jupyter_lab": lab,
            "jupyter_notebook": {},
            "jupyter_nb_updater": extension,
        }
        for name, values in traits.items():
            file = files[JUPYTER.get(name, "jupyter_nb_updater")]
            file[name] = file.get(name, {}) | values
        for app, content in files.items():
            _write(self.configuration / f"{app}_config.json", json.dumps(content, indent=2))
        kernel = self.system / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
        argv = [str(self.kernel / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python", "metadata": {"debugger": True}}
        _write(kernel, json.dumps(spec))

    def wipe(self) -> None:
        """Delete the root volume. It is first moved away, so that it disappears at once."""
        trash = Path(tempfile.mkdtemp(prefix=".trash-", dir=self.root))
        for name in ROOT_VOLUME:
            if (self.root / name).is_dir():
                (self.root / name).rename(trash / name)
        shutil.rmtree(trash, ignore_errors=True)


def new_mark() -> str:
    """Return a mark that no other process on this computer has."""
    return uuid.uuid4().hex


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # it may be a hard link to the cache of images
    path.write_text(text, "utf-8")
