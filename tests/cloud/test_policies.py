"""The printed IAM policies, evaluated like in IAM with AWS's table of actions, resources and condition keys."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from boto3 import Session

from jupyter_nb_updater.instance.metadata import Identity, default_role, schedule_name
from jupyter_nb_updater.permissions.statements import (
    ADMINISTRATOR_PERMISSIONS,
    PASS_SCHEDULER_ROLE,
    READ_HEALTH_EVENTS,
    READ_SCHEDULER_ROLE,
    SCHEDULER_SERVICE,
    WRITE_SCHEDULE,
    WRITE_WHEEL,
    notebook_permissions,
    policy,
    policy_document,
    wheel_statement,
)
from jupyter_nb_updater.permissions.templates import schedule_policy, stack_policy
from jupyter_nb_updater.restart.return_path.stack import StackReturnPath, starts_on_stop
from jupyter_nb_updater.stack.template import name_pattern_error

HERE = Path(__file__).parent
PERMISSIONS = notebook_permissions(StackReturnPath.permissions)
SCHEDULE_PERMISSIONS = (WRITE_SCHEDULE, PASS_SCHEDULER_ROLE, READ_SCHEDULER_ROLE)
TO_THE_SCHEDULER = {"iam:PassedToService": SCHEDULER_SERVICE}
STATE, RESTART, OUTCOME = ({"aws:TagKeys": [f"nb-updater:{name}"]} for name in ("state", "restart", "outcome"))
REGIONS = ["eu-west-1", "cn-north-1", "us-gov-west-1"]


def place(region="eu-west-1", name="research-1", account="123456789012"):
    return Identity(name, region, account, Session().get_partition_for_region(region))


def other(here, **different):
    """Return another instance with some different fields."""
    return here._replace(**different)


def rule(here):
    return f"arn:{here.partition}:events:{here.region}:{here.account}:rule/nb-updater-return"


def lifecycle_config(here):
    return f"arn:{here.partition}:sagemaker:{here.region}:{here.account}:notebook-instance-lifecycle-config/nb-updater"


def observed(here):
    """Return the ARN of the object in which instances of one platform share their versions."""
    bucket = f"sagemaker-{here.region}-{here.account}"
    return f"arn:{here.partition}:s3:::{bucket}/nb-updater/observed/notebook-al2023-v1.json"


def key_policy(here):
    """Return KMS's default key policy, which delegates to IAM; without it no IAM policy applies."""
    everyone = {"AWS": f"arn:{here.partition}:iam::{here.account}:root"}
    return policy_document([{"Effect": "Allow", "Principal": everyone, "Action": "kms:*", "Resource": "*"}])


def decisions(document, here, *requests):
    """Return IAM's decision for each ``(action, resource, context)``."""
    principal = f"arn:{here.partition}:iam::{here.account}:role/notebook"
    asked = [
        {
            "policy": document,
            "principal": principal,
            "action": action,
            "resource": resource,
            **({"resourcePolicy": key_policy(here)} if action.startswith("kms:") else {}),
            "account": here.account,
            "context": context,
        }
        for action, resource, context in requests
    ]
    command = ["node", HERE / "decide.mjs"]
    told = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, f"{told.stderr}\nDoes `make cloud` work?"
    return json.loads(told.stdout)


