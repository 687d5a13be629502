"""The states of a notebook instance: which operation is allowed in which status.

Sources: AWS API Reference, DescribeNotebookInstance (the statuses) and the pages of the operations; the refusals and their
wording were seen in public issues: hashicorp/terraform-provider-aws#16767 and aws/amazon-sagemaker-examples#1798 (Stop),
aws/amazon-sagemaker-examples#1094 (Start), aws/sagemaker-python-sdk#235 (Start works from ``Failed``).
"""

from __future__ import annotations

from dataclasses import dataclass

PENDING = "Pending"
IN_SERVICE = "InService"
STOPPING = "Stopping"
STOPPED = "Stopped"
FAILED = "Failed"
UPDATING = "Updating"
DELETING = "Deleting"

MAINTENANCE = ("PendingMaintenance", "InMaintenance")
"""AWS API model of 2026-08-07 ("adds maintenance lifecycle statuses"). What they allow is not documented: see ``refusal``."""

STATUSES = (
    PENDING, IN_SERVICE, STOPPING, STOPPED, FAILED, DELETING, UPDATING,
    *MAINTENANCE,
)  # fmt: skip


@dataclass(frozen=True)
class Transition:
    """The effect of an operation: from which statuses it is allowed, and through which one to which one it leads."""

    allowed: tuple[str, ...]
    during: str
    after: str


TRANSITIONS = {
    "StartNotebookInstance": Transition((STOPPED, FAILED), PENDING, IN_SERVICE),
    # Everything seen was accepted only from InService.
    "StopNotebookInstance": Transition((IN_SERVICE,), STOPPING, STOPPED),
    # Developer Guide, "Update a notebook instance": stop it first; only tags can change while it is InService.
    "UpdateNotebookInstance": Transition((STOPPED, FAILED), UPDATING, STOPPED),
    # API Reference, DeleteNotebookInstance: "you must call the StopNotebookInstance API" first.
    "DeleteNotebookInstance": Transition((STOPPED, FAILED), DELETING, ""),
}

NO_LONGER_STARTED = {"notebook-al1-v1", "notebook-al2-v1", "notebook-al2-v2", "notebook-al2-v3"}
"""Platforms that cannot be restarted once they are stopped, all of them since July 2026 (Developer Guide, "Amazon Linux 2
notebook instances"). Repeated here on purpose, so that the product is not tested against its own table."""


NO_CAPACITY = "Insufficient notebook instance capacity. Retry later or with a different instance type."
"""AWS's ``FailureReason`` of a start without capacity, seen in aws/amazon-sagemaker-examples#207."""


def platform_refusal(platform: str, arn: str) -> str | None:
    """Return the message if AWS does not start instances of this platform. AWS documents no message; this is ours."""
    if platform not in NO_LONGER_STARTED:
        return None
    return f"Platform identifier {platform} is no longer supported. Unable to start Notebook Instance ({arn})"


def refusal(operation: str, status: str, arn: str, *, maintenance_stops: bool = False) -> str | None:
    """Return AWS's message if an operation is not allowed, else ``None``.

    Args:
        operation: such as ``StopNotebookInstance``.
        status: of the instance.
        arn: of the instance.
        maintenance_stops: whether an instance in a status of maintenance accepts a stop. AWS may do either.
    """
    transition = TRANSITIONS[operation]
    if status in transition.allowed or (maintenance_stops and operation == "StopNotebookInstance" and status in MAINTENANCE):
        return None
    allowed = ", ".join(transition.allowed)
    return (
        f"Status ({status}) not in ([{allowed}]). Unable to transition to ({transition.during}) for Notebook Instance ({arn})"
    )


def lifecycle_failure(instance_arn: str, config: str, *, timed_out: bool) -> str:
    """Return AWS's ``FailureReason`` after a lifecycle script that failed or ran for more than 5 minutes.

    The message of the timeout was seen in outerbounds/metaflow-tools#28 and aws-samples/amazon-sagemaker-optuna-hpo-blog#4.
    That of the failure is assumed to be similar.
    """
    config_arn = f"{instance_arn.rpartition(':')[0]}:notebook-instance-lifecycle-config/{config}"
    what = "took longer than 5 minutes" if timed_out else "failed"
    return (
        f"Notebook Instance Lifecycle Config '{config_arn}' for Notebook Instance '{instance_arn}' {what}. "
        "Please check your CloudWatch logs for more details if your Notebook Instance has Internet access."
    )
