"""The return path `stack`: would its rule start this very instance?"""

import json
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.instance.sagemaker import SageMaker
from jupyter_nb_updater.permissions.templates import resource
from jupyter_nb_updater.restart.return_path import Verification
from jupyter_nb_updater.restart.return_path.stack import StackReturnPath


def here(name):
    return Identity(name, "eu-west-1", "123456789012", "aws")


def of_the_template(pattern):
    """Return the event pattern of the stack with a value of NotebookNamePattern."""
    rule = json.dumps(resource("StoppedRule", here(pattern))["EventPattern"])
    return json.loads(rule.replace('{"Ref": "NotebookNamePattern"}', json.dumps(pattern)))


def named(*wanted, **more):
    return {"source": ["aws.sagemaker"], "detail": {"NotebookInstanceName": [*wanted], **more}}


class Aws:
    """EventBridge with one rule, or with an error."""

    def __init__(self, **rule):
        self.rule, self.error = {"State": "ENABLED", **rule}, None

    async def call(self, service, operation, **parameters):
        assert (service, operation, parameters) == ("events", "DescribeRule", {"Name": "nb-updater-return"})
        if self.error:
            raise AwsError(self.error, operation, "no")
        return self.rule


async def verified(aws, name):
    instance = SimpleNamespace(sagemaker=SageMaker(aws, here(name)), aws=aws, system_clock=None)
    return await StackReturnPath(instance).verify()


@pytest.mark.parametrize(
    ("pattern", "name", "proof"),
    [
        ("*", "research-1", "verified"),
        ("*", "Research-1", "verified"),
        ("research-*", "research-1", "verified"),
        ("research-*", "analysis-1", "missing"),
        ("research-*", "Research-1", "missing"),  # the event has the capital
        ("Research-*", "Research-1", "missing"),  # the role's ARN has it, and AWS's has not
        ("Research-*", "research-1", "missing"),
        ("*esearch-*", "Research-1", "verified"),
        ("*esearch-*", "research-1", "verified"),
        ("research-1", "research-1", "verified"),
        ("research-1", "research-10", "missing"),
    ],
)
async def test_the_stack_starts_the_instances_that_its_own_pattern_matches(pattern, name, proof):
    pattern = json.dumps(of_the_template(pattern))
    reason = "" if proof == "verified" else "outside-pattern"
    assert await verified(Aws(EventPattern=pattern), name) == Verification(proof, reason, pattern if reason else "")


@pytest.mark.parametrize(
    ("pattern", "proof", "reason"),
    [
        (named({"prefix": "Res"}), "missing", "outside-pattern"),
        (named({"equals-ignore-case": "RESEARCH-1"}), "verified", ""),
        (named("Research-1", "research-1"), "verified", ""),
        (named({"anything-but": ["other"]}), "verified", ""),
        (named({"wildcard": "*"}, NotebookInstanceStatus=["InService"]), "missing", "outside-pattern"),
        (named({"wildcard": "*"}, NotebookInstanceStatus=["Stopped", "Failed"]), "verified", ""),
        (named({"wildcard": "*"}, InstanceType=["ml.t3.medium"]), "assumed", "unknown-pattern"),
        (named({"wildcard": "*"}, Tags={"team": ["x"]}), "assumed", "unknown-pattern"),
        (named({"sounds-like": "research"}), "assumed", "unknown-pattern"),
        (named("other", {"sounds-like": "research"}), "assumed", "unknown-pattern"),
        ({**named({"sounds-like": "research"}), "source": ["aws.ec2"]}, "missing", "outside-pattern"),
        ({**named({"wildcard": "*"}), "account": ["999999999999"]}, "missing", "outside-pattern"),
        ({**named({"wildcard": "*"}), "detail-type": ["SageMaker Notebook Instance State Change"]}, "verified", ""),
        ({**named({"wildcard": "*"}), "resources": [{"suffix": "/research-1"}]}, "verified", ""),
        (None, "missing", "outside-pattern"),  # of a rule that no event starts
    ],
    ids=str,
)
async def test_another_pattern_is_read_as_eventbridge_reads_it(pattern, proof, reason):
    rule = {} if pattern is None else {"EventPattern": json.dumps(pattern)}
    found = await verified(Aws(**rule), "Research-1")
    assert (found.proof, found.reason) == (proof, reason)


async def test_a_pattern_that_is_no_json_proves_nothing():
    assert (await verified(Aws(EventPattern="{"), "research-1")).reason == "unknown-pattern"


async def test_a_rule_that_is_disabled_starts_nothing():
    pattern = json.dumps(of_the_template("*"))
    found = await verified(Aws(EventPattern=pattern, State="DISABLED"), "research-1")
    assert (found.proof, found.reason) == ("missing", "rule-disabled")


@pytest.mark.parametrize(
    ("error", "proof"),
    [("not-found", "missing"), ("access-denied", "assumed"), ("unreachable", "assumed"), ("throttled", "assumed")],
)
async def test_a_rule_that_cannot_be_read_is_assumed_and_one_that_is_not_there_is_missing(error, proof):
    aws = Aws()
    aws.error = error
    assert await verified(aws, "research-1") == Verification(proof, error, "no")
