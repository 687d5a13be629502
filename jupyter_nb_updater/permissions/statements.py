"""What the role of a notebook instance must be allowed, and what for. Pure.

Which action an operation asks for, and on which resource: Service Authorization Reference, "Actions, resources, and condition
keys for Amazon SageMaker AI", and the same page for EventBridge, EventBridge Scheduler, IAM, S3 and AWS Health.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..instance import tags
from ..instance.metadata import Identity
from ..instance.s3 import S3Prefix
from ..instance.schedule import default_role, schedule_name

Statement = dict[str, Any]
Policy = dict[str, Any]

INSTANCE = "arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{name}"
RULE = "arn:{partition}:events:{region}:{account}:rule/nb-updater-return"
SCHEDULE = "arn:{partition}:scheduler:{region}:{account}:schedule/default/{schedule}"
ROLE = "{role}"
LIFECYCLE_CONFIG = "arn:{partition}:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/*"
OBJECT = "arn:{partition}:s3:::{name}"
HEALTH_EVENTS = "arn:{partition}:health:*::event/SAGEMAKER/*/*"
ANY = "*"
OBSERVED = "arn:{partition}:s3:::sagemaker-{region}-{account}/nb-updater/observed/*"

SCHEDULER = "scheduler.amazonaws.com"
"""As EventBridge Scheduler is called in policies, in every partition."""


@dataclass(frozen=True)
class Need:
    """One statement of a policy.

    Args:
        sid: of the statement: what it is for.
        actions: such as ``sagemaker:StopNotebookInstance``.
        resource: an ARN, with the fields of an :class:`Identity` in braces, its ``schedule``, and the ``role`` that fires it.
        tags: the only keys that may be written or removed; empty for an action that is not about tags.
        passed_to: the only service that may be given the role; empty for an action that gives none away.
        required: whether there is no restart without it.
    """

    sid: str
    actions: tuple[str, ...]
    resource: str = INSTANCE
    tags: tuple[str, ...] = ()
    passed_to: str = ""
    required: bool = True

    def statement(self, instance: Identity) -> Statement:
        """As IAM takes it.

        Args:
            instance: whose role it is; its name may be a pattern, with ``*`` for any text. A name with capital letters is
                given in lower case too: SageMaker has both forms in its ARNs (see :attr:`Identity.arn`).
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
        """Under which it is allowed; empty for always."""
        if self.passed_to:
            return {"StringEquals": {"iam:PassedToService": self.passed_to}}
        return {"ForAllValues:StringEquals": {"aws:TagKeys": [*self.tags]}} if self.tags else {}

    def resources(self, instance: Identity) -> list[str]:
        """The ARNs that it is about."""
        names = dict.fromkeys((instance.name, instance.name.lower())) if self.resource == INSTANCE else [instance.name]
        more = {"schedule": schedule_name(instance.name), "role": default_role(instance)}
        return [self.resource.format(**instance._replace(name=name)._asdict(), **more) for name in names]


LOOK_AND_STOP = Need("LookAtItselfAndStop", ("sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"))

SEE_THE_CONFIG = Need(
    "SeeThatTheLifecycleConfigurationIsThere",
    ("sagemaker:DescribeNotebookInstanceLifecycleConfig",),
    LIFECYCLE_CONFIG,
    required=False,
)

TELL_THE_FLEET = Need("TellTheFleet", ("sagemaker:AddTags",), tags=(tags.STATE,), required=False)

ASK_FOR_THE_RETURN = Need("AskForTheReturn", ("sagemaker:AddTags", "sagemaker:DeleteTags"), tags=(tags.RESTART,))

SEE_HOW_IT_ENDED = Need("SeeHowTheReturnEnded", ("sagemaker:ListTags",), required=False)

SEE_THE_RULE = Need("SeeThatTheReturnPathIsThere", ("events:DescribeRule",), RULE, required=False)

ASK_THE_SCHEDULER = Need(
    "AskTheSchedulerForTheReturn",
    ("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"),
    SCHEDULE,
)

HAND_THE_SCHEDULER_ITS_ROLE = Need("HandTheSchedulerItsRole", ("iam:PassRole",), ROLE, passed_to=SCHEDULER)

SEE_THE_ROLE = Need("SeeThatTheRoleIsThere", ("iam:GetRole",), ROLE, required=False)

