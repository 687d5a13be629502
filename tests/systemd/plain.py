"""The same starts with plain processes, without root: the sandbox with the interface of ``instance.py``."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

from .instance import ENVIRONMENT, HOME, SECONDS, serves

NAME = "nb-updater-plain"


class PlainInstance:
    """An instance of the sandbox with a given OnStart script."""

    unreachable = "export AWS_ENDPOINT_URL=http://127.0.0.1:9\n"
    full, why_full = "ulimit -f 64\n", "File too large"
    read_only, why_read_only = f"chmod a-w {ENVIRONMENT}/lib/python3*/site-packages\n", "Permission denied"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.volume = sandbox.volume
        self.notes = sandbox.volume / ".nb-updater"
        self._sagemaker = sandbox.aws.client("sagemaker")
        self.script_seconds = 0.0

    def start(self, script: str, megabytes: int = 0) -> None:
        """Start it with this script, and wait until it is InService and JupyterLab responds."""
        if self._sandbox.status == "InService":
            self._sagemaker.stop_notebook_instance(NotebookInstanceName=self._sandbox.name)
            self._sandbox.wait_for("Stopped")
        text = f"began=$(date +%s%N)\n({script.replace(HOME, str(self._sandbox.home))})\n"
        text += f'echo $(($(date +%s%N) - began)) > "{self._measured}"\n'
        config = {
            "NotebookInstanceLifecycleConfigName": NAME,
            "OnStart": [{"Content": base64.b64encode(text.encode()).decode()}],
        }
        try:
            self._sagemaker.create_notebook_instance_lifecycle_config(**config)
            update = {"NotebookInstanceName": self._sandbox.name, "LifecycleConfigName": NAME}
            self._sagemaker.update_notebook_instance(**update)
            self._sandbox.wait_for("Stopped")
        except self._sagemaker.exceptions.ClientError:  # it is there
            self._sagemaker.update_notebook_instance_lifecycle_config(**config)
        self._sagemaker.start_notebook_instance(NotebookInstanceName=self._sandbox.name)
        self._sandbox.wait_for("InService", timeout=SECONDS)
        self.script_seconds = int(self._measured.read_text()) / 1e9

    def stop(self) -> None:
        """Do nothing; the sandbox ends it."""

    @property
    def _measured(self) -> Path:
        return self._sandbox.root / "measured"

    @property
    def in_service(self) -> bool:
        return self._sandbox.status == "InService"

    def run(self, *command: str) -> str:
        return self._sandbox.run(*(word.replace(HOME, str(self._sandbox.home)) for word in command)).stdout

    def answers(self) -> bool:
        return serves(self._sandbox.url + "lab")

    def serves_the_extension(self) -> bool:
        return serves(self._sandbox.url + "nb-updater/state")

    def outcome(self) -> dict[str, object]:
        noted = self.notes / "on-start.json"
        self.wait_for(lambda: noted.exists() and noted.read_text(), "the end of the work")
        return dict(json.loads(noted.read_text()))

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        eventually(condition, SECONDS, what=what)
