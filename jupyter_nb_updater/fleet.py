"""Inventory of all notebook instances of an account and region, from AWS's list and the tags of each instance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from .advice.model import LEVELS, Level
from .instance import tags as names
from .instance.aws import Aws
from .instance.sagemaker import notebook_instances
from .util.clock import from_text, to_text

PARALLEL = 8
"""Number of concurrent requests. AWS documents no limit for these calls."""


@dataclass(frozen=True)
class FleetEntry:
    """State of one notebook instance.

    Args:
        name: name of the instance.
        status: SageMaker's status, such as ``InService``.
        level: level of advice that the instance last published; ``unknown`` if it published none, or an unknown value.
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
        until = from_text(self.armed)
        return until is not None and (until > now or self.status != "InService")

    def to_json(self) -> dict[str, Any]:
        """Return the entry as the command line prints it."""
        return asdict(self)


def fleet_entry(listed: dict[str, Any], tags: Iterable[dict[str, str]]) -> FleetEntry:
    """Build the entry of one instance.

    Args:
        listed: one item of the ListNotebookInstances response.
        tags: the tags from the ListTags response.
    """
    values = {tag["Key"]: tag["Value"] for tag in tags}
    state = names.FleetState.read(values.get(names.STATE, ""))
    return FleetEntry(
        name=listed["NotebookInstanceName"],
        status=listed["NotebookInstanceStatus"],
        level=state.level if state.level in LEVELS else "unknown",
        deadline=state.deadline,
        booted=state.booted,
        held=state.held,
        unchanged=state.unchanged,
        outcome=values.get(names.OUTCOME),
        armed=to_text(names.expiry(values.get(names.RESTART, ""))),
    )


async def list_fleet(aws: Aws) -> list[FleetEntry]:
    """List every notebook instance of the account in this region, by name.

    Raises:
        AwsError: a permission is missing, or AWS cannot be reached.
    """
    gate = asyncio.Semaphore(PARALLEL)

    async def look(listed: dict[str, Any]) -> FleetEntry:
        async with gate:
            answer = await aws.call("sagemaker", "ListTags", ResourceArn=listed["NotebookInstanceArn"], MaxResults=100)
        return fleet_entry(listed, answer["Tags"])

    return list(await asyncio.gather(*[look(listed) for listed in await notebook_instances(aws)]))
