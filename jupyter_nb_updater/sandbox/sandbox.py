"""The whole sandbox: emulated AWS, a notebook instance, and its return path."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from .aws import account, transitions as states
from .aws.client import EmulatedAws, Faults
from .front.server import Front
from .machine import processes
from .machine.filesystem import Machine, new_mark
from .machine.images import repack
from .machine.supervisor import Boots, Supervisor
from .options import SandboxError, SandboxOptions

if TYPE_CHECKING:
    from typing_extensions import Self

MARKER = ".nb-updater-sandbox"


class FolderLock:
    """Lock a folder for one sandbox.

    Args:
        root: the folder.
        mark: value in the environment of the processes of this sandbox.
    """

    def __init__(self, root: Path, mark: str) -> None:
        self.locked = False
        self._root, self._mark = root, mark
        self._marker = root / MARKER

    def acquire(self) -> None:
        """Lock the folder, and end processes of an earlier sandbox that was killed.

        Raises:
            SandboxError: the folder contains something else, or another sandbox is using it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        if self._marker.exists():
            earlier = json.loads(self._marker.read_text("utf-8"))
            if earlier and _is_running(earlier["pid"], earlier["created"]):
                raise SandboxError(f"another sandbox is using {self._root} (process {earlier['pid']})")
            if earlier:
                processes.sweep(earlier["mark"])
        elif any(self._root.iterdir()):
            raise SandboxError(f"{self._root} is not empty, and parts of it would be deleted: specify a new folder")
        process = psutil.Process()
        record = {"pid": process.pid, "created": process.create_time(), "mark": self._mark}
        self._marker.write_text(json.dumps(record), "utf-8")
        self.locked = True

    def release(self) -> None:
        """Unlock the folder for the next sandbox."""
        self._marker.write_text("null", "utf-8")
        self.locked = False


def _is_running(pid: int, created: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - created) < 1.0
    except psutil.NoSuchProcess:
        return False


LOG = logging.getLogger(__name__)

RETURN_PATHS = {
    name: f"jupyter_nb_updater.restart.return_path.{name}.{name.title()}ReturnPath" for name in ("schedule", "manual")
}
"""Classes of the return paths other than the default one."""


