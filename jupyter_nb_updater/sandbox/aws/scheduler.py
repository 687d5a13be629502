"""EventBridge Scheduler that really fires: calls the targets of moto's schedules when their time has come.

A target is called over HTTP, as AWS does it: a fault strikes it, and an instance in another state refuses it. It is a universal
target, ``arn:aws:scheduler:::aws-sdk:SERVICE:action`` (EventBridge Scheduler User Guide, "Using universal targets"): an action
of SageMaker about a notebook instance, which the policy of the schedule's role allows. Nothing else is modelled.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from moto.scheduler.models import scheduler_backends

from .schedules import Schedule, may

POLL_SECONDS = 0.2
"""AWS fires within a minute of the time (User Guide, "Schedule types": 60 seconds of precision); here it is at once."""

FIRST_PAUSE = 1.0
"""Seconds; AWS says "exponential backoff" and no numbers (User Guide, "Managing a schedule")."""

TARGET = ":scheduler:::aws-sdk:sagemaker:"

SchedulerCall = Callable[[str, str, dict[str, Any]], None]


class CallFailed(Exception):
    """The target refused, or could not be reached.

    Args:
        message: why.
        retryable: whether it may pass. Which errors AWS retries is not documented; here an error of the caller is not.
    """

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


@dataclass
class Delivery:
    """One call of a target.

    Args:
        schedule: its name.
        due: when it had to be.
        errors: one for each attempt that failed; as many attempts as errors, and one more if it was taken.
        taken: whether the target took it.
    """

    schedule: str
    due: datetime
    errors: list[str] = field(default_factory=list)
    taken: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the control route tells it."""
        return {**vars(self), "due": self.due.isoformat()}


class Scheduler:
    """All schedules of the emulated AWS.

    Args:
        call: calls ``(region, operation, parameters)`` of SageMaker; raises :class:`CallFailed`.
        now: the time.
        minute: how long a minute of a rate lasts.
    """

    def __init__(self, call: SchedulerCall, now: Callable[[], datetime], minute: timedelta = timedelta(minutes=1)) -> None:
        self._call, self._now, self._minute = call, now, minute
        self._fired: dict[str, datetime] = {}
        self.deliveries: list[Delivery] = []

    def start(self) -> None:
        """Fire from now on, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="nb-updater-sandbox-scheduler", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(POLL_SECONDS)
            for schedule, due in self.due():  # a target that is slow to answer keeps no other waiting
                threading.Thread(target=self.deliver, args=(schedule, due), daemon=True).start()

    def due(self) -> list[tuple[Schedule, datetime]]:
        """What fires now, each once. What is complete is deleted, if it says so (User Guide, "Deleting a schedule")."""
        now, found = self._now(), []
        for backend in [backend for regions in list(scheduler_backends.values()) for backend in list(regions.values())]:
            for group in list(backend.schedule_groups.values()):
                for schedule in [one for one in list(group.schedules.values()) if isinstance(one, Schedule)]:
                    plan = schedule.plan(self._minute)
                    moment = plan.latest(now)
                    if moment is not None and schedule.state == "ENABLED" and moment != self._fired.get(schedule.arn):
                        self._fired[schedule.arn] = moment
                        found.append((schedule, moment))
                    if plan.is_over(now) and schedule.action_after_completion == "DELETE":
                        group.schedules.pop(schedule.name, None)
        return found

    def deliver(self, schedule: Schedule, due: datetime) -> Delivery:
        """Call the target, and again as its RetryPolicy allows: so many times, while the event is not too old."""
        delivery = Delivery(schedule.name, due)
        self.deliveries.append(delivery)
        target = dict(schedule.target)
        policy, pause = target["RetryPolicy"], FIRST_PAUSE
        oldest = due + timedelta(seconds=policy.get("MaximumEventAgeInSeconds", 86400))
        for retries_left in range(policy.get("MaximumRetryAttempts", 185), -1, -1):
            try:
                self._invoke(schedule, target)
            except CallFailed as error:
                delivery.errors.append(str(error))
                again = error.retryable and retries_left > 0 and self._now() + timedelta(seconds=pause) < oldest
                if not again:
                    return delivery
                time.sleep(pause)
                pause *= 2
            else:
                delivery.taken = True
                return delivery
        return delivery

    def _invoke(self, schedule: Schedule, target: dict[str, Any]) -> None:
        _, found, action = target["Arn"].partition(TARGET)
        if not found:
            raise CallFailed(f"{target['Arn']} is no target that is known here", retryable=False)
        operation, parameters = action[:1].upper() + action[1:], json.loads(target.get("Input") or "{}")
        partition, name = target["Arn"].split(":")[1], str(parameters.get("NotebookInstanceName", "")).lower()
        resource = f"arn:{partition}:sagemaker:{schedule.region}:{schedule.account}:notebook-instance/{name}"
        if not may(schedule.role(), f"sagemaker:{operation}", resource):
            raise CallFailed(f"{target['RoleArn']} is not authorized to perform: sagemaker:{operation}", retryable=False)
        self._call(schedule.region, operation, parameters)


def over_http(port: int) -> SchedulerCall:
    """Calls the emulated AWS at this port of this computer."""

    def call(region: str, operation: str, parameters: dict[str, Any]) -> None:
        client = boto3.client(
            "sagemaker",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name=region,
            aws_access_key_id="scheduler",
            aws_secret_access_key="scheduler",  # noqa: S106  nothing checks it
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        try:
            getattr(client, xform_name(operation))(**parameters)
        except (ClientError, BotoCoreError) as error:
            raise CallFailed(str(error), retryable=_may_pass(error)) from error

    return call


def _may_pass(error: ClientError | BotoCoreError) -> bool:
    if isinstance(error, ClientError):
        status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
        return status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttling" in code
    return not isinstance(error, ParamValidationError)