READ_THE_DOCUMENT = Need("ReadTheOrganizationsDocument", ("s3:GetObject",), OBJECT, required=False)

SEE_WHO_HAS_SIGNED = Need("SeeWhoHasSignedIt", ("kms:Verify",), required=False)

OF_HEALTH = (
    Need("SeeWhatAwsHealthSays", ("health:DescribeEvents",), ANY, required=False),
    Need("SeeWhomAwsHealthMeans", ("health:DescribeAffectedEntities",), HEALTH_EVENTS, required=False),
)
"""Only where the source ``health`` is on: AmazonSageMakerFullAccess does not have them. The first knows no narrower resource
(Service Authorization Reference, "AWS Health APIs and Notifications")."""
SEE_AND_TELL_WHAT_IS_NEWER = Need("SeeAndTellWhatIsNewer", ("s3:GetObject", "s3:PutObject"), OBSERVED, required=False)

FETCH_THE_WHEEL = Need("FetchTheWheel", ("s3:GetObject",), OBJECT)

PUT_THE_WHEEL = Need("PutTheWheelThere", ("s3:PutObject",), OBJECT)

OF_THE_ADMINISTRATOR = (
    Need("SeeAllOfThem", ("sagemaker:ListNotebookInstances", "sagemaker:ListNotebookInstanceLifecycleConfigs"), ANY),
    Need(
        "ReadAndWriteLifecycleConfigurations",
        (
            "sagemaker:DescribeNotebookInstanceLifecycleConfig",
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:UpdateNotebookInstanceLifecycleConfig",
        ),
        LIFECYCLE_CONFIG,
    ),
    Need(
        "GiveThemToInstancesThatAreStopped",
        ("sagemaker:DescribeNotebookInstance", "sagemaker:UpdateNotebookInstance", "sagemaker:ListTags"),
    ),
)
"""What ``lifecycle attach`` and its like need, of whoever gives these commands. The first two know no narrower resource."""


def needed(of_the_return: Iterable[Need], of_the_signals: Iterable[Need] = (SEE_AND_TELL_WHAT_IS_NEWER,)) -> tuple[Need, ...]:
    """Everything that the role of an instance must, or may, be allowed.

    Args:
        of_the_return: what its return path needs.
        of_the_signals: what those need that look beyond the instance.
    """
    return (LOOK_AND_STOP, SEE_THE_CONFIG, *of_the_return, TELL_THE_FLEET, *of_the_signals)


def seen_and_told_at(place: S3Prefix) -> Need:
    """What it takes to see, and to tell, what is newer in another place than the default one."""
    return replace(SEE_AND_TELL_WHAT_IS_NEWER, resource=f"arn:{{partition}}:s3:::{place.bucket}/{place.prefix}*")


def policy(needs: Iterable[Need], instance: Identity) -> Policy:
    """The policy that allows just these."""
    return document(need.statement(instance) for need in needs)


def wheel_statement(wheel: str, instance: Identity, need: Need = FETCH_THE_WHEEL) -> Statement | None:
    """What the OnStart script needs to fetch the wheel; ``None`` when that takes no permission.

    Args:
        wheel: ``s3://bucket/key``, where ``*`` stands for any text; anything else is not fetched from S3.
        instance: in which partition.
        need: another thing that is done with it.
    """
    place = wheel.removeprefix("s3://")
    return need.statement(instance._replace(name=place)) if place != wheel else None


def of_document(place: str, keys: Iterable[str]) -> tuple[Need, ...]:
    """What it takes to read the organization's document and to see who has signed it; nothing, where that takes no permission.

    Args:
        place: where it lies; its signatures lie beside it. Only ``s3://bucket/key`` takes a permission.
        keys: that are pinned; only the ARN of a KMS key takes one.
    """
    name = place.removeprefix("s3://")
    needs = [] if name == place else [replace(READ_THE_DOCUMENT, resource=OBJECT.replace("{name}", f"{name}*"))]
    arns = [key for key in keys if key.startswith("arn:")]
    needs += [
        replace(SEE_WHO_HAS_SIGNED, sid=f"{SEE_WHO_HAS_SIGNED.sid}{number or ''}", resource=arn)
        for number, arn in enumerate(arns)
    ]
    return tuple(needs)


def document(statements: Iterable[Statement]) -> Policy:
    """A policy document of the only version that there is."""
    return {"Version": "2012-10-17", "Statement": [*statements]}
