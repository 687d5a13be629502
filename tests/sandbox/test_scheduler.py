"""When the sandbox's schedules fire, with a clock that the test controls; and what happens to failed calls."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import scheduler_backends

from jupyter_nb_updater.permissions.statements import SCHEDULER_SERVICE, policy_document
from jupyter_nb_updater.sandbox.aws import account, scheduler
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from jupyter_nb_updater.sandbox.aws.scheduler import NOT_TRUSTED, CallFailed, FiringPlan, Scheduler
from tests.wait import eventually

from .support import Instance

REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/starter"
START = "arn:aws:scheduler:::aws-sdk:sagemaker:startNotebookInstance"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def plan(**over: Any) -> FiringPlan:
    return FiringPlan(**{"first": NOON, "every": MINUTE, "end": NOON + HOUR, "since": NOON - MINUTE, **over})


@pytest.mark.parametrize(
    ("over", "after", "latest"),
    [
        ({}, -1, None),
        ({}, 0, 0),
        ({}, 59, 0),
        ({}, 60, 60),
        ({}, 3600, 3600),
        ({}, 7200, 3600),
        ({"end": None}, 7200, 7200),
        ({"every": HOUR}, 3599, 0),
        ({"since": NOON + 90 * MINUTE / 60}, 60, None),
        ({"since": NOON + 90 * MINUTE / 60}, 120, 120),
    ],
)
def test_a_rate_begins_at_its_start_and_ends_by_its_end(over: dict[str, Any], after: float, latest: float | None) -> None:
    told = plan(**over).latest(NOON + timedelta(seconds=after))
    assert told == (None if latest is None else NOON + timedelta(seconds=latest))


@pytest.mark.parametrize(
    ("over", "after", "times_are_left"),
    [({}, 3599, "yes"), ({}, 3600, "no"), ({"end": NOON + HOUR + MINUTE / 2}, 3600, "no"), ({"end": None}, 10**9, "yes")],
)
def test_it_is_over_after_the_last_time_before_its_end(over: dict[str, Any], after: float, times_are_left: str) -> None:
    assert plan(**over).is_over(NOON + timedelta(seconds=after)) is (times_are_left == "no")


class World:
    """moto's schedules in this process, a clock, and a target that fails a number of times."""

    def __init__(self) -> None:
        self.time = datetime.now(timezone.utc)
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.failures: list[CallFailed] = []
        self.scheduler = Scheduler(self, self)
        self.store = scheduler_backends[DEFAULT_ACCOUNT_ID][REGION]

    def now(self) -> datetime:
        return self.time

    def call(self, region: str, operation: str, parameters: dict[str, Any]) -> None:
        self.calls.append((region, operation, parameters))
        if self.failures:
            raise self.failures.pop(0)

    def make(self, expression: str = "rate(1 minute)", role: str = ROLE, target: str = START, **over: Any) -> None:
        facts = {
            "description": "",
            "flexible_time_window": {"Mode": "OFF"},
            "group_name": None,
            "kms_key_arn": None,
            "name": "s",
            "schedule_expression": expression,
            "schedule_expression_timezone": None,
            "start_date": None,
            "end_date": (self.time + HOUR).timestamp(),
            "state": None,
            "target": {
                "Arn": target,
                "RoleArn": role,
                "Input": json.dumps({"NotebookInstanceName": "A"}),
                **over.pop("policy", {}),
            },
            "action_after_completion": "DELETE",
        }
        self.store.create_schedule(**{**facts, **over})

    def after(self, **time: float) -> int:
        """Return how many schedules fire when so much time has passed."""
        self.time += timedelta(**time)
        fired = self.scheduler.due()
        for schedule, due in fired:
            self.scheduler.deliver(schedule, due)
        return len(fired)

    @property
    def names(self) -> list[str]:
        return [schedule.name for schedule in self.store.list_schedules(None, None)[0]]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(scheduler.models, "Schedule", scheduler.Schedule)
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for name, service in (("starter", SCHEDULER_SERVICE), ("notebook", "sagemaker.amazonaws.com")):
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
        iam.create_role(name, json.dumps(trust), "/", None, "", {}, "3600")
    instance = f"arn:aws:sagemaker:{REGION}:{DEFAULT_ACCOUNT_ID}:notebook-instance/A"
    allowed = {"Effect": "Allow", "Action": "sagemaker:StartNotebookInstance", "Resource": instance}
    iam.put_role_policy("starter", "start", json.dumps(policy_document([allowed])))
    yield World()
    iam_backends.reset()
    scheduler_backends.reset()


