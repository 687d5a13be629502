"""`stack deploy` and `stack delete` with an account: what they create, and what they leave unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_nb_updater.cloud import RETURN_PATH_TEMPLATE
from jupyter_nb_updater.sandbox.aws.client import EmulatedAws
from jupyter_nb_updater.util.clock import to_text, utcnow

from .support import Instance

ROOT = Path(__file__).parent.parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAws]:
    """Start an account of its own, because the stack has a rule with a fixed name."""
    api = EmulatedAws(start_seconds=0.1, stop_seconds=0.1)
    api.start()
    yield api
    api.stop()


@pytest.fixture
def stack(account: EmulatedAws, tmp_path: Path) -> Iterator[Run]:
    """Return the command as an administrator runs it; delete the stack afterwards."""
    settings = {"JUPYTER_CONFIG_DIR": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    aws = {
        "AWS_ENDPOINT_URL": account.url,
        "AWS_REGION": account.region,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "jupyter_nb_updater.cli.app", "stack", *words]
        environment = {**others, **settings, **aws, "AWS_EC2_METADATA_DISABLED": "true", **more}
        return subprocess.run(
            line,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
        )

    yield run
    account.faults.clear()
    account.client("cloudformation").delete_stack(StackName="nb-updater")


def parameters(account: EmulatedAws) -> dict[str, str]:
    (stack,) = account.client("cloudformation").describe_stacks(StackName="nb-updater")["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}


def test_the_template_is_printed_as_it_is(stack: Run) -> None:
    told = stack("render")
    assert (told.returncode, told.stdout) == (0, RETURN_PATH_TEMPLATE.read_text("utf-8"))


def test_a_stack_is_made_with_the_parameters_that_were_given(stack: Run, account: EmulatedAws) -> None:
    told = stack("deploy", "--notebook-name-pattern", "research-*", "--alarm-email=platform@example.com")
    assert told.returncode == 0, told.stderr
    assert "CREATE_COMPLETE             nb-updater" in told.stdout
    assert told.stdout.endswith("Deployed.\n")
    assert account.client("events").describe_rule(Name="nb-updater-return")["State"] == "ENABLED"
    assert parameters(account)["NotebookNamePattern"] == "research-*"
    assert parameters(account)["AlarmEmail"] == "platform@example.com"


def test_a_pattern_that_misses_an_instance_for_its_capital_letters_is_refused(stack: Run, account: EmulatedAws) -> None:
    Instance(account, "Capital-1")
    told = stack("deploy", "--notebook-name-pattern", "capital-*")
    assert (told.returncode, "does not match Capital-1" in told.stderr, "'*apital-1'" in told.stderr) == (4, True, True)
    told = stack("deploy", "--notebook-name-pattern", "Capital-*")
    assert (told.returncode, "Write * for each capital letter: '*apital-*'" in told.stderr) == (2, True)
    assert account.client("cloudformation").describe_stacks()["Stacks"] == []
    told = stack("deploy", "--notebook-name-pattern", "*apital-*")
    assert (told.returncode, "does not match" in told.stdout) == (0, False), told.stderr


def test_what_is_not_given_again_stays_as_it_is(stack: Run, account: EmulatedAws) -> None:
    stack("deploy", "--alarm-email=platform@example.com")
    told = stack("deploy", "--start-attempts=5")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "Deployed."), told.stderr
    assert (parameters(account)["StartAttempts"], parameters(account)["AlarmEmail"]) == ("5", "platform@example.com")


def test_a_second_time_there_is_nothing_to_change(stack: Run, account: EmulatedAws) -> None:
    stack("deploy")
    # moto compares its numbers with text, and so never finds two deployments equal; this is what AWS says then.
    account.faults.add("UpdateStack", code="ValidationError", message="No updates are to be performed.")
    told = stack("deploy")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "Already up to date."), told.stderr


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(stack: Run, account: EmulatedAws) -> None:
    told = stack("deploy", "--dry-run")
    assert (told.returncode, "would add ReturnStateMachine (AWS::StepFunctions::StateMachine)" in told.stdout) == (0, True)
    assert account.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_dry_run_of_a_change_leaves_the_stack_as_it_is(stack: Run, account: EmulatedAws) -> None:
    cloudformation = account.client("cloudformation")
    older = RETURN_PATH_TEMPLATE.read_text("utf-8").partition("  NotDelivered:\n")[0]  # of a version without this alarm
    cloudformation.create_stack(StackName="nb-updater", TemplateBody=older, Capabilities=["CAPABILITY_IAM"])
    told = stack("deploy", "--dry-run")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[1:] == ["  would add NotDelivered (AWS::CloudWatch::Alarm)"]
    assert cloudformation.get_template(StackName="nb-updater")["TemplateBody"] == older
    assert stack("deploy").returncode == 0
    assert stack("deploy", "--dry-run").stdout.splitlines()[1:] == ["Nothing would change."]


def test_it_is_deleted_with_everything_in_it(stack: Run, account: EmulatedAws) -> None:
    stack("deploy")
    told = stack("delete")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "Deleted."), told.stderr
    events = account.client("events")
    assert "nb-updater-return" not in {rule["Name"] for rule in events.list_rules()["Rules"]}


def test_a_stack_that_is_not_there_is_deleted_already(stack: Run) -> None:
    told = stack("delete")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "The stack does not exist."), told.stderr


def test_it_stays_while_an_instance_counts_on_it(stack: Run, account: EmulatedAws) -> None:
    stack("deploy")
    instance = Instance(account, "leaving-1")
    instance.tag("nb-updater:restart", "r-1 2999-01-01T00:00:00Z")
    told = stack("delete")
    assert (told.returncode, "leaving-1, which would stay stopped" in told.stderr) == (4, True)
    assert account.client("events").describe_rule(Name="nb-updater-return")["State"] == "ENABLED"
    assert stack("delete", "--force").returncode == 0
    instance.tag("nb-updater:restart", f"r-1 {to_text(utcnow())}")  # expired, on an instance that is up
    instance.wait_for("InService")
    assert stack("delete").returncode == 0


@pytest.mark.parametrize(
    ("words", "action"),
    [
        (("deploy",), "cloudformation:CreateStack"),
        (("deploy", "--dry-run"), "cloudformation:DescribeStacks"),
        (("delete",), "cloudformation:DescribeStacks"),
        (("delete",), "sagemaker:ListNotebookInstances"),
    ],
)
def test_who_may_not_is_told_in_one_sentence(stack: Run, account: EmulatedAws, words: tuple[str, ...], action: str) -> None:
    account.faults.add(action.partition(":")[2], code="AccessDenied", message="User x is not authorized", status=403)
    told = stack(*words)
    assert (told.returncode, told.stderr.count("\n")) == (4, 1)
    assert f"AWS denied {action} in eu-west-1: User x is not authorized" in told.stderr


def test_who_may_not_see_the_events_deploys_all_the_same(stack: Run, account: EmulatedAws) -> None:
    account.faults.add("DescribeStackEvents", code="AccessDenied", message="no", status=403)
    assert stack("deploy").returncode == 0


def test_a_look_that_aws_is_too_busy_for_is_tried_again(stack: Run, account: EmulatedAws) -> None:
    stack("deploy")
    account.faults.add("UpdateStack", code="Throttling", message="Rate exceeded", times=1)
    account.faults.add("DescribeStacks", code="Throttling", message="Rate exceeded", times=1)
    told = stack("deploy", "--start-attempts=7")
    assert told.returncode == 0, told.stderr


def test_without_credentials_that_is_said(stack: Run) -> None:
    told = stack("deploy", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (told.returncode, told.stderr.count("\n")) == (4, 1)
    assert "Unable to locate credentials" in told.stderr


def test_an_account_out_of_reach_is_told(stack: Run) -> None:
    told = stack("deploy", "--Aws.max_attempts=1", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert (told.returncode, "AWS did not answer DescribeStacks in eu-west-1" in told.stderr) == (4, True)
