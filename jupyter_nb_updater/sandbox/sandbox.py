"""The sandbox as a whole: emulated AWS, one notebook instance in it, and its way back."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

import psutil

from ..cloud import RETURN_PATH_TEMPLATE
from ..lifecycle.render import render
from . import images, processes, states
from .errors import SandboxError
from .images import Image, Say
from .machine import Boot, Machine, new_mark
from .remote import EmulatedAws, Faults
from .supervisor import LIFECYCLE_LIMIT, Supervisor
from .wheel import repack

NAME = "research-1"
BUCKET = "nb-updater-sandbox"
LIFECYCLE_CONFIG = "nb-updater"
MARKER = ".nb-updater-sandbox"
ROLE = "arn:aws:iam::123456789012:role/notebook"

ReturnPathName = Literal["stack", "manual", "none"]


class Sandbox:
    """A notebook instance on this computer. A context manager; ``start`` and ``close`` do the same.

    Args:
        root: the folder that stands for the machine's ``/``, empty or of an earlier sandbox; ``None`` makes a temporary one,
            which ``close`` removes.
        port: of Jupyter; 0 picks a free one and keeps it over restarts.
        uptime: how long ago the instance says that it was started, at first.
        platform: its platform identifier.
        start_seconds: ``Pending`` lasts at least this long.
        stop_seconds: ``Stopping`` lasts at least this long.
        return_path: ``stack`` deploys ``cloud/return-path.yaml``; ``manual`` tells the extension that a person starts the
            instance; ``none`` has the extension look for a stack that is not there.
        wheel: of the extension; ``None`` makes it of the installed package.
        extension: ``False`` for an instance without lifecycle configuration, so without the extension.
        traits: further settings of the extension, class to trait to value.
        lifecycle_limit: seconds that the OnStart script may take; AWS gives 300.
        say: told in words what happens.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        port: int = 0,
        uptime: timedelta = timedelta(days=34),
        platform: str = "notebook-al2023-v1",
        start_seconds: float = 0.0,
        stop_seconds: float = 0.0,
        return_path: ReturnPathName = "stack",
        wheel: Path | None = None,
        extension: bool = True,
        traits: dict[str, Any] | None = None,
        lifecycle_limit: float = LIFECYCLE_LIMIT,
        say: Say = lambda text: None,
    ) -> None:
        self.name = NAME
        self._temporary, self._claimed = root is None, False
        self._uptime, self._platform, self._return_path = uptime, platform, return_path
        self._wheel, self._extension, self._say = wheel, extension, say
        self._boots = 0
        self._images: list[Image] = []
        self._kernel: Image | None = None
        self._root = (root or Path(tempfile.mkdtemp(prefix="nb-updater-demo-"))).resolve()
        self.machine = Machine(self._root, port or _free_port(), new_mark())
        self.aws = EmulatedAws([NAME])
        settings = dict(traits or {})
        if return_path == "manual":
            settings["RestartRunner"] = {
                "return_path_class": "jupyter_nb_updater.restart.return_path.manual.ManualReturnPath"
            } | settings.get("RestartRunner", {})
        self._supervisor = Supervisor(
            self.aws,
            NAME,
            self.machine,
            self._next_boot,
            settings,
            start_seconds=start_seconds,
            stop_seconds=stop_seconds,
            say=say,
            lifecycle_limit=lifecycle_limit,
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
    def faults(self) -> Faults:
        """Failures to inject into the emulated AWS."""
        return self.aws.faults

    @property
    def status(self) -> str:
        """Of the notebook instance, now."""
        return str(self.aws.instance(NAME)["status"])

    def tags(self) -> dict[str, str]:
        """The tags of the notebook instance, now."""
        answer = self.aws.client("sagemaker").list_tags(ResourceArn=self.aws.instance(NAME)["arn"])
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    def wait_for(self, status: str, timeout: float = 60.0) -> None:
        """Until the notebook instance has this status.

        Raises:
            SandboxError: it has not after ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while (now := self.status) != status:
            if time.monotonic() > deadline or (now == states.FAILED and status == states.IN_SERVICE):
                reason = self.aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=NAME).get("FailureReason")
                raise SandboxError(f"the instance is {now}, not {status}" + (f": {reason}" if reason else ""))
            time.sleep(0.05)

    def run(self, *command: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command on the instance, as a terminal of it would."""
        return subprocess.run(  # noqa: S603  the caller's command, on purpose
            [str(self.machine.shell), *command], capture_output=True, text=True, timeout=timeout, check=False
        )

    # Life

    def start(self) -> Sandbox:
        """Build what is missing, start everything, and wait until the instance is ``InService``.

        Raises:
            SandboxError: it cannot start; what was started has been ended.
        """
        try:
            self._claim_root()
            for recipe in images.SYSTEM:
                self._images.append(images.prepare(recipe, self._say))
            self._kernel = images.prepare(images.KERNEL, self._say)
            self._say("Starting the emulated AWS")
            self.aws.start()
            self._create_instance()
            self._supervisor.start()
            if self._return_path == "stack":
                self._deploy_return_path()  # takes seconds, and so does the boot: side by side
            self.wait_for(states.IN_SERVICE, timeout=300)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End everything that was started. A temporary folder goes, another one keeps its volume. May be called twice."""
        self._supervisor.close()
        self.aws.stop()
        if self._temporary:
            shutil.rmtree(self._root, ignore_errors=True)
        elif self._claimed:
            self.machine.wipe()
            self._record(None)
            self._claimed = False

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    # What it is made of

    def _next_boot(self) -> Boot:
        number, self._boots = self._boots, self._boots + 1
        booted = datetime.now(timezone.utc) - (self._uptime if number == 0 else timedelta(0))
        assert self._kernel is not None  # noqa: S101  start() prepared it
        return Boot(number, booted, self._images[min(number, len(self._images) - 1)], self._kernel)

    def _deploy_return_path(self) -> None:
        self._say("Deploying the return path: cloud/return-path.yaml")
        self.aws.client("cloudformation").create_stack(
            StackName="nb-updater",
            TemplateBody=RETURN_PATH_TEMPLATE.read_text("utf-8"),
            Parameters=[{"ParameterKey": "PollSeconds", "ParameterValue": "1"}],
            Capabilities=["CAPABILITY_IAM"],
        )

    def _create_instance(self) -> None:
        sagemaker = self.aws.client("sagemaker")
        more = {}
        if self._extension:
            hook = [{"Content": base64.b64encode(self._lifecycle_script().encode()).decode()}]
            sagemaker.create_notebook_instance_lifecycle_config(
                NotebookInstanceLifecycleConfigName=LIFECYCLE_CONFIG, OnStart=hook
            )
            more["LifecycleConfigName"] = LIFECYCLE_CONFIG
        self._say(f"Creating the notebook instance {NAME}")
        sagemaker.create_notebook_instance(
            NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=ROLE, PlatformIdentifier=self._platform, **more
        )

    def _lifecycle_script(self) -> str:
        """Put the wheel into the emulated S3 and render the script that fetches it from there."""
        wheel = self._wheel or repack(self._root)
        if not wheel.is_file():
            raise SandboxError(f"there is no wheel {wheel}")
        content = wheel.read_bytes()
        s3 = self.aws.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": self.aws.region})
        s3.put_object(Bucket=BUCKET, Key=wheel.name, Body=content)
        return render(f"s3://{BUCKET}/{wheel.name}", hashlib.sha256(content).hexdigest(), str(self.machine.home))

    def _claim_root(self) -> None:
        """Make sure that the folder is ours to wipe, and that nothing of an earlier run is left in it.

        Raises:
            SandboxError: it holds something else, or another sandbox runs in it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        marker = self._root / MARKER
        if marker.exists():
            earlier = json.loads(marker.read_text("utf-8"))
            if earlier and _runs(earlier["pid"], earlier["created"]):
                raise SandboxError(f"another sandbox runs in {self._root} (process {earlier['pid']})")
            if earlier:
                processes.sweep(earlier["mark"])
        elif any(self._root.iterdir()):
            raise SandboxError(f"{self._root} is not empty, and parts of it would be deleted: name a new folder")
        me = psutil.Process()
        self._record({"pid": me.pid, "created": me.create_time(), "mark": self.machine.mark})
        self._claimed = True

    def _record(self, content: dict[str, Any] | None) -> None:
        (self._root / MARKER).write_text(json.dumps(content), "utf-8")


def _runs(pid: int, created: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - created) < 1.0
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