def test_without_a_start_it_fires_at_once_and_then_at_its_rate(world: World) -> None:
    world.make("rate(5 minutes)")
    assert [world.after(seconds=1), world.after(minutes=4), world.after(minutes=1), world.after(seconds=1)] == [1, 0, 1, 0]
    assert world.calls == [(REGION, "StartNotebookInstance", {"NotebookInstanceName": "A"})] * 2


def test_with_a_start_it_waits_for_it(world: World) -> None:
    world.make(start_date=(world.time + 2 * MINUTE).timestamp())
    assert [world.after(seconds=1), world.after(seconds=118), world.after(seconds=2), world.after(minutes=1)] == [0, 0, 1, 1]


def test_what_was_missed_is_not_made_up_for(world: World) -> None:
    world.make()
    assert [world.after(minutes=30, seconds=30), world.after(seconds=1)] == [1, 0]


@pytest.mark.parametrize(("action", "left"), [("DELETE", []), ("NONE", ["s"])])
def test_after_its_end_it_fires_no_more_and_goes_if_it_says_so(world: World, action: str, left: list[str]) -> None:
    world.make(action_after_completion=action)
    world.after(minutes=59)
    assert world.names == ["s"]
    world.after(minutes=2)
    assert (world.after(minutes=5), world.names) == (0, left)


def test_one_that_is_disabled_does_not_fire(world: World) -> None:
    world.make(state="DISABLED")
    assert world.after(minutes=5) == 0


def test_one_that_is_updated_begins_anew_and_is_enabled(world: World) -> None:
    world.make(state="DISABLED")
    schedule = world.store.get_schedule(None, "s")
    kept = {
        "description": "",
        "flexible_time_window": {"Mode": "OFF"},
        "kms_key_arn": None,
        "schedule_expression_timezone": None,
    }
    dates = {"start_date": (world.time + 10 * MINUTE).timestamp(), "end_date": (world.time + HOUR).timestamp(), "state": None}
    world.store.update_schedule(
        group_name=None, name="s", schedule_expression="rate(1 minute)", target=schedule.target, **kept, **dates
    )
    assert [world.after(minutes=9), world.after(minutes=2)] == [0, 1]


def refused(status: int = 400) -> CallFailed:
    return CallFailed("no", retryable=status >= 500)


@pytest.mark.parametrize(
    ("policy", "failure", "attempts"),
    [
        ({"MaximumRetryAttempts": 0}, refused(500), ["failed"]),
        ({"MaximumRetryAttempts": 1}, refused(500), ["failed", "taken"]),
        ({"MaximumRetryAttempts": 1}, refused(400), ["failed"]),
        ({"MaximumRetryAttempts": 9, "MaximumEventAgeInSeconds": 0}, refused(500), ["failed"]),
    ],
    ids=["no retries", "a retry", "not worth one", "too old"],
)
def test_a_failed_call_is_dropped_or_tried_again_as_the_retry_policy_says(
    world: World, policy: dict[str, int], failure: CallFailed, attempts: list[str]
) -> None:
    world.make(policy={"RetryPolicy": policy})
    world.failures = [failure]
    world.after(seconds=1)
    (delivery,) = world.scheduler.deliveries
    assert ["failed"] * len(delivery.errors) + ["taken"] * delivery.taken == attempts
    assert len(world.calls) == len(attempts)


