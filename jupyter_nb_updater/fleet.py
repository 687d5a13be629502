"""Who is behind? What AWS lists, put beside what each instance says of itself in its tags."""

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
"""Requests at a time. AWS documents no limit for these calls; a few at a time are not throttled in practice elsewhere."""


@dataclass(frozen=True)
class FleetEntry:
    """One instance.

    Args:
        name: of the instance.
        status: AWS's own string.
        level: what the instance last said of itself; ``unknown`` when it never did, or not in a form that we know.
        deadline: until when it should be restarted, as the instance said it.
        booted: since when it is up, as the instance said it.
        held: until when somebody on the instance holds it as it is.
        unchanged: how many of its reasons its last restart did not change.
        outcome: how its last restart ended, as the stack wrote it down.
        armed: until when it has asked for its return.
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
        """Whether it counts on being started again.

        The request of an instance that is up ends by itself. That of one that is down may be in use: the stack asks for the
        expiry before its first attempt only, and goes on for hours where AWS refuses (``cloud/return-path.yaml``, ``IsValid``).
        """
        until = from_text(self.armed)
        return until is not None and (until > now or self.status != "InService")

    def to_json(self) -> dict[str, Any]:
        """As the command line reports it."""
        return asdict(self)


def fleet_entry(listed: dict[str, Any], tags: Iterable[dict[str, str]]) -> FleetEntry:
    """What is known of one instance. Pure.

    Args:
        listed: one item of ListNotebookInstances.
        tags: the list that ListTags gives.
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
    """Every notebook instance of the account in this region, by name.

    Raises:
        AwsError: it may not be listed, or AWS cannot be reached.
    """
    gate = asyncio.Semaphore(PARALLEL)

    async def look(listed: dict[str, Any]) -> FleetEntry:
        async with gate:
            answer = await aws.call("sagemaker", "ListTags", ResourceArn=listed["NotebookInstanceArn"], MaxResults=100)
        return fleet_entry(listed, answer["Tags"])

    return list(await asyncio.gather(*[look(listed) for listed in await notebook_instances(aws)]))
