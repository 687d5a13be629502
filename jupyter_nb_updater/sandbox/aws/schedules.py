"""Schedules of EventBridge Scheduler as AWS takes them, and when they fire. moto 5.2 takes any, and fires none.

("User Guide" is the EventBridge Scheduler User Guide.)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.scheduler import models
from moto.scheduler.exceptions import ValidationException
from moto.utilities.utils import get_partition

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}

NOT_TRUSTED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
"""AWS's words, seen in aws/aws-sdk-js-v3#6494."""


@dataclass(frozen=True)
class FiringPlan:
    """When a schedule fires (User Guide, "Schedule types", rate-based schedules).

    Args:
        first: StartDate of the schedule, or when it was made if it has none.
        every: time from one call to the next.
        end: EndDate, after which the schedule does not fire.
        since: when the schedule was made or changed last; times before that are not made up for.
    """

    first: datetime
    every: timedelta
    end: datetime | None
    since: datetime

    def latest(self, now: datetime) -> datetime | None:
        """Return the newest time that has come; ``None`` while there is none."""
        last = min(now, self.end) if self.end is not None else now
        if last < self.first:
            return None
        moment = self.first + (last - self.first) // self.every * self.every
        return moment if moment >= self.since else None

    def is_over(self, now: datetime) -> bool:
        """Whether no time is left: the last one is that closest to the EndDate (User Guide, "Deleting a schedule")."""
        upcoming = self.first if now < self.first else self.first + ((now - self.first) // self.every + 1) * self.every
        return self.end is not None and upcoming > self.end


class Schedule(models.Schedule):
    """One schedule, refused where AWS refuses it."""

    def __init__(self, region: str, account_id: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(region, account_id, *args, **kwargs)
        self.region, self.account = region, account_id
        self.check()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """UpdateSchedule: every part is replaced, and what is not said is as in a new one (API Reference)."""
        before = dict(vars(self))
        super().update(*args, **kwargs)
        self.state = self.state or "ENABLED"
        try:
            self.check()
        except ValidationException:
            vars(self).update(before)
            raise

    def check(self) -> None:
        """Refuse what could never fire.

        Raises:
            ValidationException: its expression is none that is modeled here, it ends before it begins (both in our words), or
                its role is not there or does not trust EventBridge Scheduler.
        """
        if RATE.fullmatch(self.schedule_expression) is None:
            raise ValidationException(f"Invalid Schedule Expression {self.schedule_expression}: here, only rate(…) is known.")
        plan = self.plan(timedelta(minutes=1))
        if plan.end is not None and plan.end <= plan.first:
            raise ValidationException("The EndDate must be later than the StartDate.")
        role = self.role()
        if role is None or "scheduler.amazonaws.com" not in role.assume_role_policy_document:
            raise ValidationException(NOT_TRUSTED)

    def plan(self, minute: timedelta) -> FiringPlan:
        """When it fires.

        Args:
            minute: how long a minute of its rate lasts.
        """
        rate = RATE.fullmatch(self.schedule_expression)
        assert rate is not None  # noqa: S101  check() made sure
        start, end = (float(date) if date is not None else None for date in (self.start_date, self.end_date))
        return FiringPlan(
            first=_moment(self.creation_date if start is None else start),
            every=int(rate[1]) * MINUTES[rate[2]] * minute,
            end=None if end is None else _moment(end),
            since=_moment(self.last_modified_date),
        )

    def role(self) -> Role | None:
        """The role with which the target is called, as moto's IAM has it."""
        try:
            backend = iam_backends[self.account][get_partition(self.region)]
            role: Role = backend.get_role(self.target["RoleArn"].rpartition("/")[2])
        except NotFoundException:
            return None
        return role


def is_allowed(role: Role | None, action: str, resource: str) -> bool:
    """Tell whether a role's own policies allow an action; their conditions are ignored."""
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


def install() -> None:
    """Put our schedules in the place of moto's."""
    module: Any = models  # the type checker is right that classes are not for assigning
    module.Schedule = Schedule
