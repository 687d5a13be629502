"""The return path `schedule`: its requests to EventBridge Scheduler and IAM, and how it handles the responses."""

import json
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.instance.aws import AwsError, classify, denied_action
from jupyter_nb_updater.instance.metadata import Identity, default_role, schedule_name
from jupyter_nb_updater.instance.sagemaker import SageMaker
from jupyter_nb_updater.restart.return_path.schedule import ScheduleReturnPath

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
HERE = Identity("Research-1", "cn-north-1", "123456789012", "aws-cn")


class Aws:
    """Records its requests, and fails as configured."""

    def __init__(self):
        self.calls, self.errors, self.answers = [], {}, {}

    async def call(self, service, operation, **parameters):
        self.calls.append((f"{service}:{operation}", parameters))
        if code := self.errors.get(operation):
            raise AwsError(code, operation, "no")
        return self.answers.get(operation, {})

    @property
    def actions(self):
        return [action for action, _ in self.calls]


@pytest.fixture
def aws():
    return Aws()


def instance(aws):
    clock = SimpleNamespace(now=lambda: NOW)
    return SimpleNamespace(sagemaker=SageMaker(aws, HERE), aws=aws, system_clock=clock)


@pytest.fixture
def path(aws):
    return ScheduleReturnPath(instance(aws))


async def test_it_fires_every_minute_from_soon_after_the_stop_until_the_request_expires(path, aws):
    await path.arm("arn", "r-1", NOW + HOUR)
    ((action, asked),) = aws.calls
    assert action == "scheduler:CreateSchedule"
    assert (asked["ScheduleExpression"], asked["FlexibleTimeWindow"]) == ("rate(1 minute)", {"Mode": "OFF"})
    assert (asked["StartDate"], asked["EndDate"]) == (NOW + timedelta(minutes=2), NOW + HOUR)
    assert asked["ActionAfterCompletion"] == "DELETE"


async def test_it_starts_this_instance_with_a_role_of_this_account_in_every_partition(path, aws):
    await path.arm("arn", "r-1", NOW + HOUR)
    target = aws.calls[0][1]["Target"]
    assert target["Arn"] == "arn:aws-cn:scheduler:::aws-sdk:sagemaker:startNotebookInstance"
    assert target["RoleArn"] == "arn:aws-cn:iam::123456789012:role/nb-updater-schedule-cn-north-1"
    assert json.loads(target["Input"]) == {"NotebookInstanceName": "Research-1"}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0


async def test_a_schedule_that_an_earlier_restart_has_left_is_replaced(path, aws):
    aws.errors["CreateSchedule"] = "conflict"
    await path.arm("arn", "r-2", NOW + HOUR)
    (_, created), (action, updated) = aws.calls
    assert (action, updated) == ("scheduler:UpdateSchedule", created)


async def test_any_other_refusal_stops_nothing(path, aws):
    aws.errors["CreateSchedule"] = "access-denied"
    with pytest.raises(AwsError):
        await path.arm("arn", "r-1", NOW + HOUR)
    assert aws.actions == ["scheduler:CreateSchedule"]


async def test_what_is_not_there_is_disarmed(path, aws):
    aws.errors["DeleteSchedule"] = "not-found"
    await path.disarm()
    assert aws.calls == [("scheduler:DeleteSchedule", {"Name": "nb-updater-Research-1"})]


async def test_a_schedule_that_is_not_deleted_may_still_be_armed(path, aws):
    aws.errors["DeleteSchedule"] = "throttled"
    with pytest.raises(AwsError):
        await path.disarm()


def trust(**principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Role": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}}


@pytest.mark.parametrize(
    ("answer", "error", "proof"),
    [
        (trust(Service="scheduler.amazonaws.com"), None, "verified"),
        (trust(Service=["lambda.amazonaws.com", "scheduler.amazonaws.com"]), None, "verified"),
        (trust(Service="sagemaker.amazonaws.com"), None, "missing"),
        (trust(AWS="*"), None, "missing"),
        ({"Role": {}}, None, "missing"),
        ({}, "not-found", "missing"),
        ({}, "access-denied", "assumed"),
        ({}, "unreachable", "assumed"),
    ],
)
async def test_the_path_is_as_sure_as_what_was_seen_of_its_role(path, aws, answer, error, proof):
    aws.answers["GetRole"] = answer
    if error:
        aws.errors["GetRole"] = error
    assert (await path.verify()).proof == proof
    assert aws.calls == [("iam:GetRole", {"RoleName": "nb-updater-schedule-cn-north-1"})]


async def test_another_role_is_asked_for_and_given_away(aws):
    role = "arn:aws-cn:iam::123456789012:role/platform/starter"
    path = ScheduleReturnPath(instance(aws), role=role)
    aws.answers["GetRole"] = trust(Service="scheduler.amazonaws.com")
    await path.verify()
    await path.arm("arn", "r-1", NOW + HOUR)
    assert aws.calls[0][1] == {"RoleName": "starter"}
    assert aws.calls[1][1]["Target"]["RoleArn"] == role
    assert [permission.statement(HERE)["Resource"] for permission in path.permissions[1:]] == [role, role]


def test_it_moves_no_instance_to_another_platform(path):
    assert not path.migrates


def test_a_long_name_is_cut_and_stays_its_own():
    long, other = (f"{'research-' * 6}{last}-{'x' * 7}" for last in "ab")
    names = {schedule_name(name) for name in (long, other, "x" * 53, "x" * 54)}
    assert len(names) == 4
    assert {len(name) for name in names} == {64}
    assert schedule_name("x" * 53) == f"nb-updater-{'x' * 53}"


def test_a_pattern_is_not_cut():
    assert schedule_name(f"{'x' * 60}*") == f"nb-updater-{'x' * 60}*"


def test_each_region_has_a_role_of_its_own():
    assert len({default_role(HERE._replace(region=region)) for region in ("eu-west-1", "eu-west-3")}) == 2
    assert len(default_role(HERE._replace(region="ap-southeast-15")).rpartition("/")[2]) <= 64  # IAM's limit


@pytest.mark.parametrize(
    ("service", "code", "ours"),
    [
        ("scheduler", "ConflictException", "conflict"),
        ("scheduler", "ResourceNotFoundException", "not-found"),
        ("iam", "NoSuchEntity", "not-found"),
        ("scheduler", "ValidationException", "aws-error"),
        ("sagemaker", "ValidationException", "wrong-state"),
    ],
)
def test_an_error_of_aws_is_what_it_is_in_its_service(service, code, ours):
    assert classify(code, service) == ours


def test_the_action_that_is_denied_may_be_another_than_the_call_s():
    message = "User: arn:aws:sts::123456789012:assumed-role/n/S is not authorized to perform: iam:PassRole on resource: arn"
    assert denied_action(message) == "iam:PassRole"
    assert denied_action("Access Denied") is None
