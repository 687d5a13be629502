"""The definition of the state machine is valid Amazon States Language, and every call exists in AWS."""

import json
import re
import subprocess
from pathlib import Path

import botocore.session
import pytest

from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.permissions.templates import resource, stack_policy
from jupyter_nb_updater.stack import template

from .executions import Execution, Instance

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


MAX_EVENTS = 25_000
"""Maximum number of events in the history of an execution (Step Functions Developer Guide, "Service quotas")."""

MINUTE = 60.0
POLL, ATTEMPTS = ((int(one.minimum), int(one.default), int(one.maximum)) for one in template.parameters() if one.is_number)


def executed(definition, starts, *, stops=0.0, poll=POLL[1], attempts=ATTEMPTS[1], refusals=0, moves=False):
    """Run an execution with these values of the template's parameters, and return it and its instance."""
    begin = definition["States"]["Begin"]
    given = {"attempts": attempts, "poll": poll, "pause": poll}
    filled = {f"{name}.$": f"States.StringToJson('{value}')" for name, value in given.items()}
    begin = {**begin, "Parameters": {**begin["Parameters"], **filled}}
    definition = {**definition, "States": {**definition["States"], "Begin": begin}}
    instance = Instance(starts, stops, moves=moves)
    sent = {"detail": {"NotebookInstanceName": "research-1"}}
    return Execution(definition, instance.call, refusals).run(sent), instance


def outcome(instance):
    return instance.tags["nb-updater:outcome"].split(" ")[1]


@pytest.mark.parametrize("poll", POLL)
@pytest.mark.parametrize("minutes", [0, 4, 29, 31, 60, 89])
def test_a_start_that_is_pending_for_long_is_waited_for(definition, poll, minutes):
    execution, instance = executed(definition, [(minutes * MINUTE, "InService")], poll=poll)
    assert (execution.status, outcome(instance), instance.started) == ("SUCCEEDED", "returned", 1)
    assert execution.seconds <= minutes * MINUTE + max(2 * MINUTE, 2 * poll)


@pytest.mark.parametrize("minutes", [0, 4, 31, 89])
def test_a_start_that_ends_for_want_of_capacity_is_repeated_however_long_it_was_pending(definition, minutes):
    starts = [(minutes * MINUTE, "Failed"), (minutes * MINUTE, "Failed"), (4 * MINUTE, "InService")]
    execution, instance = executed(definition, starts)
    assert (execution.status, outcome(instance), instance.started) == ("SUCCEEDED", "returned", 3)


def test_an_instance_that_stays_pending_is_reported(definition):
    execution, instance = executed(definition, [(1e9, "InService")])
    assert (execution.status, outcome(instance)) == ("FAILED", "failed-to-return")
    assert "it is Pending" in execution.cause
    assert 90 * MINUTE <= execution.seconds <= 110 * MINUTE


def test_an_instance_that_is_up_and_waits_for_maintenance_has_returned(definition):
    execution, instance = executed(definition, [(4 * MINUTE, "PendingMaintenance")])
    assert (execution.status, outcome(instance)) == ("SUCCEEDED", "returned")


def test_an_old_event_in_maintenance_leaves_the_request_to_the_stop_to_come(definition):
    instance = Instance([(1.0, "InService")])
    instance.status, instance._changes = "PendingMaintenance", []
    Execution(definition, instance.call).run({"detail": {"NotebookInstanceName": "research-1"}})
    assert (instance.started, [*instance.tags]) == (0, ["nb-updater:restart"])


# Whatever AWS does: no capacity at once or after some polls, starts that are refused, calls that have to be repeated.
LONGEST = [
    *[[(seconds, "Failed")] for seconds in (0.0, 9 * 15.0, 10 * MINUTE, 20 * MINUTE, 60 * MINUTE, 88 * MINUTE)],
    [None],
    [(1e9, "InService")],
]


@pytest.mark.parametrize("poll", POLL)
@pytest.mark.parametrize("starts", LONGEST, ids=str)
@pytest.mark.parametrize("refusals", [0, 2, 5])
def test_the_longest_execution_has_few_enough_events(definition, starts, poll, refusals):
    for attempts in ATTEMPTS[1:]:
        given = {"poll": poll, "attempts": attempts, "refusals": refusals}
        execution, _ = executed(definition, starts, stops=29 * MINUTE, moves=True, **given)
        assert execution.status in {"FAILED", "TIMED_OUT"}
        assert execution.events < MAX_EVENTS, (attempts, execution.events)


@pytest.mark.parametrize("starts", LONGEST, ids=str)
def test_with_the_default_values_an_execution_ends_before_its_time_limit(definition, starts):
    execution, instance = executed(definition, starts, stops=29 * MINUTE)
    assert (execution.status, outcome(instance)) == ("FAILED", "failed-to-return")
