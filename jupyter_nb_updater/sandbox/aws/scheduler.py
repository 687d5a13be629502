"""EventBridge Scheduler that really fires: calls the targets of moto's schedules when their time has come.

A target is called over HTTP, as AWS does it: a fault strikes it, and an instance in another state refuses it. It is a universal
target, ``arn:aws:scheduler:::aws-sdk:SERVICE:action`` (EventBridge Scheduler User Guide, "Using universal targets"): an action
of SageMaker about a notebook instance, which the policy of the schedule's role allows. Nothing else is modeled.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from moto.scheduler.models import scheduler_backends

from ...util.clock import SystemClock
from .schedules import Schedule, is_allowed

POLL_SECONDS = 0.2
"""AWS fires within a minute of the time (User Guide, "Schedule types": 60 seconds of precision); here it is at once."""

FIRST_RETRY_SECONDS = 1.0
"""Seconds; AWS says "exponential backoff" and no numbers (User Guide, "Managing a schedule")."""

TARGET_MARKER = ":scheduler:::aws-sdk:sagemaker:"


class CallFailed(Exception):
    """The target refused, or could not be reached.

    Args:
        message: why.
        retryable: whether a later attempt may succeed. Which errors AWS retries is not documented; here, none that the caller
            made.
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
        """Return the delivery as the control route has it."""
        return {**vars(self), "due": self.due.isoformat()}


class SchedulerTarget(Protocol):
    """SageMaker as a schedule calls it."""

    def call(self, region: str, operation: str, parameters: dict[str, Any]) -> None:
        """Call an operation of SageMaker.

        Raises:
            CallFailed: it refused, or could not be reached.
        """


class Scheduler:
    """Fires all schedules of the emulated AWS.

    Args:
        target: SageMaker, which the schedules call.
        clock: the time.
        minute: how long a minute of a rate lasts.
    """

    def __init__(self, target: SchedulerTarget, clock: SystemClock, minute: timedelta = timedelta(minutes=1)) -> None:
        self._target, self._clock, self._minute = target, clock, minute
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
        """Return what fires now, each once. What is complete is deleted, if it says so (User Guide, "Deleting a schedule")."""
        now, found = self._clock.now(), []
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
        policy, retry_seconds = target["RetryPolicy"], FIRST_RETRY_SECONDS
        oldest = due + timedelta(seconds=policy.get("MaximumEventAgeInSeconds", 86400))
        for retries_left in range(policy.get("MaximumRetryAttempts", 185), -1, -1):
            try:
                self._invoke(schedule, target)
            except CallFailed as error:
                delivery.errors.append(str(error))
                again = error.retryable and retries_left > 0 and self._clock.now() + timedelta(seconds=retry_seconds) < oldest
                if not again:
                    return delivery
                time.sleep(retry_seconds)
                retry_seconds *= 2
            else:
                delivery.taken = True
                return delivery
        return delivery

    def _invoke(self, schedule: Schedule, target: dict[str, Any]) -> None:
        _, found, action = target["Arn"].partition(TARGET_MARKER)
        if not found:
            raise CallFailed(f"{target['Arn']} is no target that is known here", retryable=False)
        operation, parameters = action[:1].upper() + action[1:], json.loads(target.get("Input") or "{}")
        partition, name = target["Arn"].split(":")[1], str(parameters.get("NotebookInstanceName", "")).lower()
        resource = f"arn:{partition}:sagemaker:{schedule.region}:{schedule.account}:notebook-instance/{name}"
        if not is_allowed(schedule.role(), f"sagemaker:{operation}", resource):
            raise CallFailed(f"{target['RoleArn']} is not authorized to perform: sagemaker:{operation}", retryable=False)
        self._target.call(schedule.region, operation, parameters)


class HttpSchedulerTarget:
    """The emulated SageMaker over HTTP.

    Args:
        port: its port on this computer.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def call(self, region: str, operation: str, parameters: dict[str, Any]) -> None:
        """Call an operation of SageMaker, as ``SchedulerTarget`` has it."""
        client = boto3.client(
            "sagemaker",
            endpoint_url=f"http://127.0.0.1:{self._port}",
            region_name=region,
            aws_access_key_id="scheduler",
            aws_secret_access_key="scheduler",  # noqa: S106  nothing checks it
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        try:
            getattr(client, xform_name(operation))(**parameters)
        except (ClientError, BotoCoreError) as error:
            raise CallFailed(str(error), retryable=_is_transient(error)) from error


def _is_transient(error: ClientError | BotoCoreError) -> bool:
    if isinstance(error, ClientError):
        status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
        return status >= HTTPStatus.INTERNAL_SERVER_ERROR or "Throttling" in code
    return not isinstance(error, ParamValidationError)