@pytest.mark.parametrize(
    "target",
    [START.replace("start", "stop"), START.replace("sagemaker", "ec2"), "arn:aws:lambda:eu-west-1:123456789012:function:f"],
)
def test_what_the_role_may_not_do_is_not_done(world: World, target: str) -> None:
    world.make(target=target)
    world.after(seconds=1)
    assert world.calls == []
    assert len(world.scheduler.deliveries[0].errors) == 1


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"expression": "rate(1 fortnight)"}, "Invalid Schedule Expression"),
        ({"expression": "at(2026-11-23T12:00:00)"}, "only rate"),
        ({"role": ROLE.replace("starter", "nobody")}, NOT_TRUSTED),
        ({"role": ROLE.replace("starter", "notebook")}, NOT_TRUSTED),
        ({"end_date": 1.0}, "EndDate"),
    ],
)
def test_what_could_never_fire_is_refused(world: World, over: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationException) as refusal:
        world.make(**over)
    assert words in refusal.value.message
    assert world.names == []


# Over HTTP, on the emulated AWS itself

_numbers = itertools.count()


@pytest.fixture(scope="module")
def quick_aws() -> Iterator[EmulatedAws]:
    api = EmulatedAws(start_seconds=0.3, stop_seconds=1.5, minute_seconds=1.0)
    api.start()
    account.deploy_schedule_role(api)
    yield api
    api.stop()


@pytest.fixture
def schedule(quick_aws: EmulatedAws) -> Iterator[Callable[[Instance], str]]:
    """Return a function that creates a schedule for an instance and returns its name; deleted at the end of the test."""
    scheduler, names = quick_aws.client("scheduler"), []

    def make(instance: Instance) -> str:
        name = f"s-{next(_numbers)}"
        role = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/nb-updater-schedule-{REGION}"
        policy = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
        wanted = {"Arn": START, "RoleArn": role, "Input": json.dumps({"NotebookInstanceName": instance.name})}
        scheduler.create_schedule(
            Name=name,
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            EndDate=datetime.now(timezone.utc) + HOUR,
            ActionAfterCompletion="DELETE",
            Target={**wanted, "RetryPolicy": policy},
        )
        names.append(name)
        return name

    yield make
    quick_aws.faults.clear()
    for name in names:
        scheduler.delete_schedule(Name=name)


def test_an_attempt_that_comes_too_early_is_refused_and_the_next_minute_s_is_taken(
    quick_aws: EmulatedAws, schedule: Callable[[Instance], str]
) -> None:
    instance = Instance(quick_aws, "Early")
    instance.wait_for("InService")
    quick_aws.settle(instance.name, "Stopping")
    name = schedule(instance)
    early = eventually(lambda: [error for delivery in quick_aws.deliveries(name) for error in delivery["errors"]])
    assert "Status (Stopping) not in ([Stopped, Failed])" in early[0]
    quick_aws.settle(instance.name, "Stopped")
    instance.wait_for("InService")
    eventually(lambda: any(delivery["taken"] for delivery in quick_aws.deliveries(name)))


def test_a_fault_strikes_the_scheduler_as_any_other_caller(quick_aws: EmulatedAws, schedule: Callable[[Instance], str]) -> None:
    instance = Instance(quick_aws, "Struck")
    instance.wait_for("InService")
    instance.stop()
    instance.wait_for("Stopped")
    quick_aws.faults.add("StartNotebookInstance", code="ResourceLimitExceeded", message="quota", times=2)
    name = schedule(instance)
    instance.wait_for("InService")
    eventually(lambda: sum("quota" in str(delivery["errors"]) for delivery in quick_aws.deliveries(name)) == 2)


@pytest.mark.parametrize("operation", ["create_schedule", "get_schedule", "delete_schedule"])
def test_the_operations_on_a_schedule_have_names_for_faults(quick_aws: EmulatedAws, operation: str) -> None:
    name = "".join(part.capitalize() for part in operation.split("_"))
    quick_aws.faults.add(name, code="AccessDeniedException", message="no", status=403, times=1)
    more = {"ScheduleExpression": "rate(1 minute)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    more |= {"Target": {"Arn": START, "RoleArn": ROLE}}
    with pytest.raises(ClientError, match="AccessDeniedException"):
        getattr(quick_aws.client("scheduler"), operation)(Name="s", **(more if operation == "create_schedule" else {}))
