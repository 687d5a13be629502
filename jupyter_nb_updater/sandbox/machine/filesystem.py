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
from ..aws.client import REGION
from ..options import SandboxOptions
from .disk import Disk
from .images import Image
from .network import HOST_NAME_VARIABLE

SHIMS = Path(__file__).parents[1] / "bin"
ROOT_VOLUME = ("home", "opt", "proc", "etc", "usr", "tmp", "run", "root")
"""Everything that a stop destroys."""

INHERITED_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
"""Variables inherited from this computer, like PIP_*, so that ``pip install`` works on the instance if it works here."""


@dataclass(frozen=True)
class MachineBoot:
    """One boot of the machine.

    Args:
        number: number of the boot; 0 for the first.
        booted: boot time that the machine reports.
        system: image of Jupyter's environment.
        kernel: image of the environment of the kernels.
        platform: platform identifier of the instance.
        traits: settings of the extension and of Jupyter (``jupyter.PROGRAMS``): class to trait to value.
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
        options: options of the instance: its disk, its front, its systemd unit.
        public_name: what a browser calls the instance; ``None`` without a front.
    """

    def __init__(self, root: Path, port: int, mark: str, options: SandboxOptions, public_name: str | None) -> None:
        self.root, self.port, self.mark = root, port, mark
        self.public_name, self.jupyter_unit = public_name, options.unit
        self.allows_any_origin = options.front is not None and options.front.allowed_origin == "any"
        self.boots = 0
        self._address = f"172.16.{port >> 8}.{port & 255}"
        self.volume = root / "SageMaker"
        megabytes = options.disk_megabytes
        self.disk = None if megabytes is None else Disk(root / "SageMaker.img", self.volume, megabytes)
        self.home = root / "home" / "ec2-user"
        self.system = self.home / "anaconda3" / "envs" / "JupyterSystemEnv"
        self.kernel = self.home / "anaconda3" / "envs" / "python3"
        self.metadata = root / "opt" / "ml" / "metadata" / "resource-metadata.json"
        self.instance_config = root / "etc" / "opt" / "ml" / "sagemaker-notebook-instance-config.json"
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
        """URL of Jupyter for programs on the machine, with a slash at the end."""
        return f"{'http' if self.public_name is None else 'https'}://127.0.0.1:{self.port}/"

    @property
    def host(self) -> str:
        """``Host`` that Jupyter sees behind AWS's front: address and port in AWS's network, seen in public logs."""
        return f"{self._address}:8443"

    @property
    def host_name(self) -> str:
        """Name of the machine in AWS's network, which does not resolve (form: EC2 User Guide, "EC2 instance hostnames")."""
        return f"ip-{self._address.replace('.', '-')}.{REGION}.compute.internal"

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
            "NB_UPDATER_SANDBOX_JUPYTER_UNIT": self.jupyter_unit,
            **({} if self.public_name is None else {HOST_NAME_VARIABLE: self.host_name}),
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
        self.boots += 1
        for folder in (self.home, self.configuration, self.shims, self.run, self.logs, self.root / "tmp", self.root / "root"):
            folder.mkdir(parents=True, exist_ok=True)
        self.volume.mkdir(exist_ok=True)
        (self.home / "SageMaker").symlink_to(self.volume)
        boot.system.copy(self.system)
        boot.kernel.copy(self.kernel)
        write(self.metadata, json.dumps({"ResourceArn": arn, "ResourceName": name}))
        write(self.stat, f"btime {int(boot.booted.timestamp())}\n")
        write(self.boot_id, f"{uuid.uuid4()}\n")
        write(self.release, boot.os_release + "\n")
        (self.run / "systemd" / "system").mkdir(parents=True)  # sd_booted(3)
        write(self.run / "crond.pid", "1\n")
        # A login shell reads /etc/profile, which overwrites PATH.
        write(self.home / ".profile", f"export PATH={shlex.quote(environment['PATH'])}\n")
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        write(self.run / "environment", exports)
        os.mkfifo(self.control)
        for shim in ("systemctl", "systemd-run", "sudo", "node"):
            shutil.copy(SHIMS / shim, self.shims / shim)
        (self.shims / "npm").symlink_to("node")
        (self.shims / "python3").symlink_to(Path(sys.executable).resolve())  # the system's Python, which every Amazon Linux has
        atomic_write(self.shell, (SHIMS / "shell").read_bytes(), mode=0o755)  # somebody may be starting it at this moment

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


def write(path: Path, text: str) -> None:
    """Write a file of the root volume, which may be a hard link to the cache of images."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text, "utf-8")
