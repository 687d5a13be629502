"""Return path ``schedule``: EventBridge Scheduler starts the instance, by a schedule that exists only during the restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float, Unicode

from ...instance.aws import AwsError, request_id
from ...instance.metadata import default_role, schedule_name
from ...permissions.statements import PASS_SCHEDULER_ROLE, READ_SCHEDULER_ROLE, SCHEDULER_SERVICE, WRITE_SCHEDULE, Permission
from . import ReturnPath, Verification


class ScheduleReturnPath(ReturnPath):
    """Create a schedule that starts the instance every minute, from shortly after the stop until the request expires.

    A one-time schedule that fires while the instance is still ``Stopping`` could be lost: AWS refuses the start, and does not
    document that it is retried. So the next minute is the retry, and an attempt that comes too early or too late is refused
    without harm. (EventBridge Scheduler User Guide, "Schedule types": ``rate`` begins at StartDate and ends by EndDate;
    "Deleting
    a schedule": it is deleted after its last invocation before EndDate.)

    Until the schedule is deleted, it would start an instance that a user stopped on purpose. It cannot move an instance to
    another platform.
    """

    kind = "schedule"
    keeps_trying = timedelta(minutes=15)
    """An instance that is started in the last minute boots after the expiry, but was still started by the schedule."""
    permissions: tuple[Permission, ...] = (WRITE_SCHEDULE, PASS_SCHEDULER_ROLE, READ_SCHEDULER_ROLE)
    role = Unicode(
        "",
        help="ARN of the IAM role that EventBridge Scheduler assumes to start the instance. "
        "Default: the role that cloud/schedule-role.yaml creates in this account and region.",
    ).tag(config=True)
    delay_seconds = Float(
        120.0,
        min=0,
        help="Delay in seconds from the request to the first attempt to start the instance. Then it tries every minute.",
    ).tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = self.sagemaker.identity
        self.role_arn = self.role or default_role(self.instance)
        if self.role:
            chosen = [replace(permission, resource=self.role) for permission in (PASS_SCHEDULER_ROLE, READ_SCHEDULER_ROLE)]
            self.permissions = (WRITE_SCHEDULE, *chosen)

    async def verify(self) -> Verification:
        """Check that the role exists and that EventBridge Scheduler may assume it; ``assumed`` if IAM cannot be queried."""
        try:
            answer = await self.get_role()
        except AwsError as error:
            self.log.debug("Could not read the IAM role %s: %s", self.role_arn, error)
            return Verification("missing" if error.code == "not-found" else "assumed", error.code, error.message)
        trusts = _trusts_the_scheduler(answer["Role"].get("AssumeRolePolicyDocument") or {})
        return Verification("verified") if trusts else Verification("missing", "not-trusted", self.role_arn)

    async def get_role(self) -> dict[str, Any]:
        """Read the role from IAM."""
        return await self.aws.call("iam", "GetRole", RoleName=self.role_arn.rpartition("/")[2])

    async def arm(  # needs only the name of the instance, and cannot move it
        self,
        arn: str,  # noqa: ARG002  the interface of all return paths
        restart: str,
        until: datetime,
        platform: str | None = None,  # noqa: ARG002  as above
    ) -> str | None:
        """Create the schedule, or replace one that an earlier restart left behind."""
        schedule = self.schedule(self.clock.now() + timedelta(seconds=self.delay_seconds), until, restart)
        try:
            return request_id(await self.aws.call("scheduler", "CreateSchedule", **schedule))
        except AwsError as error:
            if error.code != "conflict":
                raise
        return request_id(
            await self.aws.call("scheduler", "UpdateSchedule", **schedule)
        )  # it replaces every part (API Reference)

    async def disarm(self) -> None:
        """Delete the schedule."""
        try:
            await self.delete()
        except AwsError as error:
            if error.code != "not-found":
                raise

    async def delete(self) -> None:
        """Delete the schedule.

        Raises:
            AwsError: it could not be deleted, or does not exist.
        """
        await self.aws.call("scheduler", "DeleteSchedule", Name=schedule_name(self.instance.name))

    def schedule(self, start: datetime, until: datetime, restart: str) -> dict[str, Any]:
        """Return the parameters of CreateSchedule (User Guide, "Using universal targets": the ARN names service and action).

        Args:
            start: time of the first attempt.
            until: time of the last attempt.
            restart: id of the restart.
        """
        return {
            "Name": schedule_name(self.instance.name),
            "Description": f"jupyter-nb-updater {restart}: starts {self.instance.name} again. Deleted when it is back.",
            "ScheduleExpression": "rate(1 minute)",
            "StartDate": start,
            "EndDate": until,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": f"arn:{self.instance.partition}:scheduler:::aws-sdk:sagemaker:startNotebookInstance",
                "RoleArn": self.role_arn,
                "Input": json.dumps({"NotebookInstanceName": self.instance.name}),
                "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
            },
        }


def _trusts_the_scheduler(trust: Mapping[str, Any]) -> bool:
    """Check whether a trust policy lets EventBridge Scheduler assume the role (User Guide, "Setting up": execution role)."""
    for statement in trust.get("Statement", []):
        principal = statement.get("Principal") if statement.get("Effect") == "Allow" else {}
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if SCHEDULER_SERVICE in ([services] if isinstance(services, str) else services):
            return True
    return False
