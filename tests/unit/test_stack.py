"""Conclusions from CloudFormation's responses, with a small simulated CloudFormation."""

from io import StringIO

import pytest

from jupyter_nb_updater.cli.base import ExitCode
from jupyter_nb_updater.cli.stack import DeployApp, StackRender
from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.stack import template
from jupyter_nb_updater.stack.deployment import Deployment
from jupyter_nb_updater.stack.status import StackError, change_line, change_set_type, changes_nothing, root_cause

PARAMETERS = {one.name: one for one in template.parameters()}


def event(status, name="Rule", reason=None, **more):
    told = {"ResourceStatus": status, "LogicalResourceId": name, "ResourceType": "AWS::Events::Rule", **more}
    return told if reason is None else {**told, "ResourceStatusReason": reason}


def test_each_parameter_of_the_template_is_an_option():
    assert [one.option for one in PARAMETERS.values()] == [
        *("notebook-name-pattern", "poll-seconds", "start-attempts", "alarm-email")
    ]
    assert {DeployApp.aliases[one.option] for one in PARAMETERS.values()} <= {
        f"DeployApp.{trait}" for trait in DeployApp.class_trait_names(config=True)
    }


@pytest.mark.parametrize(
    ("name", "value", "is_wrong"),
    [
        ("NotebookNamePattern", "research-*", False),
        ("NotebookNamePattern", "*", False),
        ("NotebookNamePattern", "*esearch-*", False),
        ("NotebookNamePattern", "a*b*c", False),
        ("NotebookNamePattern", "*-1", False),
        ("NotebookNamePattern", "research *", True),
        ("NotebookNamePattern", "", True),
        ("NotebookNamePattern", "research?1", True),
        ("PollSeconds", "15", False),
        ("PollSeconds", "61", True),
        ("StartAttempts", "often", True),
        ("AlarmEmail", "", False),
    ],
)
def test_a_value_that_cloudformation_would_not_take_is_named_before_it_is_asked(name, value, is_wrong):
    error = PARAMETERS[name].validation_error(value)
    assert error.startswith(f"--{PARAMETERS[name].option}: ") is is_wrong


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("Research-*", "'*esearch-*'"),
        ("BasicNotebook-*", "'*asic*otebook-*'"),
        ("A*", "'*'"),
        ("research-**", "several * in a row"),
        ("**", "several * in a row"),
        ("research-", "hyphen"),
        ("-1*", "hyphen"),
        ("x" * 64 + "*", "at most 63 characters"),
    ],
)
def test_a_pattern_that_could_not_start_an_instance_is_refused_with_what_to_write(pattern, why):
    assert why in PARAMETERS["NotebookNamePattern"].validation_error(pattern)


def test_names_are_matched_with_their_capitals_and_without_them():
    names = ["Research-1", "research-2", "other"]
    assert template.matching_names("research-*", names) == (["research-2"], ["Research-1"])
    assert template.matching_names("*esearch-*", names) == (["Research-1", "research-2"], [])


async def test_a_value_of_before_that_works_no_longer_is_named(deployment):
    aws = CloudFormation("CREATE_COMPLETE")
    aws.parameters = [{"ParameterKey": "NotebookNamePattern", "ParameterValue": "Research-*"}]
    with pytest.raises(
        StackError, match=r"'Research-\*' of NotebookNamePattern does not work.*--notebook-name-pattern.*esearch"
    ):
        await deployment(aws).deploy({})
    assert "UpdateStack" not in aws.calls
    assert await deployment(aws).deploy({"NotebookNamePattern": "*esearch-*"}) is True


def test_what_was_not_asked_for_stays_and_a_parameter_that_the_template_lost_is_not_passed_on():
    told = template.parameter_values({"StartAttempts": "5"}, {"AlarmEmail": "a@example.com", "StartAttempts": "9", "Old": "1"})
    assert {one["ParameterKey"]: one["ParameterValue"] for one in told} == {"AlarmEmail": "a@example.com", "StartAttempts": "5"}


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"])
def test_a_stack_that_works_is_updated(status):
    assert change_set_type("s", status) == "UPDATE"


