"""The states of a notebook instance, as a table and one pure check.

Sources: AWS API Reference, DescribeNotebookInstance (the statuses) and the pages of the operations; the refusals and
their wording were seen in public issues: hashicorp/terraform-provider-aws#16767 and aws/amazon-sagemaker-examples#1798
(Stop), aws/sagemaker-python-sdk#235 (Start works from ``Failed``).
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

STATUSES = (
    PENDING, IN_SERVICE, STOPPING, STOPPED, FAILED, DELETING, UPDATING,
    # AWS API model of 2026-08-07 ("adds maintenance lifecycle statuses"); what they allow is not documented.
    "PendingMaintenance", "InMaintenance",
)  # fmt: skip


@dataclass(frozen=True)
class Transition:
    """What an operation asks for: from which statuses, through which one, to which one."""

    allowed: tuple[str, ...]
    during: str
    after: str


TRANSITIONS = {
    "StartNotebookInstance": Transition((STOPPED, FAILED), PENDING, IN_SERVICE),
    # Stop "was accepted only from InService" in everything seen. From PendingMaintenance it is unknown: we refuse.
    "StopNotebookInstance": Transition((IN_SERVICE,), STOPPING, STOPPED),
    # Developer Guide, "Update a notebook instance": stop it first; only tags can change while it is InService.
    "UpdateNotebookInstance": Transition((STOPPED, FAILED), UPDATING, STOPPED),
    # API Reference, DeleteNotebookInstance: "you must call the StopNotebookInstance API" first.
    "DeleteNotebookInstance": Transition((STOPPED, FAILED), DELETING, ""),
}

NO_LONGER_STARTED = {"notebook-al1-v1", "notebook-al2-v1", "notebook-al2-v2", "notebook-al2-v3"}
"""Platforms that cannot be restarted once they are stopped, all of them since July 2026 (Developer Guide, "Amazon Linux 2
notebook instances"). Written down a second time on purpose: what is tested must not be its own judge."""


NO_CAPACITY = "Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
"""AWS's ``FailureReason`` of training jobs (``CapacityError``); that of notebook instances is assumed to be alike."""


def platform_refusal(platform: str, arn: str) -> str | None:
    """The message when AWS does not start an instance of this platform. AWS's own words are not known; these are ours."""
    if platform not in NO_LONGER_STARTED:
        return None
    return f"Platform identifier {platform} is no longer supported. Unable to start Notebook Instance ({arn})"


def refusal(operation: str, status: str, arn: str) -> str | None:
    """AWS's message when ``operation`` is not possible in ``status``, or ``None`` when it is."""
    transition = TRANSITIONS[operation]
    if status in transition.allowed:
        return None
    allowed = ", ".join(transition.allowed)
    return (
        f"Status ({status}) not in ([{allowed}]). Unable to transition to ({transition.during}) for Notebook Instance ({arn})"
    )


def lifecycle_failure(instance_arn: str, config: str, *, timed_out: bool) -> str:
    """AWS's ``FailureReason`` when a lifecycle script ends with an error or runs for more than 5 minutes.

    The wording of the time-out was seen in aws-samples/amazon-sagemaker-optuna-hpo-blog#4 and fastai/course-v3#518.
    That of the error is the same sentence by analogy.
    """
    config_arn = f"{instance_arn.rpartition(':')[0]}:notebook-instance-lifecycle-config/{config}"
    what = "took longer than 5 minutes" if timed_out else "failed"
    return (
        f"Notebook Instance Lifecycle Config '{config_arn}' for Notebook Instance '{instance_arn}' {what}. "
        "Please check your CloudWatch logs for more details if your Notebook Instance has Internet access."
    )
