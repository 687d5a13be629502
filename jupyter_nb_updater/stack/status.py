"""Interpret what CloudFormation reports about a stack: status, events, changes and error messages.

The statuses and what each allows: CloudFormation User Guide, "Stack status codes". The messages that have no code: aws/aws-cli,
``awscli/customizations/cloudformation/deployer.py``, which matches the same messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

ChangeSetType = Literal["CREATE", "UPDATE"]

StackEvent = Mapping[str, Any]
"""One event of DescribeStackEvents."""

DELETED_STATUS = "DELETE_COMPLETE"
SUCCESS_STATUSES = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
DELETE_ONLY_STATUSES = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}

CONSEQUENTIAL_REASONS = ("cancelled", "The following resource(s) failed")
"""Parts of status reasons that only follow from another failure."""


class StackError(Exception):
    """The stack could not be deployed or deleted. The message says why, and what to do next."""


def change_set_type(name: str, status: str) -> ChangeSetType:
    """Return whether the stack must be created or updated.

    Args:
        name: of the stack.
        status: present status of the stack.

    Raises:
        StackError: this status allows neither.
    """
    if status == DELETED_STATUS:
        return "CREATE"
    if status in DELETE_ONLY_STATUSES:
        raise StackError(
            f"The stack {name} is in {status}: an earlier creation or deletion failed, and AWS can only delete it. "
            f"Run `jupyter nb-updater stack delete --name {name}`, then deploy again."
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        raise StackError(
            f"The stack {name} is in {status}. Choose “Continue update rollback” in the CloudFormation console first."
        )
    if is_in_progress(status):
        raise StackError(f"The stack {name} is in {status}: another operation is running. Try again when it has finished.")
    return "UPDATE"


def is_in_progress(status: str) -> bool:
    """Return whether an operation on the stack is running.

    Args:
        status: of the stack. ``REVIEW_IN_PROGRESS`` ends only when a person executes the change set.
    """
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def does_not_exist(message: str) -> bool:
    """Return whether an error means that the stack does not exist. AWS has no code for it.

    Args:
        message: of the error.
    """
    return "does not exist" in message


def changes_nothing(message: str) -> bool:
    """Return whether an update or a change set failed only because nothing would change.

    Args:
        message: of the error, or the status reason of the change set.
    """
    return "No updates are to be performed" in message or "didn't contain changes" in message


def root_cause(events: Iterable[StackEvent]) -> str:
    """Return the resource that failed first, and AWS's reason, as a line of text.

    Args:
        events: oldest first.
    """
    failed = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
    first = next((event for event in failed if not _is_consequence(event)), failed[0] if failed else None)
    if first is None:
        return "AWS gives no reason"
    reason = first.get("ResourceStatusReason", "no reason given")
    return f"{first['LogicalResourceId']} ({first.get('ResourceType', '?')}): {first['ResourceStatus']}: {reason}"


def change_line(change: Mapping[str, Any]) -> str:
    """Return one change of DescribeChangeSet as a line of text.

    Args:
        change: as DescribeChangeSet lists it.
    """
    resource = change["ResourceChange"]
    replacement = {"True": ", by replacing it", "Conditional": ", perhaps by replacing it"}
    how = replacement.get(resource.get("Replacement", ""), "")
    return f"{resource['Action'].lower()} {resource['LogicalResourceId']} ({resource['ResourceType']}){how}"


def _is_consequence(event: StackEvent) -> bool:
    return any(reason in event.get("ResourceStatusReason", "") for reason in CONSEQUENTIAL_REASONS)
