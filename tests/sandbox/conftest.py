"""Fixtures for the emulated AWS and instances in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_nb_updater.cloud import RETURN_PATH_TEMPLATE
from jupyter_nb_updater.pytest_plugin import NotebookInstance
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from tests.warm_aws import warm_aws  # noqa: F401  a fixture for all that is here

from .support import make_wheel


@pytest.fixture(scope="session")
def bare_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wheel(tmp_path_factory.mktemp("wheel"))


QUICK = {"PollSeconds": "1", "StartAttempts": "3"}


@pytest.fixture
def aws(emulated_aws: EmulatedAws) -> EmulatedAws:
    return emulated_aws


@pytest.fixture(scope="session")
def return_path(running_emulated_aws: EmulatedAws) -> str:
    """Deploy the stack, and return the ARN of its state machine."""
    cloudformation = running_emulated_aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="nb-updater",
        TemplateBody=RETURN_PATH_TEMPLATE.read_text("utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in QUICK.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    (stack,) = cloudformation.describe_stacks(StackName="nb-updater")["Stacks"]
    return next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "StateMachineArn")


@pytest.fixture
def new_instance(new_notebook_instance: Callable[..., NotebookInstance]) -> Callable[..., NotebookInstance]:
    return new_notebook_instance


@pytest.fixture
def instance(notebook_instance: NotebookInstance) -> NotebookInstance:
    return notebook_instance
