"""What AWS Health has announced for this instance, where the account's support plan has it.

Off unless it is turned on: it takes a Business Support+, Enterprise or Unified Operations plan (AWS Health User Guide, "AWS
Health API"), and two permissions that AmazonSageMakerFullAccess does not have; asked without them, it would tell of nothing but
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from traitlets import Bool, Float

from ..advice.signal import Signal
from ..instance.aws import AwsError
from ..instance.metadata import Identity
from ..util.clock import to_text
from .base import AdviceSource

LINK = "https://docs.aws.amazon.com/health/latest/ug/aws-health-concepts-and-terms.html"

MAX_PAGES = 10
"""Pages of an answer that are read: a thousand events, or instances of one event."""

MAX_ARNS_PER_REQUEST = 10
"""ARNs that one request may name (API Reference, EntityFilter)."""

HealthEvent = Mapping[str, Any]


def health(events: Iterable[HealthEvent], now: datetime) -> Signal:
    """Return the signal of AWS Health.

    The earliest is told: it has to be done by then, or AWS does it.

    Args:
        events: that are about this instance, as DescribeEvents has them.
        now: the time to judge at.
    """
    listed = sorted(events, key=lambda event: (_begins(event) or now, event["arn"]))
    if not listed:
        return Signal("health", "current", "health-nothing", now, link=LINK)
    first = listed[0]
    begins = _begins(first)
    evidence = {"event": first["eventTypeCode"], "begins": to_text(begins), "events": len(listed)}
    subject = str(first["arn"]).rpartition("/")[2]
    return Signal("health", "due", "health-scheduled", now, evidence, LINK, subject=subject, due_by=begins)


def is_about(entity: Mapping[str, Any], identity: Identity) -> bool:
    """Return whether an affected entity is this instance.

    By its ARN in any case, because SageMaker itself gives it in both (:attr:`Identity.arn`), or by its name: which of the two
    Health gives for notebook instances, no page says. What is over for it is not about it any more.
    """
    value = str(entity.get("entityValue", "")).lower()
    return value in {identity.arn.lower(), identity.name.lower()} and entity.get("statusCode") != "RESOLVED"


def _begins(event: HealthEvent) -> datetime | None:
    found: datetime | None = event.get("startTime")
    return None if found is None else found.astimezone(timezone.utc)


class HealthSource(AdviceSource):
    """Asks AWS Health what is planned.

    Health has one endpoint for a whole partition, and botocore takes it whatever the region (``global.health.amazonaws.com``
    and ``global.health.amazonaws.com.cn``, each signed for the region that they answer from), or one for each region
    (``aws-us-gov``). So the region of the instance is a filter, and nothing else.
    """

    name = "health"

    enabled = Bool(
        default_value=False,
        help="Whether AWS Health is asked. It takes a support plan that has it, and two permissions (`permissions --health`).",
    ).tag(config=True)
    interval_seconds = Float(21600.0, min=1.0, help="Seconds for which an answer is good.").tag(config=True)

    async def poll(self, now: datetime) -> Signal:
        """Return what is planned for this instance."""
        wanted = {
            "services": ["SAGEMAKER"],
            "regions": [self.context.instance.identity.region],
            "eventStatusCodes": ["open", "upcoming"],
            "eventTypeCategories": ["scheduledChange"],
        }
        try:
            events = {event["arn"]: event for event in await self._all("DescribeEvents", "events", wanted)}
        except AwsError as error:
            if error.code != "no-plan":
                raise
            return Signal("health", "unknown", "health-no-plan", now, link=LINK)
        ours = [events[arn] for arn in await self._affecting(list(events))]
        return health(ours, now)

    async def _affecting(self, arns: list[str]) -> list[str]:
        found: dict[str, None] = {}
        for start in range(0, len(arns), MAX_ARNS_PER_REQUEST):
            about = {"eventArns": arns[start : start + MAX_ARNS_PER_REQUEST]}
            for entity in await self._all("DescribeAffectedEntities", "entities", about):
                if is_about(entity, self.context.instance.identity) and entity.get("eventArn") in arns:
                    found[entity["eventArn"]] = None
        return list(found)

    async def _all(self, operation: str, listed: str, wanted: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Every item of every page."""
        items: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            answer = await self.context.instance.aws.call("health", operation, filter=wanted, maxResults=100, **more)
            items += answer.get(listed, [])
            if not answer.get("nextToken"):
                return items
            more = {"nextToken": answer["nextToken"]}
        raise AwsError("aws-error", operation, f"there are more than {MAX_PAGES} pages of {listed}")
