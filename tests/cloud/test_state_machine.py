"""The definition of the state machine is valid Amazon States Language, and every call exists in AWS."""

import json
import re
import subprocess
from pathlib import Path

import botocore.session
import pytest

from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.permissions.templates import resource, stack_policy

HERE = Path(__file__).parent
INSTANCE = Identity("research-1", "eu-west-1", "123456789012", "aws")
CALL = re.compile(r"arn:aws:states:::aws-sdk:(?P<service>[a-z0-9]+):(?P<operation>[A-Za-z]+)")


@pytest.fixture(scope="module")
def definition():
    return resource("ReturnStateMachine", INSTANCE)["Definition"]


@pytest.fixture(scope="module")
def calls(definition):
    """Return all calls to AWS: service, operation and parameters."""
    tasks = [state for state in definition["States"].values() if state["Type"] == "Task"]
    found = [CALL.fullmatch(task["Resource"]) for task in tasks]
    assert all(found)
    return [
        (call["service"], call["operation"][0].upper() + call["operation"][1:], task["Parameters"])
        for call, task in zip(found, tasks, strict=True)
    ]


def complaints(definition):
    command, text = ["node", HERE / "validate.mjs"], json.dumps(definition)
    told = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, f"{told.stderr}\nDoes `make cloud` work?"
    return json.loads(told.stdout)


def test_it_is_valid_states_language(definition):
    assert complaints(definition) == []


def test_a_state_that_leads_nowhere_would_be_found(definition):
    nowhere = {**definition["States"]["Begin"], "Next": "Nowhere"}
    assert complaints({**definition, "States": {**definition["States"], "Begin": nowhere}})


def test_every_call_is_an_operation_of_aws_with_the_parameters_that_it_takes(calls):
    session = botocore.session.get_session()
    for service, operation, parameters in calls:
        shape = session.get_service_model(service).operation_model(operation).input_shape
        given = {name.removesuffix(".$") for name in parameters}
        assert given <= set(shape.members), operation
        assert set(shape.required_members) <= given, operation


def test_the_role_is_allowed_just_what_is_called_and_what_a_start_takes(calls):
    allowed = {
        action
        for statement in stack_policy(INSTANCE)["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        if action.startswith("sagemaker:")
    }
    assert allowed == {f"{service}:{operation}" for service, operation, _ in calls}
