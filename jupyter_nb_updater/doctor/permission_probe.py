"""Find out which actions the IAM role allows: by harmless calls, or by asking IAM."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..instance import tags
from ..instance.aws import Aws, AwsError
from ..instance.s3 import S3Objects, S3Prefix
from ..instance.sagemaker import Description, SageMaker
from ..permissions.statements import INSTANCE_ARN, Permission
from ..restart.return_path import ReturnPath
from ..restart.return_path.schedule import ScheduleReturnPath
from ..restart.return_path.stack import StackReturnPath
from .checks import Answer

NOT_ABOUT_PERMISSION = {"not-found", "wrong-state", "conflict"}
"""Errors that prove the permission: AWS authorizes a caller before it looks at the resource."""

NO_ETAG = '"nb-updater-doctor"'


@dataclass(frozen=True)
class PermissionProbe:
    """Tries the calls of the extension without changing anything.

    Args:
        aws: makes the calls.
        sagemaker: this instance.
        return_path: the configured one.
        observed: where instances share their software versions; ``None`` when disabled.
        state: present value of the fleet tag, which may be written at any time.
        now: present time.
        at_rest: whether no restart is running, so that no request for a start is lost.
    """

    aws: Aws
    sagemaker: SageMaker
    return_path: ReturnPath
    observed: S3Prefix | None
    state: str
    now: datetime
    at_rest: bool

    async def of(self, action: str, need: Permission, description: Description) -> Answer:
        """Return whether the IAM role allows an action on this instance.

        Args:
            action: such as ``sagemaker:AddTags``.
            need: the permission that contains it.
            description: of the instance.
        """
        attempt = self._attempts(description).get(action)
        return await (self._ask(action, need, description) if attempt is None else _answer(action, attempt()))

    def _attempts(self, description: Description) -> dict[str, Callable[[], Awaitable[Any]]]:
        """Return harmless calls, by action. There are none for a stop, a new schedule and ``iam:PassRole``."""
        attempts: dict[str, Callable[[], Awaitable[Any]]] = {
            "sagemaker:DescribeNotebookInstance": self.sagemaker.describe,
            # A name that does not exist is enough: AWS says so only to a caller with the permission.
            "sagemaker:DescribeNotebookInstanceLifecycleConfig": lambda: self.sagemaker.lifecycle_config(
                description.lifecycle_config or "nb-updater"
            ),
            "sagemaker:AddTags": lambda: self.sagemaker.tag(description.arn, tags.STATE, self.state),
            "sagemaker:ListTags": lambda: self.sagemaker.tags(description.arn),
            "events:DescribeRule": lambda: self.aws.call("events", "DescribeRule", Name=StackReturnPath.rule.default_value),
        }
        if self.at_rest:
            attempts["sagemaker:DeleteTags"] = lambda: self.sagemaker.untag(description.arn, tags.RESTART)
        if isinstance(self.return_path, ScheduleReturnPath):
            attempts |= self._schedule_attempts(self.return_path)
        if self.observed is not None:
            attempts |= self._observed_attempts(S3Objects(self.aws, self.observed), f"{description.platform}.json")
        return attempts

    @staticmethod
    def _observed_attempts(objects: S3Objects, name: str) -> dict[str, Callable[[], Awaitable[Any]]]:
        """A conditional write with an ETag that never matches needs the permission, and changes nothing."""
        return {
            "s3:GetObject": lambda: objects.read(name, 0),
            "s3:PutObject": lambda: objects.write(name, b"", NO_ETAG),
        }

    def _schedule_attempts(self, path: ScheduleReturnPath) -> dict[str, Callable[[], Awaitable[Any]]]:
        """At rest there is no schedule to update or delete; one that is left from an earlier restart is no longer needed."""
        attempts: dict[str, Callable[[], Awaitable[Any]]] = {"iam:GetRole": path.get_role}
        if self.at_rest:
            disabled = {**path.schedule(self.now, self.now + timedelta(minutes=10), "doctor"), "State": "DISABLED"}
            attempts["scheduler:UpdateSchedule"] = lambda: self.aws.call("scheduler", "UpdateSchedule", **disabled)
            attempts["scheduler:DeleteSchedule"] = path.delete
        return attempts

    async def _ask(self, action: str, need: Permission, description: Description) -> Answer:
        """Ask IAM, which needs ``iam:SimulatePrincipalPolicy`` and ignores session policies."""
        resources = [description.arn] if need.resource == INSTANCE_ARN else need.resources(self.sagemaker.identity)
        passed = {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [need.passed_to], "ContextKeyType": "string"}
        try:
            decision = await self.aws.call(
                "iam",
                "SimulatePrincipalPolicy",
                PolicySourceArn=description.role,
                ActionNames=[action],
                ResourceArns=resources,
                ContextEntries=[passed] if need.passed_to else [],
            )
        except AwsError:
            return "unknown"
        return "allowed" if decision["EvaluationResults"][0]["EvalDecision"] == "allowed" else "denied"


async def _answer(action: str, attempt: Awaitable[Any]) -> Answer:
    try:
        await attempt
    except AwsError as error:
        if error.code == "access-denied":  # of another action, such as iam:PassRole: then this one is unknown
            return "denied" if error.action in {action, None} else "unknown"
        return "allowed" if error.code in NOT_ABOUT_PERMISSION else "unknown"
    return "allowed"
