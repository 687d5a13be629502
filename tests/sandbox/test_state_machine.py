"""The return path of `cloud/return-path.yaml`, deployed and run: it starts instances with a request, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml

from jupyter_nb_updater.cloud import RETURN_PATH_TEMPLATE
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.permissions.templates import TemplateLoader
from jupyter_nb_updater.restart.return_path.stack import starts_on_stop
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from jupyter_nb_updater.util.clock import from_text, to_text, utcnow
from tests.wait import eventually

from .support import Instance

RESTART, OUTCOME = "nb-updater:restart", "nb-updater:outcome"
ID = "20261123T140211Z-4f2a9c"


class ReturnPath:
    """The state machine, as seen by a test."""

    def __init__(self, aws: EmulatedAws, arn: str) -> None:
        self._stepfunctions, self._events, self.arn = aws.client("stepfunctions"), aws.client("events"), arn

    def executions(self, instance: Instance) -> list[dict[str, Any]]:
        """Return all executions for this instance."""
        listed = self._stepfunctions.list_executions(stateMachineArn=self.arn)["executions"]
        described = [self._stepfunctions.describe_execution(executionArn=e["executionArn"]) for e in listed]
        return [e for e in described if json.loads(e["input"])["detail"]["NotebookInstanceName"] == instance.name]

    def ended(self, instance: Instance, count: int = 1, timeout: float = 20.0) -> list[str]:
        """Wait until `count` executions for this instance have ended, and return their statuses."""

        def statuses() -> list[str]:
            found = [e["status"] for e in self.executions(instance)]
            return found if len(found) >= count and "RUNNING" not in found else []

        return list(eventually(statuses, timeout))

    def repeat_event(self, instance: Instance) -> None:
        """Send the same event once more, as AWS may do."""
        detail = {"NotebookInstanceName": instance.name, "NotebookInstanceStatus": "Stopped"}
        entry = {
            "Source": "aws.sagemaker",
            "DetailType": "SageMaker Notebook Instance State Change",
            "Detail": json.dumps(detail),
        }
        self._events.put_events(Entries=[entry])


@pytest.fixture
def machine(aws: EmulatedAws, return_path: str) -> ReturnPath:
    return ReturnPath(aws, return_path)


def request(minutes: float = 10, *more: str) -> str:
    """Return the value of the tag that requests a return."""
    return " ".join([ID, str(to_text(utcnow() + timedelta(minutes=minutes))), *more])


def expect_return(instance: Instance, machine: ReturnPath, timeout: float = 20.0) -> None:
    """Request a return, stop the instance, and check that it comes back and the outcome is recorded."""
    instance.tag(RESTART, request())
    instance.stop()
    assert machine.ended(instance, timeout=timeout) == ["SUCCEEDED"]
    assert instance.status == "InService"
    assert "returned" in instance.tags[OUTCOME]


def test_an_instance_that_asked_comes_back_and_the_outcome_is_recorded(instance: Instance, machine: ReturnPath) -> None:
    instance.tag(RESTART, request())
    instance.stop()
    assert machine.ended(instance) == ["SUCCEEDED"]
    assert instance.status == "InService"
    assert RESTART not in instance.tags
    restart, outcome, time = instance.tags[OUTCOME].split(" ")
    assert (restart, outcome) == (ID, "returned")
    moment = from_text(time)
    assert moment is not None
    assert abs(moment - utcnow()) < timedelta(minutes=1)


def test_an_instance_with_capital_letters_comes_back_if_the_pattern_has_stars_for_them(
    aws: EmulatedAws, machine: ReturnPath
) -> None:
    events = aws.client("events")
    deployed = events.describe_rule(Name="nb-updater-return")["EventPattern"]
    try:
        for wildcard, status in (("capital-*", "Stopped"), ("*apital-*", "InService")):
            instance = Instance(aws, f"Capital-{status}")
            instance.wait_for("InService")
            pattern = json.loads(deployed)
            pattern["detail"]["NotebookInstanceName"] = [{"wildcard": wildcard}]
            events.put_rule(Name="nb-updater-return", EventPattern=json.dumps(pattern))
            identity = Identity(instance.name, aws.region, "123456789012", "aws")
            assert starts_on_stop(json.dumps(pattern), identity) is (status == "InService")
            instance.tag(RESTART, request())
            instance.stop()
            assert len(machine.ended(instance)) == 1 if status == "InService" else not machine.executions(instance)
            instance.wait_for(status)
    finally:
        events.put_rule(Name="nb-updater-return", EventPattern=deployed)


def test_fields_after_the_platform_are_for_later_versions(instance: Instance, machine: ReturnPath) -> None:
    instance.tag(RESTART, request(10, "notebook-al2023-v1", "something"))
    instance.stop()
    assert machine.ended(instance) == ["SUCCEEDED"]
    assert instance.status == "InService"


def test_an_instance_that_aws_no_longer_starts_is_moved_first(
    new_instance: Callable[..., Instance], machine: ReturnPath
) -> None:
    instance = new_instance(PlatformIdentifier="notebook-al2-v3")
    instance.wait_for("InService")
    instance.tag(RESTART, request(10, "notebook-al2023-v1"))
    instance.stop()
    assert set(machine.ended(instance, timeout=30)) == {"SUCCEEDED"}  # an instance that was moved has stopped once more
    assert (instance.status, instance.describe()["PlatformIdentifier"]) == ("InService", "notebook-al2023-v1")
    assert "returned" in instance.tags[OUTCOME]


def test_a_move_that_is_refused_for_a_while_is_tried_again(
    new_instance: Callable[..., Instance], machine: ReturnPath, aws: EmulatedAws
) -> None:
    instance = new_instance(PlatformIdentifier="notebook-al2-v3")
    instance.wait_for("InService")
    aws.faults.add("UpdateNotebookInstance", code="ThrottlingException", message="Rate exceeded", times=4)
    instance.tag(RESTART, request(10, "notebook-al2023-v1"))
    instance.stop()
    assert set(machine.ended(instance, timeout=40)) == {"SUCCEEDED"}
    assert (instance.status, instance.describe()["PlatformIdentifier"]) == ("InService", "notebook-al2023-v1")


def test_an_instance_that_someone_stopped_stays_stopped(instance: Instance, machine: ReturnPath) -> None:
    instance.stop()
    assert machine.ended(instance) == ["SUCCEEDED"]
    assert instance.status == "Stopped"
    assert instance.tags == {}


@pytest.mark.parametrize("value", [request(-1), ID, f"{ID} tomorrow", ""], ids=["expired", "no expiry", "no time", "empty"])
def test_a_request_that_is_expired_or_malformed_is_not_followed(instance: Instance, machine: ReturnPath, value: str) -> None:
    instance.tag(RESTART, value)
    instance.stop()
    assert machine.ended(instance) == ["SUCCEEDED"]
    assert instance.status == "Stopped"
    assert OUTCOME not in instance.tags


def test_a_start_that_is_refused_is_tried_again(instance: Instance, machine: ReturnPath, aws: EmulatedAws) -> None:
    aws.faults.add("StartNotebookInstance", code="ResourceLimitExceeded", message="no capacity", times=2)
    expect_return(instance, machine)


def test_a_start_that_stays_refused_for_a_while_is_tried_after_longer_and_longer_pauses(
    instance: Instance, machine: ReturnPath, aws: EmulatedAws
) -> None:
    # Three attempts of one round are refused, then the first of the next; the instance is looked at in between.
    aws.faults.add("StartNotebookInstance", code="ThrottlingException", message="Rate exceeded", times=4)
    instance.tag(RESTART, request())
    instance.stop()
    assert machine.ended(instance, timeout=30) == ["SUCCEEDED"]
    assert instance.status == "InService"


def test_a_start_that_ends_for_want_of_capacity_is_tried_again(
    instance: Instance, machine: ReturnPath, aws: EmulatedAws
) -> None:
    aws.withhold_capacity(instance.name, 3)
    expect_return(instance, machine, timeout=60)


def test_a_request_that_expires_while_a_start_is_tried_again_still_stands(
    instance: Instance, machine: ReturnPath, aws: EmulatedAws
) -> None:
    aws.faults.add("StartNotebookInstance", code="ResourceLimitExceeded", message="no quota", times=5)
    instance.tag(RESTART, request(3 / 60))
    instance.stop()
    assert machine.ended(instance, timeout=60) == ["SUCCEEDED"]
    assert instance.status == "InService"


def test_a_start_that_is_refused_to_the_end_fails_with_aws_s_own_reason(
    instance: Instance, machine: ReturnPath, aws: EmulatedAws
) -> None:
    aws.faults.add("StartNotebookInstance", code="ResourceLimitExceeded", message="The account-level service limit is 0")
    instance.tag(RESTART, request())
    instance.stop()
    assert machine.ended(instance, timeout=90) == ["FAILED"]
    (execution,) = machine.executions(instance)
    assert f"{instance.name} was stopped for an update and did not come back: it is Stopped." in execution["cause"]
    assert "service limit is 0" in execution["cause"]
    assert "failed-to-return" in instance.tags[OUTCOME]


def test_a_request_that_is_taken_back_between_two_attempts_is_not_followed(
    instance: Instance, machine: ReturnPath, aws: EmulatedAws
) -> None:
    aws.faults.add("StartNotebookInstance", code="ResourceLimitExceeded", message="no capacity")
    instance.tag(RESTART, request())
    instance.stop()
    instance.wait_for("Stopped")
    instance.sagemaker.delete_tags(ResourceArn=instance.arn, TagKeys=[RESTART])
    assert machine.ended(instance, timeout=30) == ["SUCCEEDED"]
    assert instance.status == "Stopped"
    assert OUTCOME not in instance.tags


def test_an_instance_that_fails_to_start_is_recorded_and_fails_the_execution(
    instance: Instance, machine: ReturnPath, aws: EmulatedAws
) -> None:
    instance.tag(RESTART, request())
    instance.stop()
    instance.wait_for("Pending")
    aws.settle(instance.name, "Failed", "Lifecycle script failed")
    assert machine.ended(instance) == ["FAILED"]
    assert "it is Failed. Lifecycle script failed" in machine.executions(instance)[0]["cause"]
    restart, outcome, _, status = instance.tags[OUTCOME].split(" ")
    assert (restart, outcome, status) == (ID, "failed-to-return", "Failed")
    assert RESTART not in instance.tags


def test_several_events_for_one_stop_are_harmless(instance: Instance, machine: ReturnPath) -> None:
    instance.tag(RESTART, request())
    instance.stop()
    instance.wait_for("Stopped")
    machine.repeat_event(instance)
    machine.repeat_event(instance)
    assert machine.ended(instance, count=3, timeout=30) == ["SUCCEEDED"] * 3
    assert instance.status == "InService"
    assert "returned" in instance.tags[OUTCOME]


def test_an_event_that_comes_after_the_return_does_nothing(instance: Instance, machine: ReturnPath) -> None:
    instance.tag(RESTART, request())
    instance.stop()
    machine.ended(instance)
    before = instance.tags
    machine.repeat_event(instance)
    assert machine.ended(instance, count=2) == ["SUCCEEDED"] * 2
    assert instance.tags == before


def test_an_old_event_that_comes_between_the_request_and_its_stop_does_not_take_the_request_away(
    instance: Instance, machine: ReturnPath
) -> None:
    instance.tag(RESTART, request())
    machine.repeat_event(instance)
    assert machine.ended(instance) == ["SUCCEEDED"]
    assert (RESTART in instance.tags, OUTCOME in instance.tags) == (True, False)
    instance.stop()
    assert machine.ended(instance, count=2) == ["SUCCEEDED", "SUCCEEDED"]
    assert instance.status == "InService"


def test_the_next_request_is_not_taken_away_with_the_one_that_has_been_followed(
    instance: Instance, machine: ReturnPath
) -> None:
    instance.tag(RESTART, request())
    instance.stop()
    eventually(lambda: instance.status == "Pending", 20.0)
    instance.tag(RESTART, "another " + request())
    assert machine.ended(instance) == ["SUCCEEDED"]
    assert instance.tags[RESTART].startswith("another ")
    assert instance.tags[OUTCOME].startswith(f"{ID} returned")


def test_an_instance_that_is_not_quite_stopped_is_waited_for(
    new_instance: Callable[..., Instance], machine: ReturnPath, aws: EmulatedAws
) -> None:
    instance = new_instance()
    instance.wait_for("InService")
    instance.tag(RESTART, request())
    aws.settle(instance.name, "Stopping")
    machine.repeat_event(instance)
    eventually(lambda: machine.executions(instance))
    aws.settle(instance.name, "Stopped")
    machine.ended(instance, count=2, timeout=30)
    assert instance.status == "InService"


def test_a_disabled_rule_starts_nothing(instance: Instance, machine: ReturnPath, aws: EmulatedAws) -> None:
    events = aws.client("events")
    events.disable_rule(Name="nb-updater-return")
    try:
        machine.repeat_event(instance)
        assert machine.executions(instance) == []
    finally:
        events.enable_rule(Name="nb-updater-return")


def states() -> dict[str, Any]:
    """Return the states in the template."""
    template = yaml.load(RETURN_PATH_TEMPLATE.read_text("utf-8"), TemplateLoader)
    return dict(template["Resources"]["ReturnStateMachine"]["Properties"]["Definition"]["States"])


def test_every_call_to_aws_is_retried_and_every_loop_counts() -> None:
    tasks = {name: state for name, state in states().items() if state["Type"] == "Task"}
    assert all(state.get("Retry") for state in tasks.values())
    for wait in (name for name, state in states().items() if state["Type"] == "Wait"):
        assert "Count" in states()[wait]["Next"] or wait == "WaitForReturn"
    assert all(f"Count{poll}" in states() for poll in ("Poll", "SlowerPoll", "SlowestPoll"))
    assert {name for name, state in states().items() if state.get("Next") == "WaitForReturn"} == {
        *("BeginFirstPolling", "BeginLaterPolling", "CountPoll", "CountSlowerPoll", "CountSlowestPoll")
    }