def test_one_that_was_deleted_is_made_again():
    assert change_set_type("s", "DELETE_COMPLETE") == "CREATE"


@pytest.mark.parametrize(
    ("status", "todo"),
    [
        ("ROLLBACK_COMPLETE", "stack delete --name s"),
        ("DELETE_FAILED", "stack delete --name s"),
        ("REVIEW_IN_PROGRESS", "stack delete --name s"),
        ("UPDATE_ROLLBACK_FAILED", "Continue update rollback"),
        ("UPDATE_IN_PROGRESS", "Try again when it has finished"),
        ("DELETE_IN_PROGRESS", "Try again when it has finished"),
    ],
)
def test_one_that_cannot_be_updated_is_told_with_what_to_do(status, todo):
    with pytest.raises(StackError, match=todo):
        change_set_type("s", status)


def test_the_cause_is_what_failed_first_and_not_what_was_cancelled_for_it():
    events = [
        event("CREATE_IN_PROGRESS"),
        event("CREATE_FAILED", "Queue", "Resource creation cancelled"),
        event("CREATE_FAILED", "Rule", "nb-updater-return already exists"),
        event("CREATE_FAILED", "s", "The following resource(s) failed to create: [Rule]. Rollback requested by user."),
    ]
    assert root_cause(events) == "Rule (AWS::Events::Rule): CREATE_FAILED: nb-updater-return already exists"


def test_without_an_event_nothing_is_made_up():
    assert root_cause([event("CREATE_COMPLETE")]) == "AWS gives no reason"


@pytest.mark.parametrize(
    ("message", "nothing"),
    [
        ("No updates are to be performed.", True),
        ("The submitted information didn't contain changes. Submit different information to create a change set.", True),
        ("Template format error", False),
    ],
)
def test_no_change_is_recognized_by_the_words_of_aws(message, nothing):
    assert changes_nothing(message) is nothing


def test_what_would_be_replaced_is_said():
    resource = {"Action": "Modify", "LogicalResourceId": "Rule", "ResourceType": "AWS::Events::Rule", "Replacement": "True"}
    assert change_line({"ResourceChange": resource}) == "modify Rule (AWS::Events::Rule), by replacing it"


class CloudFormation:
    """A stack that goes through its statuses one after the other, each with its events."""

    def __init__(self, status, *course):
        self.status, self.course, self.calls, self.refusals = status, list(course), [], {}
        self.events = [event("CREATE_COMPLETE", "old", EventId="old")]
        self.change_set, self.parameters = {"Status": "CREATE_COMPLETE", "Changes": []}, []

    async def call(self, service, operation, **parameters):
        self.calls.append(operation)
        if refused := self.refusals.pop(operation, None):
            raise refused
        return getattr(self, operation, lambda **_: {"StackId": "id"})(**parameters)

    def DescribeStacks(self, StackName):  # noqa: N802, N803  as AWS names it
        if StackName == "id" and self.course:
            self.status, *events = self.course.pop(0)
            self.events[:0] = [{**one, "EventId": f"{len(self.events)}-{number}"} for number, one in enumerate(events)][::-1]
        if self.status is None:
            raise AwsError("aws-error", "DescribeStacks", f"Stack with id {StackName} does not exist")
        return {"Stacks": [{"StackId": "id", "StackStatus": self.status, "Parameters": self.parameters}]}

    def DescribeStackEvents(self, StackName, NextToken="0"):  # noqa: N802, N803  as AWS names it; one event a page
        here = int(NextToken)
        more = {"NextToken": str(here + 1)} if here + 1 < len(self.events) else {}
        return {"StackEvents": self.events[here : here + 1], **more}

    def DescribeChangeSet(self, **_):  # noqa: N802  as AWS names it
        return self.change_set


@pytest.fixture
def output():
    return StringIO()


@pytest.fixture
def deployment(output):
    return lambda aws: Deployment(aws, "s", output, poll_seconds=0.05, timeout_seconds=1.0)


