"""What follows from what CloudFormation says. Pure.

The statuses and what each allows: CloudFormation User Guide, "Stack status codes". What it says only in words, and which words:
seen in aws/aws-cli, ``awscli/customizations/cloudformation/deployer.py``, which goes by them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

Way = Literal["create", "update"]

Event = Mapping[str, Any]
"""One of DescribeStackEvents."""

GONE = "DELETE_COMPLETE"
DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
ONLY_TO_DELETE = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}

CONSEQUENCES = ("cancelled", "The following resource(s) failed")
"""What is said of resources, and of the stack, that failed only because another one did."""


class StackError(Exception):
    """The stack is not as it was asked for; the message says why, and what to do."""


def way(name: str, status: str) -> Way:
    """How a stack comes to be as the template says.

    Args:
        name: of the stack.
        status: its status now.

    Raises:
        StackError: by no way as long as it stands like that.
    """
    if status == GONE:
        return "create"
    if status in ONLY_TO_DELETE:
        raise StackError(
            f"the stack {name} is in {status}: it was never made, or taken away, in full, and AWS only deletes such a one. "
            f"Run `jupyter nb-updater stack delete --name {name}`, then deploy again"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise StackError(
            f"the stack {name} is in {status}: choose 'Continue update rollback' in the CloudFormation console first"
        )
    if is_under_way(status):
        raise StackError(f"the stack {name} is in {status}: something is being done with it. Wait for its end, then try again")
    return "update"


def is_under_way(status: str) -> bool:
    """Whether there is something to wait for."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def does_not_exist(message: str) -> bool:
    """Whether AWS says that there is no such stack: it does so in words alone."""
    return "does not exist" in message


def changes_nothing(message: str) -> bool:
    """Whether AWS says, of an update or of a change set, that it would change nothing."""
    return "No updates are to be performed" in message or "didn't contain changes" in message


def cause(events: Iterable[Event]) -> str:
    """The resource that failed first, and AWS's reason.

    Args:
        events: oldest first.
    """
    failed = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
    first = next((event for event in failed if not _is_consequence(event)), failed[0] if failed else None)
    if first is None:
        return "AWS does not say why"
    reason = first.get("ResourceStatusReason", "no reason given")
    return f"{first['LogicalResourceId']} ({first.get('ResourceType', '?')}): {first['ResourceStatus']}: {reason}"


def _is_consequence(event: Event) -> bool:
    return any(words in event.get("ResourceStatusReason", "") for words in CONSEQUENCES)


def change(told: Mapping[str, Any]) -> str:
    """One of the changes of DescribeChangeSet, as a line."""
    resource = told["ResourceChange"]
    replaced = {"True": ", made anew", "Conditional": ", perhaps made anew"}.get(resource.get("Replacement", ""), "")
    return f"{resource['Action']} {resource['LogicalResourceId']} ({resource['ResourceType']}){replaced}"
