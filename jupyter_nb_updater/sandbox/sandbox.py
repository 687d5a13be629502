"""The sandbox as a whole: emulated AWS, a notebook instance in it, and its way back."""

from __future__ import annotations

import logging
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .aws import account, transitions as states
from .aws.client import EmulatedAws, Faults
from .errors import SandboxError
from .folder_lock import FolderLock
from .machine.boots import Boots
from .machine.filesystem import Machine, new_mark
from .machine.images import Collaboration, Say
from .machine.supervisor import LIFECYCLE_LIMIT, Supervisor
from .machine.wheel import repack

if TYPE_CHECKING:
    from typing_extensions import Self

NAME = "research-1"
LOG = logging.getLogger(__name__)

ReturnPathName = Literal["stack", "schedule", "manual", "none"]

RETURN_PATHS = {
    name: f"jupyter_nb_updater.restart.return_path.{name}.{name.title()}ReturnPath" for name in ("schedule", "manual")
}
"""Classes of the return paths that an instance does not have by default."""


class Sandbox:
    """A notebook instance on this computer. A context manager; ``start`` and ``close`` do the same.

    Args:
        root: the folder that stands for the machine's ``/``, empty or of an earlier sandbox; ``None`` makes a temporary one,
            which ``close`` removes.
        name: of the instance.
        aws: of another sandbox that has started, and ends it: two instances in one account. ``None`` for an account of its own.
        port: of Jupyter; 0 picks a free one and keeps it over restarts.
        uptime: how long ago the instance says that it was started, at first.
        simulate_date: the date that advice goes by at the first boot; ``None`` for the real one.
        time_scale: how many times as fast that time passes from then on, over restarts too.
        policy: the organization's document; its copy on the machine, ``policy``, may be changed at any time.
        platform: its platform identifier.
        instance_type: its type, such as ``ml.p3.2xlarge``.
        start_seconds: ``Pending`` lasts at least this long.
        stop_seconds: ``Stopping`` lasts at least this long.
        return_path: ``stack`` deploys ``cloud/return-path.yaml``, ``schedule`` deploys ``cloud/schedule-role.yaml``; ``manual``
            tells the extension that a person starts the instance; ``none`` has it look for a stack that is not there.
        minute_seconds: how long a minute lasts of the rate at which a schedule fires, in an account of its own.
        wheel: of the extension; ``None`` makes it of the installed package.
        extension: ``False`` for an instance without lifecycle configuration, so without the extension.
        collaboration: line of jupyter-collaboration that Jupyter has; ``None`` for a Jupyter without it.
        traits: further settings, class to trait to value: of the extension, and of Jupyter itself (``machine.JUPYTER``).
        lifecycle_limit: seconds that the OnStart script may take; AWS gives 300.
        disk_megabytes: gives the volume a disk of its own of this size, which can be full and can lose power (``disk``);
            needs root. ``None``: the volume is a folder.
        cut_at_stop: each stop is a power cut, so that only what is on the disk is there after a restart.
        say: told in words what happens; the log, unless given.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        name: str = NAME,
        aws: EmulatedAws | None = None,
        port: int = 0,
        uptime: timedelta = timedelta(days=34),
        simulate_date: datetime | None = None,
        time_scale: float = 1.0,
        policy: Path | None = None,
        platform: str = "notebook-al2023-v1",
        instance_type: str = "ml.t3.medium",
        start_seconds: float = 0.0,
        stop_seconds: float = 0.0,
        return_path: ReturnPathName = "stack",
        minute_seconds: float = 60.0,
        wheel: Path | None = None,
        extension: bool = True,
        collaboration: Collaboration | None = None,
        traits: dict[str, Any] | None = None,
        lifecycle_limit: float = LIFECYCLE_LIMIT,
        disk_megabytes: int | None = None,
        cut_at_stop: bool = False,
        say: Say = LOG.info,
    ) -> None:
        self.name = name
        self._temporary = root is None
        self._return_path, self._policy = return_path, policy
        self._platform, self._instance_type = platform, instance_type
        self._wheel, self._extension, self._say = wheel, extension, say
        self._root = (root or Path(tempfile.mkdtemp(prefix="nb-updater-demo-"))).resolve()
        self.machine = Machine(self._root, port or _free_port(), new_mark(), disk_megabytes)
        self._claim = FolderLock(self._root, self.machine.mark)
        self._is_guest = aws is not None
        self.aws = aws or EmulatedAws(minute_seconds=minute_seconds)
        settings = dict(traits or {})
        if return_path in RETURN_PATHS:
            chosen = {"return_path_class": RETURN_PATHS[return_path]}
            settings["RestartRunner"] = chosen | settings.get("RestartRunner", {})
        if policy is not None:
            settings["PolicyManager"] = {"url": self.policy.as_uri()} | settings.get("PolicyManager", {})
        self._boots = Boots(collaboration, uptime, simulate_date, time_scale, settings)
        self._supervisor = Supervisor(
            self.aws,
            name,
            self.machine,
            self._boots.next,
            settings,
            start_seconds=start_seconds,
            stop_seconds=stop_seconds,
            say=say,
            lifecycle_limit=lifecycle_limit,
            cut_at_stop=cut_at_stop,
        )

    # What one looks at

    @property
    def lab_url(self) -> str:
        """JupyterLab on the instance."""
        return self.machine.url + "lab"

    @property
    def notebook_url(self) -> str:
        """Jupyter Notebook on the instance."""
        return self.machine.url + "tree"

    @property
    def url(self) -> str:
        """Jupyter on the instance, with a slash at the end."""
        return self.machine.url

    @property
    def api_url(self) -> str:
        """The emulated AWS."""
        return self.aws.url

    @property
    def root(self) -> Path:
        """The folder that stands for the machine's ``/``."""
        return self._root

    @property
    def volume(self) -> Path:
        """What survives a stop."""
        return self.machine.volume

    @property
    def home(self) -> Path:
        """What does not."""
        return self.machine.home

    @property
    def policy(self) -> Path:
        """The organization's document, if there is one: as it lies elsewhere, no restart touches it."""
        return self._root / "organization.json"

    @property
    def faults(self) -> Faults:
        """Failures to inject into the emulated AWS."""
        return self.aws.faults

    @property
    def status(self) -> str:
        """Of the notebook instance, now."""
        return str(self.aws.instance(self.name)["status"])

    def tags(self) -> dict[str, str]:
        """The tags of the notebook instance, now."""
        answer = self.aws.client("sagemaker").list_tags(ResourceArn=self.aws.instance(self.name)["arn"])
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    def wait_for(self, status: str, timeout: float = 60.0) -> None:
        """Until the notebook instance has this status.

        Raises:
            SandboxError: it has not after ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while (now := self.status) != status:
            if time.monotonic() > deadline or (now == states.FAILED and status == states.IN_SERVICE):
                seen = self.aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=self.name)
                reason = seen.get("FailureReason")
                raise SandboxError(f"the instance is {now}, not {status}" + (f": {reason}" if reason else ""))
            time.sleep(0.05)

    def run(self, *command: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command on the instance, as a terminal of it would."""
        return subprocess.run([str(self.machine.shell), *command], capture_output=True, text=True, timeout=timeout, check=False)

    def cut(self) -> None:
        """A power cut: every process dies at once, and what was not on the volume's disk is lost. The instance is ``Failed``.

        Without ``disk_megabytes`` the page cache of this computer survives, and with it everything that was written at all.
        """
        self._supervisor.cut()

    # Life

    def start(self) -> Self:
        """Build what is missing, start everything, and wait until the instance is ``InService``.

        Raises:
            SandboxError: it cannot start; what was started has been ended.
        """
        try:
            self._claim.take()
            if self._policy is not None:
                self.policy.write_bytes(_read(self._policy))
            self._boots.prepare(self._say)
            if self.machine.disk is not None:
                self.machine.disk.attach()
            if not self._is_guest:
                self._say("Starting the emulated AWS")
                self.aws.start()
                account.create_buckets(self.aws)
            self.aws.supervise(self.name)
            config = self._lifecycle_config() if self._extension else None
            self._say(f"Creating the notebook instance {self.name}")
            account.create_notebook_instance(self.aws, self.name, self._platform, self._instance_type, config)
            self._supervisor.start()
            if self._return_path == "stack":
                self._say("Deploying the return path: cloud/return-path.yaml")
                account.deploy_return_path(self.aws)  # takes seconds, and so does the boot: side by side
            elif self._return_path == "schedule":
                self._say("Deploying the role of the return path: cloud/schedule-role.yaml")
                account.deploy_schedule_role(self.aws)
            self.wait_for(states.IN_SERVICE, timeout=300)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End everything that was started. A temporary folder goes, another one keeps its volume. May be called twice."""
        self._supervisor.close()
        if not self._is_guest:
            self.aws.stop()
        if self.machine.disk is not None:
            self.machine.disk.detach()
        if self._temporary:
            shutil.rmtree(self._root, ignore_errors=True)
        elif self._claim.held:
            self.machine.wipe()
            self._claim.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    # What it is made of

    def _lifecycle_config(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            wheel = self._wheel or repack(Path(folder))
            name = f"{account.LIFECYCLE_CONFIG}-{self.name}" if self._is_guest else account.LIFECYCLE_CONFIG
            return account.create_lifecycle_config(self.aws, wheel, self.machine.home, name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SandboxError(f"the policy cannot be read: {error}") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