class Sandbox:
    """A notebook instance on this computer. Use it as a context manager, or call ``start`` and ``close``.

    Args:
        options: options of the sandbox; ``None`` for the defaults.
        aws: emulated AWS of another sandbox, for two instances in one account; the other sandbox starts and ends it. ``None``
            for
            an account of its own.
        log: where each step is announced.
        **changes: single options that override ``options``: ``Sandbox(wheel=wheel, stop_seconds=2)``.
    """

    def __init__(
        self,
        options: SandboxOptions | None = None,
        *,
        aws: EmulatedAws | None = None,
        log: logging.Logger = LOG,
        **changes: Any,
    ) -> None:
        self.options = options = replace(options or SandboxOptions(), **changes)
        self.name, self._log = options.name, log
        self._temporary = options.root is None
        self._root = (options.root or Path(tempfile.mkdtemp(prefix="nb-updater-demo-"))).resolve()
        port = options.port or _free_port()
        name, jupyter_port = (None, port) if options.front is None else (f"127.0.0.1:{port}", _free_port())
        self.machine = Machine(self._root, jupyter_port, new_mark(), options, name)
        self.front = None if options.front is None else Front(options.front, self.machine, port)
        self._folder_lock = FolderLock(self._root, self.machine.mark)
        self._shares_account = aws is not None
        self.aws = aws or EmulatedAws(minute_seconds=options.minute_seconds, private=options.front is not None)
        self._boots = Boots(options, self._traits())
        self._supervisor = Supervisor(self.aws, self.machine, self._boots, options, log)

    @property
    def lab_url(self) -> str:
        """URL of JupyterLab on the instance."""
        return self.url + "lab"

    @property
    def notebook_url(self) -> str:
        """URL of Jupyter Notebook on the instance."""
        return self.url + "tree"

    @property
    def url(self) -> str:
        """URL of Jupyter for a browser, with a slash at the end. It enters through the front, with a secret."""
        return self.machine.url if self.front is None else self.front.url

    @property
    def api_url(self) -> str:
        """URL of the emulated AWS."""
        return self.aws.url

    @property
    def root(self) -> Path:
        """Folder that represents the machine's ``/``."""
        return self._root

    @property
    def volume(self) -> Path:
        """Folder that survives a stop."""
        return self.machine.volume

    @property
    def home(self) -> Path:
        """Home folder, which does not survive a stop."""
        return self.machine.home

    @property
    def policy(self) -> Path:
        """Policy document of the organization, outside both volumes, so that it survives restarts."""
        return self._root / "organization.json"

    @property
    def faults(self) -> Faults:
        """Failures to inject into the emulated AWS."""
        return self.aws.faults

    @property
    def status(self) -> str:
        """Current status of the notebook instance."""
        return str(self.aws.instance(self.name)["status"])

    def tags(self) -> dict[str, str]:
        """Return the current tags of the notebook instance."""
        answer = self.aws.client("sagemaker").list_tags(ResourceArn=self.aws.instance(self.name)["arn"])
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    def wait_for(self, status: str, timeout: float = 60.0) -> None:
        """Wait until the notebook instance has this status.

        Args:
            status: status to wait for.
            timeout: time limit in seconds.

        Raises:
            SandboxError: the instance does not have this status in time.
        """
        deadline = time.monotonic() + timeout
        while (now := self.status) != status:
            if time.monotonic() > deadline or (now == states.FAILED and status == states.IN_SERVICE):
                seen = self.aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=self.name)
                reason = seen.get("FailureReason")
                raise SandboxError(f"The status of the instance is {now}, not {status}" + (f": {reason}" if reason else ""))
            time.sleep(0.05)

    def run(self, *command: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command on the instance, as in a terminal."""
        return subprocess.run([str(self.machine.shell), *command], capture_output=True, text=True, timeout=timeout, check=False)

    def cut(self) -> None:
        """Cut the power: every process is killed, and what was not on the volume's disk is lost. The instance is ``Failed``.

        Without ``disk_megabytes`` the page cache of this computer survives, and with it everything that was written.
        """
        self._supervisor.cut()

    def start(self) -> Self:
        """Build missing images, start everything, and wait until the instance is ``InService``.

        Raises:
            SandboxError: the sandbox cannot start; everything that was started has been ended.
        """
        try:
            self._folder_lock.acquire()
            if self.options.policy is not None:
                self.policy.write_bytes(_read(self.options.policy))
            self._boots.prepare(self._log)
            if self.machine.disk is not None:
                self.machine.disk.attach()
            if not self._shares_account:
                self._log.info("Starting the emulated AWS")
                self.aws.start()
                account.create_buckets(self.aws)
            self.aws.supervise(self.name)
            if self.front is not None:
                self.front.start()
                self.aws.set_front(self.name, self.front.public_name, self.front.sessions.key)
            config = self._lifecycle_config() if self.options.extension else None
            self._log.info("Creating the notebook instance %s", self.name)
            account.create_notebook_instance(self.aws, self.name, self.options.platform, self.options.instance_type, config)
            self._supervisor.start()
            if self.options.return_path == "stack":
                self._log.info("Deploying the return path: cloud/return-path.yaml")
                account.deploy_return_path(self.aws)  # at the same time as the boot, because both take seconds
            elif self.options.return_path == "schedule":
                self._log.info("Deploying the role of the return path: cloud/schedule-role.yaml")
                account.deploy_schedule_role(self.aws)
            self.wait_for(states.IN_SERVICE, timeout=300)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End everything that was started. Deletes a temporary folder; another one keeps its volume. May be called twice."""
        self._supervisor.close()
        if self.front is not None:
            self.front.stop()
        if not self._shares_account:
            self.aws.stop()
        if self.machine.disk is not None:
            self.machine.disk.detach()
        if self._temporary:
            shutil.rmtree(self._root, ignore_errors=True)
        elif self._folder_lock.locked:
            self.machine.wipe()
            self._folder_lock.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _traits(self) -> dict[str, Any]:
        """Return the settings of the extension and of Jupyter that follow from the options."""
        traits = dict(self.options.traits)
        if self.options.return_path in RETURN_PATHS:
            chosen = {"return_path_class": RETURN_PATHS[self.options.return_path]}
            traits["RestartRunner"] = chosen | traits.get("RestartRunner", {})
        if self.options.policy is not None:
            traits["PolicyManager"] = {"url": self.policy.as_uri()} | traits.get("PolicyManager", {})
        return traits

    def _lifecycle_config(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            wheel = self.options.wheel or repack(Path(folder))
            name = f"{account.LIFECYCLE_CONFIG}-{self.name}" if self._shares_account else account.LIFECYCLE_CONFIG
            return account.create_lifecycle_config(self.aws, wheel, self.machine.home, name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SandboxError(f"the policy document cannot be read: {error}") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
