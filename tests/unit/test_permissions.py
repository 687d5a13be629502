"""The permissions of the roles, as IAM statements."""

import json
import re
from importlib.resources import files
from pathlib import Path

import botocore.session
import pytest

import jupyter_nb_updater
from jupyter_nb_updater.cloud import SCHEDULE_ROLE_TEMPLATE
from jupyter_nb_updater.instance.metadata import Identity, default_role
from jupyter_nb_updater.instance.s3 import OBSERVED, S3Prefix
from jupyter_nb_updater.permissions import statements
from jupyter_nb_updater.permissions.statements import (
    PASS_SCHEDULER_ROLE,
    READ_AND_STOP,
    READ_RETURN_RULE,
    WRITE_FLEET_TAG,
    fleet_report_permission,
    notebook_permissions,
    policy,
    wheel_statement,
)
from jupyter_nb_updater.permissions.templates import SCHEDULE_ROLE, resource, schedule_policy, stack_policy
from jupyter_nb_updater.restart.return_path.stack import StackReturnPath

CALL = re.compile(r'(?:aws|_aws)\.call\(\s*"(\w+)", "(\w+)"|_call\("(\w+)"')
NO_CALL = {"iam:PassRole"}
"""Needed by CreateSchedule."""

HERE = Identity("research-1", "eu-west-1", "123456789012", "aws")


def test_a_statement_names_one_instance():
    (statement,) = policy([READ_AND_STOP], HERE)["Statement"]
    assert statement["Resource"] == "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-1"


def test_a_name_with_capital_letters_is_given_in_both_forms_that_aws_uses():
    resources = READ_AND_STOP.statement(HERE._replace(name="Research-1"))["Resource"]
    assert [arn.rpartition("/")[2] for arn in resources] == ["Research-1", "research-1"]


def test_a_rule_has_a_name_of_its_own():
    statement = READ_RETURN_RULE.statement(HERE._replace(name="Research-1"))
    assert statement["Resource"] == "arn:aws:events:eu-west-1:123456789012:rule/nb-updater-return"


def test_tags_are_limited_to_our_own():
    condition = WRITE_FLEET_TAG.statement(HERE)["Condition"]
    assert condition == {"ForAllValues:StringEquals": {"aws:TagKeys": ["nb-updater:state"]}}


def test_a_wheel_in_s3_takes_a_permission_of_its_partition():
    statement = wheel_statement("s3://bucket/folder/*.whl", HERE._replace(partition="aws-cn", region="cn-north-1"))
    assert statement["Resource"] == "arn:aws-cn:s3:::bucket/folder/*.whl"


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        (OBSERVED, "arn:aws:s3:::sagemaker-eu-west-1-123456789012/nb-updater/observed/*"),
        ("s3://central/{account}", "arn:aws:s3:::central/123456789012/*"),
        ("s3://central", "arn:aws:s3:::central/*"),
    ],
)
def test_what_is_newer_is_seen_and_told_in_one_folder(text, resource):
    statement = fleet_report_permission(S3Prefix.parse(text, HERE)).statement(HERE)
    assert (statement["Resource"], statement["Action"]) == (resource, ["s3:GetObject", "s3:PutObject"])


def test_no_restart_depends_on_what_is_newer_elsewhere():
    assert not notebook_permissions([])[-1].required
    assert notebook_permissions([], [])[-1] is WRITE_FLEET_TAG


@pytest.mark.parametrize("wheel", ["", "https://example.com/x.whl", "/opt/x.whl"])
def test_a_wheel_from_anywhere_else_takes_none(wheel):
    assert wheel_statement(wheel, HERE) is None


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_policy_of_the_stack_is_the_template_s_with_every_name_filled_in(partition):
    text = json.dumps(stack_policy(HERE._replace(partition=partition, name="research-*")))
    assert f"arn:{partition}:sagemaker:eu-west-1:123456789012:notebook-instance/research-*" in text
    assert "${" not in text
    assert "Fn::" not in text


def test_the_rule_of_the_stack_may_only_start_the_state_machine():
    (statement,) = stack_policy(HERE, "StoppedRuleRole")["Statement"]
    assert statement["Action"] == "states:StartExecution"


def test_the_permissions_name_exactly_what_is_called():
    named = {
        action for found in vars(statements).values() if isinstance(found, statements.Permission) for action in found.actions
    }
    called = set()
    for room in ("instance", "restart", "org_policy"):
        for path in (Path(jupyter_nb_updater.__file__).parent / room).rglob("*.py"):
            for service, operation, own in CALL.findall(path.read_text("utf-8")):
                called.add(f"{service or 'sagemaker'}:{operation or own}")
    assert named - NO_CALL == called
    session = botocore.session.get_session()
    for service, operation in (action.split(":") for action in called):
        assert operation in session.get_service_model(service).operation_names


def test_the_role_of_the_schedule_is_given_to_the_scheduler_alone():
    statement = PASS_SCHEDULER_ROLE.statement(HERE)
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert statement["Resource"] == default_role(HERE)


@pytest.mark.parametrize(
    ("partition", "region"), [("aws", "eu-west-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_the_template_makes_the_role_that_an_instance_looks_for_and_only_the_scheduler_may_have_it(partition, region):
    here = HERE._replace(partition=partition, region=region)
    role = resource(SCHEDULE_ROLE, here, SCHEDULE_ROLE_TEMPLATE)
    assert default_role(here).endswith(f"role/{role['RoleName']}")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] in ({"Ref": "AWS::AccountId"}, here.account)


def test_what_a_start_needs_is_the_same_for_the_stack_and_for_the_schedule():
    stack, schedule = ({s["Sid"]: s for s in made["Statement"]} for made in (stack_policy(HERE), schedule_policy(HERE)))
    assert {sid: stack[sid] for sid in stack.keys() & schedule.keys()} == {
        sid: s for sid, s in schedule.items() if sid != "Start"
    }
    assert schedule["Start"]["Action"] == "sagemaker:StartNotebookInstance"


def test_a_return_counts_as_the_stack_s_for_as_long_as_its_state_machine_may_run():
    template = (files("jupyter_nb_updater.cloud") / "return-path.yaml").read_text("utf-8")
    (seconds,) = {int(found) for found in re.findall(r"^ +TimeoutSeconds: (\d+)$", template, re.MULTILINE)}
    assert StackReturnPath.keeps_trying.total_seconds() == seconds