async def test_each_resource_is_told_once_and_nothing_of_before(deployment, output):
    aws = CloudFormation(
        "CREATE_COMPLETE",
        ("UPDATE_IN_PROGRESS", event("UPDATE_IN_PROGRESS", "s"), event("UPDATE_IN_PROGRESS")),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", event("UPDATE_COMPLETE")),
        ("UPDATE_COMPLETE",),
    )
    assert await deployment(aws).deploy({}) is True
    assert [line.split() for line in output.getvalue().splitlines()] == [
        ["UPDATE_IN_PROGRESS", "s"],
        ["UPDATE_IN_PROGRESS", "Rule"],
        ["UPDATE_COMPLETE", "Rule"],
    ]


async def test_a_stack_that_cannot_be_made_tells_what_failed_and_why(deployment):
    denied = event("CREATE_FAILED", "Role", "not authorized to perform: iam:CreateRole")
    aws = CloudFormation(None, ("CREATE_IN_PROGRESS",), ("ROLLBACK_IN_PROGRESS", denied), ("ROLLBACK_COMPLETE",))
    with pytest.raises(StackError, match=r"ROLLBACK_COMPLETE.*Role .*CREATE_FAILED: not authorized to perform: iam:CreateRole"):
        await deployment(aws).deploy({})
    assert "CreateStack" in aws.calls


async def test_a_failure_of_before_is_not_taken_for_the_root_cause(deployment):
    aws = CloudFormation("UPDATE_COMPLETE", ("UPDATE_ROLLBACK_COMPLETE", event("UPDATE_FAILED", "Queue", "new")))
    aws.events.insert(0, event("UPDATE_FAILED", "Rule", "old", EventId="older"))
    with pytest.raises(StackError, match=r"Queue .*: new"):
        await deployment(aws).deploy({})


async def test_no_update_is_no_failure(deployment):
    aws = CloudFormation("CREATE_COMPLETE")
    aws.refusals["UpdateStack"] = AwsError("aws-error", "UpdateStack", "No updates are to be performed.")
    assert await deployment(aws).deploy({}) is False


async def test_a_stack_that_takes_too_long_is_not_waited_for_any_longer(deployment):
    aws = CloudFormation(None, ("CREATE_IN_PROGRESS",))
    with pytest.raises(StackError, match="AWS continues"):
        await deployment(aws).deploy({})


async def test_an_outage_while_it_is_waited_for_is_sat_out(deployment):
    aws = CloudFormation("CREATE_COMPLETE", ("UPDATE_IN_PROGRESS",), ("UPDATE_COMPLETE",))
    first = await deployment(aws).preview({})
    aws.refusals["DescribeStackEvents"] = AwsError("access-denied", "DescribeStackEvents", "no")
    assert (first, await deployment(aws).deploy({})) == ([], True)


async def test_a_change_set_that_cannot_be_made_is_told_and_taken_away(deployment):
    aws = CloudFormation("CREATE_COMPLETE")
    aws.change_set = {"Status": "FAILED", "StatusReason": "Template error"}
    with pytest.raises(StackError, match="Template error"):
        await deployment(aws).preview({})
    assert aws.calls[-1] == "DeleteChangeSet"


async def test_a_deletion_that_fails_tells_what_stays(deployment):
    kept = event("DELETE_FAILED", "Queue", "is in use")
    aws = CloudFormation("CREATE_COMPLETE", ("DELETE_IN_PROGRESS",), ("DELETE_FAILED", kept))
    with pytest.raises(StackError, match=r"Queue .*DELETE_FAILED: is in use"):
        await deployment(aws).delete()


async def test_a_stack_that_could_not_be_made_can_be_deleted(deployment):
    aws = CloudFormation("ROLLBACK_COMPLETE", ("DELETE_IN_PROGRESS",), (None,))
    assert await deployment(aws).delete() is True


@pytest.mark.parametrize(("words", "kind"), [([], "StateMachine"), (["--return-path", "schedule"], "ScheduleRole")])
def test_a_template_is_printed_as_cloudformation_takes_it(capsys, words, kind):
    app = StackRender()
    app.initialize(words)
    assert app.run() == ExitCode.CURRENT
    assert kind in capsys.readouterr().out
