"""The IAM permissions of all roles, and the policies that allow them.

Actions and resources of each operation: Service Authorization Reference, "Actions, resources, and condition
keys for Amazon SageMaker AI", and the same page for EventBridge, EventBridge Scheduler, IAM, S3 and AWS Health.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..instance import tags
from ..instance.metadata import Identity, default_role, schedule_name
from ..instance.s3 import S3Prefix

Statement = dict[str, Any]
PolicyDocument = dict[str, Any]

INSTANCE_ARN = "arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{name}"
LIFECYCLE_CONFIG_ARN = "arn:{partition}:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/*"
RETURN_RULE_ARN = "arn:{partition}:events:{region}:{account}:rule/nb-updater-return"
SCHEDULE_ARN = "arn:{partition}:scheduler:{region}:{account}:schedule/default/{schedule}"
SCHEDULER_ROLE_ARN = "{role}"
S3_OBJECT_ARN = "arn:{partition}:s3:::{name}"
FLEET_REPORT_ARN = "arn:{partition}:s3:::sagemaker-{region}-{account}/nb-updater/observed/*"
HEALTH_EVENT_ARN = "arn:{partition}:health:*::event/SAGEMAKER/*/*"
ANY_RESOURCE = "*"

SCHEDULER_SERVICE = "scheduler.amazonaws.com"
"""The service principal of EventBridge Scheduler, in every partition."""


@dataclass(frozen=True)
class Permission:
    """One statement of a policy.

    Args:
        sid: id of the statement.
        actions: such as ``sagemaker:StopNotebookInstance``.
        resource: an ARN, with the fields of an :class:`Identity` in braces, its ``schedule``, and the ``role`` of the schedule.
        tag_keys: the only tags that may be written or removed; empty for other actions.
        passed_to: the only service that the role may be passed to; empty for other actions.
        required: whether a restart needs it.
    """

    sid: str
    actions: tuple[str, ...]
    resource: str = INSTANCE_ARN
    tag_keys: tuple[str, ...] = ()
    passed_to: str = ""
    required: bool = True

    def statement(self, instance: Identity) -> Statement:
        """Return the statement of an IAM policy.

        Args:
            instance: instance of the role; its name may be a pattern, with ``*`` for any text. A name with capital letters is
                added in lower case too, because SageMaker uses both forms in ARNs (see :attr:`Identity.arn`).
        """
        resources = self.resources(instance)
        return {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": [*self.actions],
            "Resource": resources if len(resources) > 1 else resources[0],
            **({"Condition": self.condition} if self.condition else {}),
        }

    @property
    def condition(self) -> dict[str, Any]:
        """The condition of the statement; empty for none."""
        if self.passed_to:
            return {"StringEquals": {"iam:PassedToService": self.passed_to}}
        return {"ForAllValues:StringEquals": {"aws:TagKeys": [*self.tag_keys]}} if self.tag_keys else {}

    def resources(self, instance: Identity) -> list[str]:
        """Return the ARNs of the statement.

        Args:
            instance: instance of the role.
        """
        names = dict.fromkeys((instance.name, instance.name.lower())) if self.resource == INSTANCE_ARN else [instance.name]
        more = {"schedule": schedule_name(instance.name), "role": default_role(instance)}
        return [self.resource.format(**instance._replace(name=name)._asdict(), **more) for name in names]


READ_AND_STOP = Permission("ReadAndStop", ("sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"))

READ_LIFECYCLE_CONFIG = Permission(
    "ReadLifecycleConfiguration",
    ("sagemaker:DescribeNotebookInstanceLifecycleConfig",),
    LIFECYCLE_CONFIG_ARN,
    required=False,
)

WRITE_FLEET_TAG = Permission("WriteFleetTag", ("sagemaker:AddTags",), tag_keys=(tags.STATE,), required=False)

READ_AND_WRITE_FLEET_REPORT = Permission(
    "ReadAndWriteFleetReport", ("s3:GetObject", "s3:PutObject"), FLEET_REPORT_ARN, required=False
)

# The return path `stack`.
WRITE_RETURN_TAG = Permission("WriteReturnTag", ("sagemaker:AddTags", "sagemaker:DeleteTags"), tag_keys=(tags.RESTART,))
READ_OUTCOME_TAG = Permission("ReadOutcomeTag", ("sagemaker:ListTags",), required=False)
READ_RETURN_RULE = Permission("ReadReturnRule", ("events:DescribeRule",), RETURN_RULE_ARN, required=False)

# The return path `schedule`.
WRITE_SCHEDULE = Permission(
    "WriteSchedule",
    ("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"),
    SCHEDULE_ARN,
)
PASS_SCHEDULER_ROLE = Permission("PassSchedulerRole", ("iam:PassRole",), SCHEDULER_ROLE_ARN, passed_to=SCHEDULER_SERVICE)
READ_SCHEDULER_ROLE = Permission("ReadSchedulerRole", ("iam:GetRole",), SCHEDULER_ROLE_ARN, required=False)

# The policy document of the organization.
READ_POLICY_DOCUMENT = Permission("ReadPolicyDocument", ("s3:GetObject",), S3_OBJECT_ARN, required=False)
VERIFY_POLICY_SIGNATURE = Permission("VerifyPolicySignature", ("kms:Verify",), required=False)

READ_HEALTH_EVENTS = (
    Permission("ReadHealthEvents", ("health:DescribeEvents",), ANY_RESOURCE, required=False),
    Permission("ReadHealthEventEntities", ("health:DescribeAffectedEntities",), HEALTH_EVENT_ARN, required=False),
)
"""Needed only when the source ``health`` is enabled; AmazonSageMakerFullAccess does not have them. The first action supports
no narrower resource (Service Authorization Reference, "AWS Health APIs and Notifications")."""

READ_WHEEL = Permission("ReadWheel", ("s3:GetObject",), S3_OBJECT_ARN)
WRITE_WHEEL = Permission("WriteWheel", ("s3:PutObject",), S3_OBJECT_ARN)

ADMINISTRATOR_PERMISSIONS = (
    Permission(
        "ListInstancesAndLifecycleConfigurations",
        ("sagemaker:ListNotebookInstances", "sagemaker:ListNotebookInstanceLifecycleConfigs"),
        ANY_RESOURCE,
    ),
    Permission(
        "ReadAndWriteLifecycleConfigurations",
        (
            "sagemaker:DescribeNotebookInstanceLifecycleConfig",
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:UpdateNotebookInstanceLifecycleConfig",
        ),
        LIFECYCLE_CONFIG_ARN,
    ),
    Permission(
        "AttachLifecycleConfigurations",
        ("sagemaker:DescribeNotebookInstance", "sagemaker:UpdateNotebookInstance", "sagemaker:ListTags"),
    ),
)
"""Permissions of whoever runs the ``lifecycle`` commands. The two list actions support no narrower resource."""


def notebook_permissions(
    return_path: Iterable[Permission], signals: Iterable[Permission] = (READ_AND_WRITE_FLEET_REPORT,)
) -> tuple[Permission, ...]:
    """Return every permission of the role of a notebook instance, required or not.

    Args:
        return_path: permissions of its return path.
        signals: permissions of the sources that call other services.
    """
    return (READ_AND_STOP, READ_LIFECYCLE_CONFIG, *return_path, WRITE_FLEET_TAG, *signals)


def fleet_report_permission(prefix: S3Prefix) -> Permission:
    """Return the permission to read and write the fleet report.

    Args:
        prefix: bucket and folder of the report.
    """
    return replace(READ_AND_WRITE_FLEET_REPORT, resource=f"arn:{{partition}}:s3:::{prefix.bucket}/{prefix.prefix}*")


def policy_document_permissions(url: str, keys: Iterable[str]) -> tuple[Permission, ...]:
    """Return the permissions to read the organization's policy document and to verify its signature; empty for none.

    Args:
        url: address of the document and its signatures. Only ``s3://bucket/key`` needs a permission.
        keys: pinned keys. Only the ARN of a KMS key needs a permission.
    """
    name = url.removeprefix("s3://")
    permissions = []
    if name != url:
        permissions.append(replace(READ_POLICY_DOCUMENT, resource=S3_OBJECT_ARN.replace("{name}", f"{name}*")))
    arns = [key for key in keys if key.startswith("arn:")]
    permissions += [
        replace(VERIFY_POLICY_SIGNATURE, sid=f"{VERIFY_POLICY_SIGNATURE.sid}{number or ''}", resource=arn)
        for number, arn in enumerate(arns)
    ]
    return tuple(permissions)


def wheel_statement(wheel: str, instance: Identity, permission: Permission = READ_WHEEL) -> Statement | None:
    """Return the statement that allows the OnStart script to fetch the wheel; ``None`` when that needs no permission.

    Args:
        wheel: ``s3://bucket/key``, with ``*`` for any text; other addresses need no permission.
        instance: its partition is used.
        permission: to read the wheel, or to write it.
    """
    name = wheel.removeprefix("s3://")
    return permission.statement(instance._replace(name=name)) if name != wheel else None


def policy(permissions: Iterable[Permission], instance: Identity) -> PolicyDocument:
    """Return the policy with exactly these permissions.

    Args:
        permissions: the permissions.
        instance: instance of the role; its name may be a pattern.
    """
    return policy_document(permission.statement(instance) for permission in permissions)


def policy_document(statements: Iterable[Statement]) -> PolicyDocument:
    """Return a policy document.

    Args:
        statements: the statements of the document.
    """
    return {"Version": "2012-10-17", "Statement": [*statements]}
