"""What the tests of the sandbox share: a wheel small enough to build for each run, an instance to talk to, and patience."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from tests.wait import eventually
from tests.wheels import write_wheel

ROLE = "arn:aws:iam::123456789012:role/notebook"


def make_wheel(folder: Path, module: str = "__version__ = '0'\n", *, enabled: bool = False) -> Path:
    """A wheel with the name of ours, one module of the test's choice, a data file and a command; ``enabled``: an extension."""
    files = {
        "jupyter_nb_updater/__init__.py": module,
        "DATA/share/jupyter/labextensions/jupyter-nb-updater/install.json": "{}",
        "INFO/entry_points.txt": "[console_scripts]\nnb-updater-test = jupyter_nb_updater:main\n",
    }
    if enabled:
        drop_in = {"ServerApp": {"jpserver_extensions": {"jupyter_nb_updater": True}}}
        files["DATA/etc/jupyter/jupyter_server_config.d/jupyter_nb_updater.json"] = json.dumps(drop_in)
    return Path(write_wheel(folder, "jupyter-nb-updater", "0.0.1", files))


def get(url: str) -> bytes:
    """What is there, by no proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        assert answer.status == 200
        return bytes(answer.read())


def server_start(sandbox: Sandbox) -> str | None:
    """When this Jupyter server was started; None while it does not answer."""
    try:
        return str(json.loads(get(sandbox.url + "api/status"))["started"])
    except OSError:
        return None


class Instance:
    """A notebook instance of the emulated AWS, as a test talks to it."""

    def __init__(self, aws: EmulatedAws, name: str, **parameters: Any) -> None:
        self.aws, self.name = aws, name
        self.sagemaker = aws.client("sagemaker")
        self.arn = self.sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, **parameters
        )["NotebookInstanceArn"]

    def describe(self) -> dict[str, Any]:
        return dict(self.sagemaker.describe_notebook_instance(NotebookInstanceName=self.name))

    @property
    def status(self) -> str:
        return str(self.aws.instance(self.name)["status"])

    def wait_for(self, status: str) -> None:
        eventually(lambda: self.status == status)

    def stop(self) -> None:
        self.sagemaker.stop_notebook_instance(NotebookInstanceName=self.name)

    def start(self) -> None:
        self.sagemaker.start_notebook_instance(NotebookInstanceName=self.name)

    def tag(self, key: str, value: str) -> None:
        self.sagemaker.add_tags(ResourceArn=self.arn, Tags=[{"Key": key, "Value": value}])

    @property
    def tags(self) -> dict[str, str]:
        answer = self.sagemaker.list_tags(ResourceArn=self.arn)
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
