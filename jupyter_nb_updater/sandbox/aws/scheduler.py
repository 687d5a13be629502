"""An EventBridge Scheduler that fires: calls the targets of moto's schedules when they are due.

A target is called over HTTP, as in AWS, so that faults apply, and an instance in another state refuses. Only universal targets
``arn:aws:scheduler:::aws-sdk:SERVICE:action`` are emulated (EventBridge Scheduler User Guide, "Using universal targets"), for
actions of SageMaker on a notebook instance that the policy of the schedule's role allows.

moto 5.2 accepts any schedule and fires none; ``Schedule`` accepts what AWS accepts. ("User Guide" is the EventBridge Scheduler
User Guide.)
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any, Protocol

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.scheduler import models
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import scheduler_backends
from moto.utilities.utils import get_partition

from ...util.clock import SystemClock

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}

NOT_TRUSTED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
"""AWS's message, seen in aws/aws-sdk-js-v3#6494."""


@dataclass(frozen=True)
class FiringPlan:
    """When a schedule fires (User Guide, "Schedule types", rate-based schedules).

    Args:
        first: StartDate of the schedule, or its creation if it has none.
        every: time between two calls.
        end: EndDate, after which the schedule does not fire; ``None`` without one.
        since: time of the creation or last change; earlier calls are not made up for.
    """

    first: datetime
    every: timedelta
    end: datetime | None
    since: datetime

    def latest(self, now: datetime) -> datetime | None:
        """Return the latest time that is due; ``None`` if there is none."""
        last = min(now, self.end) if self.end is not None else now
        if last < self.first:
            return None
        moment = self.first + (last - self.first) // self.every * self.every
        return moment if moment >= self.since else None

    def is_over(self, now: datetime) -> bool:
        """Check whether the schedule has fired for the last time before its EndDate (User Guide, "Deleting a schedule")."""
        upcoming = self.first if now < self.first else self.first + ((now - self.first) // self.every + 1) * self.every
        return self.end is not None and upcoming > self.end


class Schedule(models.Schedule):
    """A schedule, refused if AWS would refuse it."""

    def __init__(self, region: str, account_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(region, account_id, *args, **kwargs)
        self.region, self.account = region, account_id
        self.check()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Handle UpdateSchedule: every part is replaced, and missing ones get their default (API Reference)."""
        before = dict(vars(self))
        super().update(*args, **kwargs)
        self.state = self.state or "ENABLED"
        try:
            self.check()
        except ValidationException:
            vars(self).update(before)
            raise

    def check(self) -> None:
        """Refuse a schedule that could never fire.

        Raises:
            ValidationException: the expression is not emulated, the schedule ends before it begins (both in our words), or its
                role
                does not exist or does not trust EventBridge Scheduler.
        """
        if RATE.fullmatch(self.schedule_expression) is None:
            raise ValidationException(
                f"Invalid Schedule Expression {self.schedule_expression}: the sandbox supports only rate(…)."
            )
        plan = self.plan(timedelta(minutes=1))
        if plan.end is not None and plan.end <= plan.first:
            raise ValidationException("The EndDate must be later than the StartDate.")
        role = self.role()
        if role is None or "scheduler.amazonaws.com" not in role.assume_role_policy_document:
            raise ValidationException(NOT_TRUSTED)

    def plan(self, minute: timedelta) -> FiringPlan:
        """Return when the schedule fires.

        Args:
            minute: duration of a minute of its rate.
        """
        rate = RATE.fullmatch(self.schedule_expression)
        assert rate is not None  # noqa: S101  check() ensures it
        start, end = (float(date) if date is not None else None for date in (self.start_date, self.end_date))
        return FiringPlan(
            first=_moment(self.creation_date if start is None else start),
            every=int(rate[1]) * MINUTES[rate[2]] * minute,
            end=None if end is None else _moment(end),
            since=_moment(self.last_modified_date),
        )

    def role(self) -> Role | None:
        """Return the role of the target from moto's IAM; ``None`` if it does not exist."""
        try:
            backend = iam_backends[self.account][get_partition(self.region)]
            role: Role = backend.get_role(self.target["RoleArn"].rpartition("/")[2])
        except NotFoundException:
            return None
        return role


def is_allowed(role: Role | None, action: str, resource: str) -> bool:
    """Check whether the policies of a role allow an action; conditions are ignored."""
    documents = [document if isinstance(document, dict) else json.loads(document) for document in _policies(role)]
    statements = [statement for document in documents for statement in document["Statement"]]
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in _listed(statement["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in _listed(statement["Resource"]))
        for statement in statements
    )


def _policies(role: Role | None) -> list[Any]:
    return list(role.policies.values()) if role is not None else []


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def install_schedules() -> None:
    """Replace moto's schedules with ours."""
    module: Any = models  # assigning to classes is against the types
    module.Schedule = Schedule


POLL_SECONDS = 0.2
"""Polling interval in seconds. AWS fires within a minute (User Guide, "Schedule types": 60 seconds of precision)."""

FIRST_RETRY_SECONDS = 1.0
"""Delay in seconds; AWS documents only "exponential backoff" (User Guide, "Managing a schedule")."""

TARGET_MARKER = ":scheduler:::aws-sdk:sagemaker:"


class CallFailed(Exception):
    """The target refused the call, or could not be reached.

    Args:
        message: the reason.
        retryable: whether a retry may succeed. Which errors AWS retries is not documented; here, none that the caller caused.
    """

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


@dataclass
class Delivery:
    """One call of a target, with its retries.

    Args:
        schedule: name of the schedule.
        due: time at which the call was due.
        errors: one for each failed attempt.
        taken: whether the target accepted the call.
    """

    schedule: str
    due: datetime
    errors: list[str] = field(default_factory=list)
    taken: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the delivery in the format of the control route."""
        return {**vars(self), "due": self.due.isoformat()}


class SchedulerTarget(Protocol):
    """SageMaker, as called by a schedule."""

    def call(self, region: str, operation: str, parameters: dict[str, Any]) -> None:
        """Call an operation of SageMaker.

        Raises:
            CallFailed: SageMaker refused the call, or could not be reached.
        """


class Scheduler:
    """Fire all schedules of the emulated AWS.

    Args:
        target: SageMaker, which the schedules call.
        clock: the clock.
        minute: duration of a minute of a rate.
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
            for schedule, due in self.due():  # a slow target must not delay others
                threading.Thread(target=self.deliver, args=(schedule, due), daemon=True).start()

    def due(self) -> list[tuple[Schedule, datetime]]:
        """Return the calls that are due, each once, and delete completed schedules (User Guide, "Deleting a schedule")."""
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
        """Call the target, and retry according to its RetryPolicy: a number of times, until the event is too old."""
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
            raise CallFailed(f"the sandbox does not support the target {target['Arn']}", retryable=False)
        operation, parameters = action[:1].upper() + action[1:], json.loads(target.get("Input") or "{}")
        # IAM compares the case of the request. (awslabs/service-workbench-on-aws#1176)
        partition, name = target["Arn"].split(":")[1], str(parameters.get("NotebookInstanceName", ""))
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
        """Call an operation of SageMaker, as in ``SchedulerTarget``."""
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
