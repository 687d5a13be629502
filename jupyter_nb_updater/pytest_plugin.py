"""Pytest fixtures for tests of signal sources, return paths and clients of this extension.

pytest loads this module wherever the package is installed, so it imports nothing but pytest until a test uses a
fixture. ``emulated_aws``, ``notebook_instance`` and ``sandbox`` need the extra ``demo``; ``nb_updater_config`` needs nothing.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .sandbox import Sandbox
    from .sandbox.aws.client import EmulatedAws

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-1"
ROLE = "arn:aws:iam::123456789012:role/notebook"
NOBODY = "http://127.0.0.1:9"
"""An endpoint at the discard port, where nothing listens."""

UPTIME_DAYS = 34
STATUS_SECONDS, POLL_SECONDS = 15.0, 0.05

_numbers = itertools.count(1)


class NotebookInstance:
    """A notebook instance in the emulated AWS, without a machine behind it.

    Args:
        aws: the emulated AWS.
        name: name of the instance.
        **parameters: further parameters of ``CreateNotebookInstance``.
    """

    def __init__(self, aws: EmulatedAws, name: str, **parameters: Any) -> None:
        self.aws, self.name = aws, name
        self.sagemaker = aws.client("sagemaker")
        self.arn = self.sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, **parameters
        )["NotebookInstanceArn"]

    def describe(self) -> dict[str, Any]:
        """Return the response of ``DescribeNotebookInstance``."""
        return dict(self.sagemaker.describe_notebook_instance(NotebookInstanceName=self.name))

    @property
    def status(self) -> str:
        """The current status, read without the injected faults."""
        return str(self.aws.instance(self.name)["status"])

    @property
    def tags(self) -> dict[str, str]:
        """The current tags."""
        answer = self.sagemaker.list_tags(ResourceArn=self.arn)
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    def tag(self, key: str, value: str) -> None:
        """Add a tag, or change its value."""
        self.sagemaker.add_tags(ResourceArn=self.arn, Tags=[{"Key": key, "Value": value}])

    def stop(self) -> None:
        """Request a stop."""
        self.sagemaker.stop_notebook_instance(NotebookInstanceName=self.name)

    def start(self) -> None:
        """Request a start."""
        self.sagemaker.start_notebook_instance(NotebookInstanceName=self.name)

    def wait_for(self, status: str) -> None:
        """Wait until the instance has this status; fail after 15 seconds."""
        deadline = time.monotonic() + STATUS_SECONDS
        while self.status != status:
            assert time.monotonic() < deadline, f"{self.name} is {self.status}, not {status}"  # noqa: S101  it is a test
            time.sleep(POLL_SECONDS)


@pytest.fixture(scope="session")
def running_emulated_aws() -> Iterator[EmulatedAws]:
    """Run one emulated AWS for all tests, whose instances change their status within 0.3 seconds."""
    from .sandbox.aws.client import EmulatedAws

    aws = EmulatedAws(start_seconds=0.3, stop_seconds=0.3)
    aws.start()
    yield aws
    aws.stop()


@pytest.fixture
def emulated_aws(running_emulated_aws: EmulatedAws) -> Iterator[EmulatedAws]:
    """Return the emulated AWS; ``faults.add`` makes its calls fail until the end of the test."""
    yield running_emulated_aws
    running_emulated_aws.faults.clear()


@pytest.fixture
def new_notebook_instance(emulated_aws: EmulatedAws) -> Callable[..., NotebookInstance]:
    """Return a function that creates a notebook instance with a unique name and parameters of ``CreateNotebookInstance``."""
    return lambda **parameters: NotebookInstance(emulated_aws, f"Test-{next(_numbers)}", **parameters)


@pytest.fixture
def notebook_instance(new_notebook_instance: Callable[..., NotebookInstance]) -> NotebookInstance:
    """Create a notebook instance that is ``InService``."""
    made = new_notebook_instance()
    made.wait_for("InService")
    return made


@pytest.fixture(scope="session")
def nb_updater_wheel() -> Path | None:
    """Return the wheel that a sandbox installs; ``None`` builds it from the installed package.

    Override it to test another wheel.
    """
    return None


@pytest.fixture
def sandbox(nb_updater_wheel: Path | None) -> Iterator[Sandbox]:
    """Run a whole notebook instance on this machine: emulated AWS, real processes, and the extension installed at its start."""
    from .sandbox import Sandbox

    with Sandbox(wheel=nb_updater_wheel) as running:
        yield running


@pytest.fixture
def nb_updater_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Return a server configuration in which this machine is a notebook instance that has been up for 34 days.

    Merge it into ``jp_server_config`` of pytest-jupyter. AWS is unreachable, unless AWS_ENDPOINT_URL is set.
    """
    monkeypatch.setenv("AWS_ENDPOINT_URL", os.environ.get("AWS_ENDPOINT_URL", NOBODY))
    for name, value in {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    metadata = tmp_path / "resource-metadata.json"
    metadata.write_text(json.dumps({"ResourceArn": ARN, "ResourceName": "research-1"}))
    stat = tmp_path / "stat"
    stat.write_text(f"btime {int(time.time()) - UPTIME_DAYS * 86400}\n")
    return {
        "InstanceMetadata": {"path": str(metadata)},
        "BootClock": {"stat_path": str(stat)},
        "Journal": {"directory": str(tmp_path / "SageMaker" / ".nb-updater")},
        "Aws": {"max_attempts": 1, "read_timeout_seconds": 3.0},
        "BackgroundProcesses": {"root_pid": os.getpid(), "min_age_seconds": 0.0},
        "ChangedFiles": {"folders": [str(tmp_path / "home")]},
        "OsReleaseSource": {"dnf": str(tmp_path / "dnf")},
    }
