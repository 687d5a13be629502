"""The output of `doctor` and `permissions` on an instance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.assumptions.registry import load_assumptions
from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.sandbox.aws import account

ASSUMPTIONS = load_assumptions()
STATEMENTS = {
    "sagemaker:DescribeNotebookInstance": "ReadAndStop",
    "sagemaker:StopNotebookInstance": "ReadAndStop",
    "sagemaker:AddTags": "WriteReturnTag",
    "sagemaker:DeleteTags": "WriteReturnTag",
}


@pytest.fixture(scope="module")
def sandbox(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel) as sandbox:
        yield sandbox


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Any]:
    yield sandbox.faults
    sandbox.faults.clear()


def doctor(sandbox: Sandbox, *options: str) -> tuple[int, dict[str, Any]]:
    told = sandbox.run("jupyter", "nb-updater", "doctor", "--json", *options)
    return told.returncode, json.loads(told.stdout)


def by_name(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in content["checks"]}


def test_an_instance_that_lacks_nothing_is_told_so(sandbox: Sandbox) -> None:
    code, content = doctor(sandbox)
    found = [check["name"] for check in content["checks"] if check["name"] not in ASSUMPTIONS and check["verdict"] != "ok"]
    assert found == ["start", "observed"]  # which nobody can see, and what no page has shown yet
    assert (code, content["policy"]) == (0, None)


def test_it_stops_nothing_and_leaves_an_armed_restart_alone(sandbox: Sandbox) -> None:
    doctor(sandbox)
    assert sandbox.status == "InService"
    assert set(sandbox.tags()) == {"nb-updater:state"}


@pytest.mark.parametrize("action", STATEMENTS)
def test_each_missing_permission_is_found_with_the_statement_to_add(sandbox: Sandbox, faults: Any, action: str) -> None:
    faults.add(action.partition(":")[2], code="AccessDeniedException", message=f"not authorized to perform: {action}")
    code, content = doctor(sandbox)
    assert action in {check["action"] for check in content["checks"] if check["verdict"] == "missing"}
    assert STATEMENTS[action] in {statement["Sid"] for statement in content["policy"]["Statement"]}
    assert code == 4


def test_a_permission_that_only_proves_something_is_no_hindrance(sandbox: Sandbox, faults: Any) -> None:
    faults.add("DescribeRule", code="AccessDeniedException", message="no")
    code, content = doctor(sandbox)
    assert (code, by_name(content)["return"]["verdict"]) == (0, "warning")
    assert "ReadReturnRule" in {statement["Sid"] for statement in content["policy"]["Statement"]}


def test_whether_the_lifecycle_configuration_is_there_is_a_permission_of_its_own(sandbox: Sandbox, faults: Any) -> None:
    faults.add("DescribeNotebookInstanceLifecycleConfig", code="AccessDeniedException", message="no")
    code, content = doctor(sandbox)
    assert (code, by_name(content)["lifecycle"]["verdict"]) == (0, "ok")
    assert [statement["Sid"] for statement in content["policy"]["Statement"]] == ["ReadLifecycleConfiguration"]


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_what_is_newer_elsewhere_takes_permissions_that_no_restart_needs(sandbox: Sandbox, faults: Any, operation: str) -> None:
    faults.add(operation, code="AccessDenied", message=f"not authorized to perform: s3:{operation}", status=403)
    code, content = doctor(sandbox)
    told = [(check["action"], check["verdict"]) for check in content["checks"] if check["verdict"] != "ok" and check["action"]]
    assert (code, told) == (0, [(f"s3:{operation}", "warning")])
    assert [statement["Sid"] for statement in content["policy"]["Statement"]] == ["ReadAndWriteFleetReport"]
    _, content = doctor(sandbox, "--FleetSource.location=")
    assert (content["policy"], any((check["action"] or "").startswith("s3:") for check in content["checks"])) == (None, False)


def test_trying_to_tell_what_is_newer_tells_nothing(sandbox: Sandbox) -> None:
    s3 = sandbox.aws.client("s3")
    (object_,) = s3.list_objects_v2(Bucket="sagemaker-eu-west-1-123456789012")["Contents"]
    doctor(sandbox)
    assert s3.list_objects_v2(Bucket="sagemaker-eu-west-1-123456789012")["Contents"] == [object_]


def test_what_is_at_risk_is_a_warning(sandbox: Sandbox) -> None:
    code, content = doctor(sandbox, f"--RiskMonitor.nearly_full_bytes={1 << 60}", "--RiskMonitor.slow_start_seconds=0")
    told = {check["name"] for check in content["checks"] if check["verdict"] == "warning"}
    assert (code, told) == (0, {"volume-nearly-full", "start-was-slow"})


def test_without_iam_s_own_word_the_stop_is_told_to_be_unknown(sandbox: Sandbox, faults: Any) -> None:
    faults.add("SimulatePrincipalPolicy", code="AccessDenied", message="no")
    code, content = doctor(sandbox)
    unknown = [check["action"] for check in content["checks"] if check["verdict"] == "unknown" and check["action"]]
    assert (code, unknown) == (0, ["sagemaker:StopNotebookInstance"])


def test_a_return_path_that_is_gone_is_missing(sandbox: Sandbox) -> None:
    events = sandbox.aws.client("events")
    events.disable_rule(Name="nb-updater-return")
    code, content = doctor(sandbox)
    events.enable_rule(Name="nb-updater-return")
    assert (code, by_name(content)["return"]["verdict"]) == (4, "missing")


def test_a_stack_that_starts_other_instances_is_no_return_and_the_reason_is_said(sandbox: Sandbox) -> None:
    events = sandbox.aws.client("events")
    deployed = events.describe_rule(Name="nb-updater-return")["EventPattern"]
    other = json.dumps({"source": ["aws.sagemaker"], "detail": {"NotebookInstanceName": [{"wildcard": "analysis-*"}]}})
    try:
        events.put_rule(Name="nb-updater-return", EventPattern=other)
        code, content = doctor(sandbox)
    finally:
        events.put_rule(Name="nb-updater-return", EventPattern=deployed)
    told = by_name(content)["return"]
    assert (code, told["verdict"], told["reason"]) == (4, "missing", "outside-pattern")
    assert (sandbox.name in told["said"], "analysis-*" in told["said"]) == (True, True)
    assert by_name(doctor(sandbox)[1])["return"]["verdict"] == "ok"


def test_a_person_as_the_return_path_is_what_was_configured(sandbox: Sandbox) -> None:
    manual = "jupyter_nb_updater.restart.return_path.manual.ManualReturnPath"
    code, content = doctor(sandbox, f"--RestartRunner.return_path_class={manual}")
    assert (code, by_name(content)["return"]["said"]) == (0, "A person starts the instance again after a stop, as configured.")


def test_a_person_reads_what_is_wrong_and_what_to_add(sandbox: Sandbox, faults: Any) -> None:
    faults.add("AddTags", code="AccessDeniedException", message="no")
    told = sandbox.run("jupyter", "nb-updater", "doctor").stdout
    assert "missing  The IAM role lacks sagemaker:AddTags. See the policy below." in told
    assert '"nb-updater:restart"' in told.partition("Add this policy")[2]


def test_the_organizations_document_is_looked_at_where_one_is_configured(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "organization.json"
    place = f"--PolicyManager.url={path.as_uri()}"
    _, content = doctor(sandbox, place)
    told = by_name(content)["document"]
    assert (told["verdict"], "does not exist" in told["said"]) == ("warning", True)
    times = {"issued": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z"}
    path.write_text(json.dumps({"version": 1, "serial": 7, "organization": "Example Bank", **times}))
    code, content = doctor(sandbox, place)
    told = by_name(content)["document"]
    assert (code, told["verdict"], "document number 7 of Example Bank" in told["said"]) == (0, "ok", True)


def test_a_document_that_may_not_be_read_is_told_with_the_statement_to_add(sandbox: Sandbox, faults: Any) -> None:
    faults.add("Verify", code="AccessDeniedException", message="not authorized to perform: kms:Verify")
    s3 = sandbox.aws.client("s3")
    s3.create_bucket(Bucket="policies", CreateBucketConfiguration={"LocationConstraint": sandbox.aws.region})
    times = {"issued": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z"}
    document = {"version": 1, "serial": 7, "organization": "Example Bank", **times}
    s3.put_object(Bucket="policies", Key="a.json", Body=json.dumps(document).encode())
    s3.put_object(Bucket="policies", Key="a.json.sig", Body=b"aGVsbG8=")
    key = "arn:aws:kms:eu-west-1:123456789012:key/1234"
    code, content = doctor(sandbox, "--PolicyManager.url=s3://policies/a.json", f"--PolicyManager.keys={key}")
    assert (code, by_name(content)["document"]["action"]) == (0, "kms:Verify")
    (statement,) = content["policy"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["kms:Verify"], key)


def test_on_the_instance_the_policy_is_about_this_instance(sandbox: Sandbox) -> None:
    told = sandbox.run("jupyter", "nb-updater", "permissions")
    assert told.returncode == 0, told.stderr
    assert f"notebook-instance/{sandbox.name}" in told.stdout


SCHEDULE_STATEMENTS = {
    "scheduler:CreateSchedule": "WriteSchedule",
    "scheduler:UpdateSchedule": "WriteSchedule",
    "scheduler:DeleteSchedule": "WriteSchedule",
    "iam:PassRole": "PassSchedulerRole",
}
BY_SCHEDULE = "--RestartRunner.return_path_class=jupyter_nb_updater.restart.return_path.schedule.ScheduleReturnPath"


@pytest.fixture(scope="module")
def with_role(sandbox: Sandbox) -> Sandbox:
    """Deploy the role that starts instances by a schedule."""
    account.deploy_schedule_role(sandbox.aws)
    return sandbox


def test_a_schedule_that_lacks_nothing_is_told_so_and_none_is_made(with_role: Sandbox) -> None:
    code, content = doctor(with_role, BY_SCHEDULE)
    found = [check["name"] for check in content["checks"] if check["name"] not in ASSUMPTIONS and check["verdict"] != "ok"]
    assert found == ["start", "observed"]  # which nobody can see, and what no page has shown yet
    assert (code, content["policy"]) == (0, None)
    assert with_role.aws.client("scheduler").list_schedules()["Schedules"] == []


@pytest.mark.parametrize("action", SCHEDULE_STATEMENTS)
def test_each_missing_permission_for_a_schedule_is_found(with_role: Sandbox, faults: Any, action: str) -> None:
    message = f"not authorized to perform: {action}"
    faults.add(action.partition(":")[2], code="AccessDeniedException", message=message, status=403)
    code, content = doctor(with_role, BY_SCHEDULE)
    assert [check["action"] for check in content["checks"] if check["verdict"] == "missing"] == [action]
    assert [statement["Sid"] for statement in content["policy"]["Statement"]] == [SCHEDULE_STATEMENTS[action]]
    assert code == 4


def test_a_role_of_the_schedule_that_may_not_be_seen_is_assumed(with_role: Sandbox, faults: Any) -> None:
    faults.add("GetRole", code="AccessDenied", message="not authorized to perform: iam:GetRole")
    code, content = doctor(with_role, BY_SCHEDULE)
    assert (code, by_name(content)["return"]["verdict"]) == (0, "warning")
    assert [statement["Sid"] for statement in content["policy"]["Statement"]] == ["ReadSchedulerRole"]


def test_without_iam_s_own_word_a_new_schedule_and_its_role_are_told_to_be_unknown(with_role: Sandbox, faults: Any) -> None:
    faults.add("SimulatePrincipalPolicy", code="AccessDenied", message="no")
    _, content = doctor(with_role, BY_SCHEDULE)
    unknown = {check["action"] for check in content["checks"] if check["verdict"] == "unknown" and check["action"]}
    assert unknown == {"sagemaker:StopNotebookInstance", "scheduler:CreateSchedule", "iam:PassRole"}


def test_a_role_of_the_schedule_that_is_not_there_is_missing(sandbox: Sandbox) -> None:
    code, content = doctor(sandbox, BY_SCHEDULE, "--ScheduleReturnPath.role=arn:aws:iam::123456789012:role/nobody")
    told = by_name(content)["return"]
    assert (code, told["verdict"], "stack render --return-path schedule" in told["todo"]) == (4, "missing", True)


def test_a_policy_for_a_schedule_names_the_schedule_and_the_role_of_this_instance(sandbox: Sandbox) -> None:
    told = sandbox.run("jupyter", "nb-updater", "permissions", "--return-path", "schedule")
    assert told.returncode == 0, told.stderr
    assert "schedule/default/nb-updater-Research-1" in told.stdout
    assert "role/nb-updater-schedule-eu-west-1" in told.stdout
    assert "rule/" not in told.stdout
    assert "sagemaker:StartNotebookInstance" in sandbox.run("jupyter", "nb-updater", "permissions", "--role", "schedule").stdout


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--account", "12"], "--account: give the 12 digits"),
        (["--region", "nowhere"], "--region: give the name of an AWS region"),
        (["--instance", "a b"], "--instance: give a name"),
    ],
)
def test_a_policy_for_nowhere_is_refused_in_words(sandbox: Sandbox, options: list[str], complaint: str) -> None:
    told = sandbox.run("jupyter", "nb-updater", "permissions", *options)
    assert (told.returncode, complaint in told.stderr) == (2, True)
