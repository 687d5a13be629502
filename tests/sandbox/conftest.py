"""The emulated AWS and instances in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_nb_updater.cloud import RETURN_PATH_TEMPLATE
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from tests.warm_aws import warm_aws  # noqa: F401  a fixture for all that is here

from .support import Instance, make_wheel

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def bare_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wheel(tmp_path_factory.mktemp("wheel"))


QUICK = {"PollSeconds": "1", "StartAttempts": "3"}


@pytest.fixture(scope="session")
def running_aws() -> Iterator[EmulatedAws]:
    api = EmulatedAws(start_seconds=0.3, stop_seconds=0.3)
    api.start()
    yield api
    api.stop()


@pytest.fixture
def aws(running_aws: EmulatedAws) -> Iterator[EmulatedAws]:
    yield running_aws
    running_aws.faults.clear()


@pytest.fixture(scope="session")
def return_path(running_aws: EmulatedAws) -> str:
    """Deploys the stack; the ARN of its state machine."""
    cloudformation = running_aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="nb-updater",
        TemplateBody=RETURN_PATH_TEMPLATE.read_text("utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in QUICK.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    (stack,) = cloudformation.describe_stacks(StackName="nb-updater")["Stacks"]
    return next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "StateMachineArn")


@pytest.fixture
def new_instance(aws: EmulatedAws) -> Callable[..., Instance]:
    """Makes instances with names of their own."""
    return lambda **parameters: Instance(aws, f"Test-{next(_numbers)}", **parameters)


@pytest.fixture
def instance(new_instance: Callable[..., Instance]) -> Instance:
    """One that is InService."""
    made = new_instance()
    made.wait_for("InService")
    return made
