"""Which actions is the role allowed? Each is tried, in a way that changes nothing; the others are only asked about."""

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
"""AWS judges the caller before it looks at the state of what is called about, so these come from a caller that may."""

NO_ETAG = '"nb-updater-doctor"'


@dataclass(frozen=True)
class PermissionProbe:
    """Tries what the extension does.

    Args:
        aws: the way to AWS.
        sagemaker: this instance.
        return_path: as it is configured.
        observed: where instances tell each other what they run; ``None`` for nowhere.
        state: what the instance would say of itself now: it may be written at any time.
        now: the time to judge at.
        at_rest: whether no restart is under way, so that there is no request to lose.
    """

    aws: Aws
    sagemaker: SageMaker
    return_path: ReturnPath
    observed: S3Prefix | None
    state: str
    now: datetime
    at_rest: bool

    async def of(self, action: str, need: Permission, description: Description) -> Answer:
        """Whether the role is allowed ``action`` on this instance, as it is needed."""
        attempt = self._attempts(description).get(action)
        return await (self._ask(action, need, description) if attempt is None else _answer(action, attempt()))

    def _attempts(self, description: Description) -> dict[str, Callable[[], Awaitable[Any]]]:
        """Calls that change nothing. There is none for a stop, for a new schedule, and for a role that is given away."""
        attempts: dict[str, Callable[[], Awaitable[Any]]] = {
            "sagemaker:DescribeNotebookInstance": self.sagemaker.describe,
            # One that is not there will do: that is told only to who may look.
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
        """A write over a content that there never is takes the permission, and no effect."""
        return {
            "s3:GetObject": lambda: objects.read(name, 0),
            "s3:PutObject": lambda: objects.write(name, b"", NO_ETAG),
        }

    def _schedule_attempts(self, path: ScheduleReturnPath) -> dict[str, Callable[[], Awaitable[Any]]]:
        """At rest there is no schedule to update or to delete; one that an earlier restart has left is void, and ends by it."""
        attempts: dict[str, Callable[[], Awaitable[Any]]] = {"iam:GetRole": path.get_role}
        if self.at_rest:
            disabled = {**path.schedule(self.now, self.now + timedelta(minutes=10), "doctor"), "State": "DISABLED"}
            attempts["scheduler:UpdateSchedule"] = lambda: self.aws.call("scheduler", "UpdateSchedule", **disabled)
            attempts["scheduler:DeleteSchedule"] = path.delete
        return attempts

    async def _ask(self, action: str, need: Permission, description: Description) -> Answer:
        """Let IAM tell, which takes ``iam:SimulatePrincipalPolicy``. It knows nothing of a session's own policy."""
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
        if error.code == "access-denied":  # of something else, such as the role that goes with it: then this is not known
            return "denied" if error.action in {action, None} else "unknown"
        return "allowed" if error.code in NOT_ABOUT_PERMISSION else "unknown"
    return "allowed"
