"""Inventory of all notebook instances of an account and region, from AWS's list and the tags of each instance.

An instance writes its tag itself, and a tag stays when the extension is switched off or removed. So the reader judges it again:
by its date, by the boot time in it, and by the dates that AWS keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from .advice.model import LEVELS, Level
from .advice.policy import Policy
from .instance import tags as names
from .instance.aws import Aws
from .instance.sagemaker import notebook_instances
from .util.clock import parse_time_or_none, to_text

PARALLEL = 8
"""Number of concurrent requests. AWS documents no limit for these calls."""

MAX_REPORT_AGE = timedelta(days=2)
"""Age from which a report proves nothing: an instance with the extension renews it once a day."""

MAX_DELAY = timedelta(minutes=15)
"""Time by which the clocks of the instance, of AWS and of the reader may differ, and the duration of a start."""

Doubt = Literal["not-reported", "report-outdated", "started-since", "report-implausible"]
"""Why the report of an instance is not believed: there is none, it is too old, AWS started or changed the instance after it, or
it has no boot time, no date, or one in the future."""


@dataclass(frozen=True)
class FleetEntry:
    """State of one notebook instance.

    Args:
        name: name of the instance.
        status: SageMaker's status, such as ``InService``.
        level: level of advice that the instance reported, or a worse one by its uptime; ``unknown`` if the report is in doubt.
        doubt: why the report is not believed.
        reported: time of the report.
        deadline: last day to restart, as published by the instance.
        booted: time of the last boot, as published by the instance.
        held: end of the hold on the instance.
        unchanged: number of reasons that its last restart did not resolve.
        outcome: result of the last restart, as recorded by the stack.
        armed: expiry of its request to be started again.
    """

    name: str
    status: str
    level: Level
    doubt: Doubt | None = None
    reported: str | None = None
    deadline: str | None = None
    booted: str | None = None
    held: str | None = None
    unchanged: str | None = None
    outcome: str | None = None
    armed: str | None = None

    def waits_for_return(self, now: datetime) -> bool:
        """Check whether the instance relies on being started again.

        The request of a running instance expires. The request of a stopped one may be in use after its expiry: the stack checks
        the expiry only before its first attempt, and keeps trying for hours if AWS refuses (``cloud/return-path.yaml``,
        ``IsValid``).
        """
        until = parse_time_or_none(self.armed)
        return until is not None and (until > now or self.status != "InService")

    def to_json(self) -> dict[str, Any]:
        """Return the entry as the command line prints it."""
        return asdict(self)


def fleet_entry(
    listed: dict[str, Any], tags: Iterable[dict[str, str]], now: datetime, limits: Policy | None = None
) -> FleetEntry:
    """Build the entry of one instance.

    Args:
        listed: one item of the ListNotebookInstances response.
        tags: the tags from the ListTags response.
        now: the current time.
        limits: limits for the uptime; those of AWS by default.
    """
    values = {tag["Key"]: tag["Value"] for tag in tags}
    state = names.FleetState.read(values.get(names.STATE, ""))
    times = {name: parse_time_or_none(getattr(state, name)) for name in ("reported", "deadline", "booted", "held")}
    doubt = _doubt(state, listed, now) if names.STATE in values else "not-reported"
    level: Level = state.level if state.level in LEVELS else "unknown"
    started = _started(times["booted"], listed)
    return FleetEntry(
        name=listed["NotebookInstanceName"],
        status=listed["NotebookInstanceStatus"],
        level="unknown" if doubt else worst_level(level, times["deadline"], started, now, limits or Policy()),
        doubt=doubt,
        **{name: to_text(time) for name, time in times.items()},
        unchanged=state.unchanged if (state.unchanged or "").isdecimal() else None,
        outcome=values.get(names.OUTCOME),
        armed=to_text(names.expiry(values.get(names.RESTART, ""))),
    )


def worst_level(level: Level, deadline: datetime | None, started: datetime | None, now: datetime, limits: Policy) -> Level:
    """Return the level that was reported, or a worse one if the time since the start demands it.

    Args:
        level: the reported level.
        deadline: the reported deadline.
        started: time of the last start; ``None`` if unknown.
        now: the current time.
        limits: limits for the uptime.
    """
    levels: list[Level] = [level]
    days = (now - started) / timedelta(days=1) if started else 0.0
    if days >= limits.interval_days or (deadline is not None and deadline <= now):
        levels.append("overdue")
    elif days >= limits.advised_days:
        levels.append("advised")
    return max(levels, key=LEVELS.index)


def _doubt(state: names.FleetState, listed: dict[str, Any], now: datetime) -> Doubt | None:
    """Return why a report is not believed.

    A running instance whose ``LastModifiedTime`` is later than the report was started or changed after it (a start sets that
    time, see ``modified-by-start-and-stop`` in the assumptions): what it runs now has not reported. If tags set that time too,
    the next daily report resolves the doubt.
    """
    reported, modified = parse_time_or_none(state.reported), listed.get("LastModifiedTime")
    if reported is None or parse_time_or_none(state.booted) is None or reported > now + MAX_DELAY:
        return "report-implausible"
    if now - reported > MAX_REPORT_AGE:
        return "report-outdated"
    if listed["NotebookInstanceStatus"] == "InService" and modified is not None and modified > reported + MAX_DELAY:
        return "started-since"
    return None


def _started(booted: datetime | None, listed: dict[str, Any]) -> datetime | None:
    """Return the time of the last start: the boot, but no later than AWS's last change of the instance, which a start is.

    A later boot is one of the operating system alone, which installs nothing, or it is made up.
    """
    modified = listed.get("LastModifiedTime")
    return modified if booted and modified and booted > modified + MAX_DELAY else booted


async def list_fleet(aws: Aws, now: datetime, limits: Policy | None = None) -> list[FleetEntry]:
    """List every notebook instance of the account in this region, by name.

    Args:
        aws: calls AWS.
        now: the current time.
        limits: limits for the uptime; those of AWS by default.

    Raises:
        AwsError: a permission is missing, or AWS cannot be reached.
    """
    gate = asyncio.Semaphore(PARALLEL)

    async def look(listed: dict[str, Any]) -> FleetEntry:
        async with gate:
            answer = await aws.call("sagemaker", "ListTags", ResourceArn=listed["NotebookInstanceArn"], MaxResults=100)
        return fleet_entry(listed, answer["Tags"], now, limits)

    return list(await asyncio.gather(*[look(listed) for listed in await notebook_instances(aws)]))
