"""The conclusions of the doctor from its checks."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from jupyter_nb_updater.doctor import checks as check
from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.platforms import known
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.org_policy.document import PolicyRejected
from jupyter_nb_updater.restart.return_path import Verification
from jupyter_nb_updater.restart.risks import Risk

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


def described(**over):
    facts = {"status": "InService", "arn": "arn", "platform": "notebook-al2023-v1", "instance_type": "ml.t3.medium"}
    facts["platforms"] = known(moves_amazon_linux_2=over.pop("allowed", True))
    return Description(**{**facts, "lifecycle_config": "nb-updater", **over})


def verdicts(checks):
    return {one.name: one.verdict for one in checks}


def test_an_instance_that_aws_describes_and_starts_again_is_well():
    told = verdicts(check.of_aws(described(), NOW))
    assert told == {"aws": "ok", "platform": "ok", "lifecycle": "ok", "start": "unknown"}


def test_what_a_start_needs_and_cannot_be_seen_is_named():
    start = check.of_aws(described(kms_key="key-1", subnet="subnet-1"), NOW)[-1]
    assert "capacity for ml.t3.medium, the subnet subnet-1, permission to use the KMS key key-1" in start.said
    assert "subnet" not in check.of_aws(described(), NOW)[-1].said


def test_a_lifecycle_configuration_that_is_gone_keeps_the_instance_from_starting():
    gone = next(one for one in check.of_aws(described(), NOW, lacks_config=True) if one.name == "lifecycle")
    assert (gone.verdict, "nb-updater does not exist" in gone.said) == ("missing", True)


def test_a_network_without_a_way_to_aws_is_named():
    (one,) = check.of_aws(AwsError("unreachable", "DescribeNotebookInstance", "timed out"), NOW)
    assert (one.verdict, "endpoint for sagemaker.api" in one.todo) == ("missing", True)


@pytest.mark.parametrize(
    ("over", "verdict"),
    [
        ({"platform": "notebook-al2-v3"}, "warning"),
        ({"platform": "notebook-al2-v3", "allowed": False}, "missing"),
        ({"platform": "notebook-al2-v3", "instance_type": "ml.p3.2xlarge"}, "missing"),
        ({"platform": "notebook-al1-v1"}, "missing"),
    ],
)
def test_a_platform_that_aws_no_longer_starts_is_named_before_anybody_stops_it(over, verdict):
    assert verdicts(check.of_aws(described(**over), NOW))["platform"] == verdict


@pytest.mark.parametrize(
    ("over", "todo"),
    [
        ({"platform": "notebook-al2-v3"}, "PlatformTable.moves_amazon_linux_2"),
        ({"platform": "notebook-al2-v3", "instance_type": "ml.p3.2xlarge"}, "Copy your files"),
        ({"platform": "notebook-al1-v1"}, "Copy your files"),
    ],
)
def test_a_move_that_nobody_has_allowed_is_said_with_what_allows_it(over, todo):
    told = next(one for one in check.of_aws(described(allowed=False, **over), NOW) if one.name == "platform")
    assert (told.verdict, todo in told.todo) == ("missing", True)


def test_an_instance_without_a_lifecycle_configuration_would_come_back_without_us():
    assert verdicts(check.of_aws(described(lifecycle_config=None), NOW))["lifecycle"] == "warning"


@pytest.mark.parametrize(
    ("answer", "required", "verdict"),
    [
        ("allowed", True, "ok"),
        ("denied", True, "missing"),
        ("denied", False, "warning"),
        ("unknown", True, "unknown"),
    ],
)
def test_a_permission_matters_as_much_as_what_it_is_for(answer, required, verdict):
    one = check.of_permission("sagemaker:AddTags", answer, required=required)
    assert (one.verdict, one.action) == (verdict, "sagemaker:AddTags")


@pytest.mark.parametrize(
    ("kind", "proof", "verdict"),
    [
        ("stack", "verified", "ok"),
        ("stack", "assumed", "warning"),
        ("stack", "missing", "missing"),
        ("manual", "missing", "ok"),
        ("schedule", "missing", "missing"),
    ],
)
def test_a_return_path_is_what_it_was_seen_to_be(kind, proof, verdict):
    told = check.of_return(kind, Verification(proof), "research-1")
    assert told.verdict == verdict
    assert (verdict == "missing") == ("jupyter nb-updater stack" in told.todo)


@pytest.mark.parametrize(
    ("reason", "verdict", "said", "todo"),
    [
        ("outside-pattern", "missing", "does not match Research-1 and research-1: PATTERN", "such as '*esearch-1'"),
        ("unknown-pattern", "warning", "matches the name Research-1. Its event pattern: PATTERN", "Compare"),
        ("rule-disabled", "missing", "nothing would start this instance again", "enable the rule"),
    ],
)
def test_why_the_stack_does_not_start_this_instance_is_said_with_a_code(reason, verdict, said, todo):
    proof = "assumed" if verdict == "warning" else "missing"
    told = check.of_return("stack", Verification(proof, reason, "PATTERN"), "Research-1")
    assert (told.name, told.verdict, told.reason, said in told.said, todo in told.todo) == (
        "return",
        verdict,
        reason,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("free", "trouble", "verdict"),
    [(10**9, None, "ok"), (0, OSError("No space left on device"), "missing")],
)
def test_a_volume_that_cannot_be_written_is_named(free, trouble, verdict):
    assert check.of_volume(free, trouble, "/home/ec2-user/SageMaker/.nb-updater").verdict == verdict


@pytest.mark.parametrize(
    ("risk", "said"),
    [
        (Risk("start-was-slow", "251", "300"), "took 251 seconds. AWS fails a start after 300"),
        (Risk("volume-nearly-full", "/volume", str(12 << 20)), "12 MB free in /volume"),
        (Risk("restarted-recently", "2026-11-23T13:50:00Z"), "at 2026-11-23T13:50:00Z"),
    ],
)
def test_a_risk_is_a_warning(risk, said):
    one = check.of_risk(risk)
    assert (one.verdict, said in one.said) == ("warning", True)


def test_a_clock_that_cannot_be_believed_is_told():
    assert check.of_age(None).verdict == "unknown"


def test_a_server_that_does_not_run_is_told_in_its_own_words():
    assert check.of_server("No Jupyter server runs here.").said == "No Jupyter server runs here."


CALM = {"refused": 0, "origin": None, "cuts": 0, "polling": 0}


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        ({}, "ok", "No browser tab"),
        ({"cuts": 2}, "ok", "No browser tab"),
        (
            {"refused": 1, "origin": "https://n.example"},
            "warning",
            "refused 1 request of pages, the last from https://n.example",
        ),
        ({"refused": 2}, "warning", "refused 2 requests of pages, the last from an unknown address"),
        ({"polling": 1}, "warning", "1 browser tab cannot"),
        ({"cuts": 3}, "warning", "The last 3 WebSockets ended within seconds"),
    ],
)
def test_a_channel_that_is_refused_or_cut_is_named_with_what_to_do(facts, verdict, words):
    (one,) = check.of_channel({**CALM, **facts})
    assert (one.verdict, words in one.said, bool(one.todo)) == (verdict, True, verdict == "warning")


def test_each_problem_of_the_channel_is_a_check_of_its_own():
    found = check.of_channel({"refused": 1, "origin": "https://n.example", "cuts": 9, "polling": 3})
    assert [one.verdict for one in found] == ["warning"] * 3


@pytest.mark.parametrize(
    ("code", "action", "todo"),
    [
        ("serial", None, "delete /v/org_policy/serial.json."),
        ("audience", None, "`PolicyManager.audience`"),
        ("require-unsigned", None, "`PolicyManager.keys`"),
        ("schema", None, "`jupyter nb-updater policy check`"),
        ("access-denied", "s3:GetObject", "See the policy below."),
    ],
)
def test_a_rejected_document_is_told_with_the_way_out(code, action, todo):
    found = check.of_refused(PolicyRejected(code, "why", action=action), None, Path("/v/org_policy/serial.json"))
    assert (found.verdict, todo in found.todo, found.action) == ("warning", True, action)