def of_the_notebook(here):
    """Return all requests of the extension, with the stack."""
    return [
        ("sagemaker:DescribeNotebookInstance", here.arn, {}),
        ("sagemaker:StopNotebookInstance", here.arn, {}),
        ("sagemaker:AddTags", here.arn, RESTART),
        ("sagemaker:DeleteTags", here.arn, RESTART),
        ("sagemaker:DescribeNotebookInstanceLifecycleConfig", lifecycle_config(here), {}),
        ("sagemaker:ListTags", here.arn, {}),
        ("events:DescribeRule", rule(here), {}),
        ("sagemaker:AddTags", here.arn, STATE),
        ("s3:GetObject", observed(here), {}),
        ("s3:PutObject", observed(here), {}),
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_a_notebook_may_do_all_that_the_extension_does_with_itself(region):
    here = place(region)
    requests = of_the_notebook(here)
    assert decisions(policy(PERMISSIONS, here), here, *requests) == ["Allowed"] * len(requests)


@pytest.mark.parametrize("different", [{"name": "research-2"}, {"region": "eu-west-3"}, {"name": "research-10"}])
def test_a_notebook_may_do_nothing_with_another_one(different):
    here = place()
    requests = [(action, resource, context) for action, resource, context in of_the_notebook(other(here, **different))]
    told = decisions(policy(PERMISSIONS, here), here, *[request for request in requests if ":notebook-instance/" in request[1]])
    assert set(told) == {"ImplicitlyDenied"}


def test_a_notebook_may_write_no_tag_but_its_own():
    here = place()
    requests = [
        ("sagemaker:AddTags", here.arn, OUTCOME),
        ("sagemaker:AddTags", here.arn, {"aws:TagKeys": ["nb-updater:state", "owner"]}),
        ("sagemaker:DeleteTags", here.arn, {"aws:TagKeys": ["owner"]}),
        ("sagemaker:DeleteTags", here.arn, STATE),
    ]
    assert set(decisions(policy(PERMISSIONS, here), here, *requests)) == {"ImplicitlyDenied"}


@pytest.mark.parametrize("region", REGIONS)
def test_an_administrator_may_do_what_the_commands_about_lifecycle_configurations_do_and_stop_nothing(region):
    here = place(region)
    written = policy(ADMINISTRATOR_PERMISSIONS, here)
    written["Statement"].append(wheel_statement("s3://bucket/nb-updater/*", here, WRITE_WHEEL))
    verbs = ("Describe", "Create", "Update")
    requests = [
        ("sagemaker:ListNotebookInstances", "*", {}),
        ("sagemaker:ListNotebookInstanceLifecycleConfigs", "*", {}),
        *[(f"sagemaker:{verb}NotebookInstanceLifecycleConfig", lifecycle_config(here), {}) for verb in verbs],
        *[(f"sagemaker:{name}", here.arn, {}) for name in ("DescribeNotebookInstance", "UpdateNotebookInstance", "ListTags")],
        ("s3:PutObject", f"arn:{here.partition}:s3:::bucket/nb-updater/0123abcd/jupyter_nb_updater-0.1.0-py3-none-any.whl", {}),
    ]
    assert decisions(written, here, *requests) == ["Allowed"] * len(requests)
    others = [
        ("sagemaker:StopNotebookInstance", here.arn, {}),
        ("sagemaker:UpdateNotebookInstance", other(here, name="research-2").arn, {}),
        ("sagemaker:DeleteNotebookInstanceLifecycleConfig", lifecycle_config(here), {}),
        ("s3:GetObject", f"arn:{here.partition}:s3:::bucket/nb-updater/0123abcd/x.whl", {}),
    ]
    assert set(decisions(written, here, *others)) == {"ImplicitlyDenied"}


def of_health(here):
    """Return the additional requests of the source `health`. AWS's table allows only `*` for region and account of an event."""
    event = f"arn:{here.partition}:health:*::event/SAGEMAKER/AWS_SAGEMAKER_SCHEDULED_MAINTENANCE/*"
    return [("health:DescribeEvents", "*", {}), ("health:DescribeAffectedEntities", event, {})]


@pytest.mark.parametrize("region", REGIONS)
def test_health_may_be_asked_only_where_that_is_turned_on(region):
    here = place(region)
    with_health = policy(notebook_permissions(StackReturnPath.permissions, READ_HEALTH_EVENTS), here)
    assert decisions(with_health, here, *of_health(here)) == ["Allowed"] * 2
    assert decisions(policy(PERMISSIONS, here), here, *of_health(here)) == ["ImplicitlyDenied"] * 2
    other_service = of_health(here)[1][1].replace("SAGEMAKER/", "EC2/", 1)
    assert decisions(with_health, here, ("health:DescribeAffectedEntities", other_service, {})) == ["ImplicitlyDenied"]


def test_each_statement_is_needed():
    here = place()
    for left_out in PERMISSIONS:
        told = decisions(policy([need for need in PERMISSIONS if need is not left_out], here), here, *of_the_notebook(here))
        assert "ImplicitlyDenied" in told, left_out.sid


def test_a_notebook_may_neither_see_nor_write_anything_else_in_that_bucket():
    here = place()
    objects = [observed(here).replace(part, other_part) for part, other_part in (("observed", "salaries"), ("eu-", "us-"))]
    requests = [(action, arn, {}) for arn in objects for action in ("s3:GetObject", "s3:PutObject")]
    requests += [(action, observed(here), {}) for action in ("s3:DeleteObject", "s3:PutObjectAcl", "s3:GetObjectVersion")]
    assert set(decisions(policy(PERMISSIONS, here), here, *requests)) == {"ImplicitlyDenied"}


def test_a_name_with_capital_letters_is_allowed_as_aws_writes_it_in_arns_and_as_it_is():
    here = place(name="Research-1")
    as_it_is = here.arn.replace("research-1", "Research-1")
    requests = [("sagemaker:StopNotebookInstance", arn, {}) for arn in (here.arn, as_it_is)]
    assert decisions(policy(PERMISSIONS, here), here, *requests) == ["Allowed", "Allowed"]


def test_a_pattern_is_for_the_instances_that_it_fits():
    pattern = place(name="research-*")
    requests = [("sagemaker:StopNotebookInstance", place(name=name).arn, {}) for name in ("research-7", "other-7")]
    assert decisions(policy(PERMISSIONS, pattern), pattern, *requests) == ["Allowed", "ImplicitlyDenied"]


def test_the_wheel_may_be_fetched_and_nothing_else_from_its_bucket():
    here = place()
    fetch = policy_document([wheel_statement("s3://bucket/jupyter_nb_updater-*.whl", here)])
    objects = ["arn:aws:s3:::bucket/jupyter_nb_updater-1.2.3-py3-none-any.whl", "arn:aws:s3:::bucket/salaries.csv"]
    told = decisions(fetch, here, *[("s3:GetObject", name, {}) for name in objects])
    assert told == ["Allowed", "ImplicitlyDenied"]


def schedule(here):
    return f"arn:{here.partition}:scheduler:{here.region}:{here.account}:schedule/default/{schedule_name(here.name)}"


def of_the_schedule(here):
    """Return the additional requests of the extension with a schedule instead of the stack."""
    return [
        ("scheduler:CreateSchedule", schedule(here), {}),
        ("scheduler:UpdateSchedule", schedule(here), {}),
        ("scheduler:DeleteSchedule", schedule(here), {}),
        ("iam:PassRole", default_role(here), TO_THE_SCHEDULER),
        ("iam:GetRole", default_role(here), {}),
    ]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", ["research-1", "Research-1", f"research-{'x' * 55}"])
def test_a_notebook_may_make_and_delete_its_schedule(region, name):
    here = place(region, name)
    requests = of_the_schedule(here)
    assert decisions(policy(SCHEDULE_PERMISSIONS, here), here, *requests) == ["Allowed"] * len(requests)


def test_a_notebook_may_touch_no_other_schedule_and_give_away_no_other_role():
    here = place()
    somewhere = other(here, region="eu-west-3")
    own = schedule(here)
    schedules = [schedule(other(here, name=name)) for name in ("research-2", "research-10")]
    schedules += [own.replace("default", "nightly"), own.replace("nb-updater-", ""), schedule(somewhere)]
    requests = [(action, arn, {}) for arn in schedules for action in WRITE_SCHEDULE.actions]
    requests += [
        ("iam:PassRole", default_role(somewhere), TO_THE_SCHEDULER),
        ("iam:PassRole", default_role(here), {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", default_role(here), {}),
        ("iam:PassRole", f"arn:aws:iam::{here.account}:role/admin", TO_THE_SCHEDULER),
        ("iam:GetRole", f"arn:aws:iam::{here.account}:role/admin", {}),
        ("scheduler:GetSchedule", own, {}),
    ]
    assert set(decisions(policy(SCHEDULE_PERMISSIONS, here), here, *requests)) == {"ImplicitlyDenied"}


@pytest.mark.parametrize("action", [action for need in SCHEDULE_PERMISSIONS for action in need.actions])
def test_each_action_of_the_schedule_is_needed(action):
    here = place()
    kept = [
        replace(need, actions=tuple(one for one in need.actions if one != action))
        for need in SCHEDULE_PERMISSIONS
        if need.actions != (action,)
    ]
    requests = of_the_schedule(here)
    told = dict(zip([request[0] for request in requests], decisions(policy(kept, here), here, *requests), strict=True))
    assert [name for name, decision in told.items() if decision != "Allowed"] == [action]


def test_a_pattern_is_for_the_schedules_of_the_instances_that_it_fits():
    pattern = place(name="research-*")
    names = ["research-7", f"research-{'x' * 55}", "other-7"]
    requests = [("scheduler:CreateSchedule", schedule(place(name=name)), {}) for name in names]
    assert decisions(policy(SCHEDULE_PERMISSIONS, pattern), pattern, *requests) == ["Allowed", "Allowed", "ImplicitlyDenied"]


def of_the_stack(here):
    """Return all requests of the state machine, and what AWS requires from the caller of a start."""
    role = f"arn:{here.partition}:iam::{here.account}:role/notebook"
    suffix = "amazonaws.com.cn" if here.partition == "aws-cn" else "amazonaws.com"
    via = {"kms:ViaService": f"sagemaker.{here.region}.{suffix}"}
    return [
        ("sagemaker:DescribeNotebookInstance", here.arn, {}),
        ("sagemaker:ListTags", here.arn, {}),
        ("sagemaker:StartNotebookInstance", here.arn, {}),
        ("sagemaker:UpdateNotebookInstance", here.arn, {}),
        ("sagemaker:AddTags", here.arn, OUTCOME),
        ("sagemaker:DeleteTags", here.arn, RESTART),
        ("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}),
        ("ec2:DescribeSubnets", "*", {}),
        ("ec2:CreateNetworkInterface", f"arn:{here.partition}:ec2:{here.region}:{here.account}:subnet/subnet-1", {}),
        ("kms:CreateGrant", f"arn:{here.partition}:kms:{here.region}:{here.account}:key/1234", via),
    ]


def of_the_scheduler(here):
    """Return all requests of EventBridge Scheduler with its role, and what AWS requires from the caller of a start."""
    for_others = {"DescribeNotebookInstance", "ListTags", "UpdateNotebookInstance", "AddTags", "DeleteTags"}
    return [request for request in of_the_stack(here) if request[0].partition(":")[2] not in for_others]


@pytest.mark.parametrize("region", REGIONS)
def test_the_scheduler_may_start_an_instance(region):
    here = place(region)
    requests = of_the_scheduler(here)
    assert decisions(schedule_policy(other(here, name="research-*")), here, *requests) == ["Allowed"] * len(requests)


def test_the_scheduler_may_do_nothing_else():
    here = place()
    requests = [
        ("sagemaker:StopNotebookInstance", here.arn, {}),
        ("sagemaker:UpdateNotebookInstance", here.arn, {}),
        ("sagemaker:DeleteNotebookInstance", here.arn, {}),
        ("sagemaker:CreatePresignedNotebookInstanceUrl", here.arn, {}),
        ("sagemaker:AddTags", here.arn, RESTART),
        ("sagemaker:StartNotebookInstance", other(here, name="production-1").arn, {}),
        ("iam:PassRole", f"arn:aws:iam::{here.account}:role/notebook", TO_THE_SCHEDULER),
    ]
    assert set(decisions(schedule_policy(other(here, name="research-*")), here, *requests)) == {"ImplicitlyDenied"}


@pytest.mark.parametrize("region", REGIONS)
def test_the_stack_may_do_all_that_brings_an_instance_back(region):
    here = place(region)
    requests = of_the_stack(here)
    assert decisions(stack_policy(other(here, name="research-*")), here, *requests) == ["Allowed"] * len(requests)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (pattern, name)
        for pattern in ("*", "research-*", "Research-*", "*esearch-*")
        for name in ("research-1", "Research-1", "other")
    ],
)
def test_an_instance_that_counts_as_coming_back_may_be_started_by_the_role_of_the_stack(pattern, name):
    here = place(name=name)
    by_name = here.arn.removesuffix(name.lower()) + name  # IAM sees the name of the request, which is that of the event
    requests = [
        *((f"sagemaker:{action}NotebookInstance", by_name, {}) for action in ("Describe", "Start", "Update")),
        *(
            ("sagemaker:ListTags", here.arn, {}),
            ("sagemaker:DeleteTags", here.arn, RESTART),
            ("sagemaker:AddTags", here.arn, OUTCOME),
        ),
    ]
    allowed = set(decisions(stack_policy(other(here, name=pattern)), here, *requests)) == {"Allowed"}
    event_pattern = json.dumps({"detail": {"NotebookInstanceName": [{"wildcard": pattern}]}})
    assert starts_on_stop(event_pattern, here) is allowed
    assert not allowed or not name_pattern_error(pattern)


def test_the_stack_may_do_nothing_else():
    here = place()
    elsewhere = other(here, name="production-1").arn
    role = "arn:aws:iam::123456789012:role/notebook"
    requests = [
        ("sagemaker:StopNotebookInstance", here.arn, {}),
        ("sagemaker:DeleteNotebookInstance", here.arn, {}),
        ("sagemaker:StartNotebookInstance", elsewhere, {}),
        ("sagemaker:UpdateNotebookInstance", elsewhere, {}),
        ("sagemaker:AddTags", here.arn, RESTART),
        ("sagemaker:DeleteTags", here.arn, OUTCOME),
        ("iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"}),
    ]
    assert set(decisions(stack_policy(other(here, name="research-*")), here, *requests)) == {"ImplicitlyDenied"}
