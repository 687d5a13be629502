"""Signal ``health``: events that AWS Health has announced for this instance.

Disabled by default: it requires a Business Support+, Enterprise or Unified Operations plan (AWS Health User Guide, "AWS
Health API") and two permissions that AmazonSageMakerFullAccess does not include; without them it could only report that.
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
"""Maximum number of result pages: a thousand events, or instances of one event."""

MAX_ARNS_PER_REQUEST = 10
"""Maximum number of ARNs in a request (API Reference, EntityFilter)."""

HealthEvent = Mapping[str, Any]


def health(events: Iterable[HealthEvent], now: datetime) -> Signal:
    """Return the signal of AWS Health.

    The earliest event is reported: it must be handled by its begin, or AWS acts.

    Args:
        events: events that affect this instance, as returned by DescribeEvents.
        now: the current time.
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
    """Check whether an affected entity is this instance, and not resolved.

    Compares the ARN case-insensitively, because SageMaker returns both cases (:attr:`Identity.arn`), and the name: which of the
    two Health uses for notebook instances is not documented.
    """
    value = str(entity.get("entityValue", "")).lower()
    return value in {identity.arn.lower(), identity.name.lower()} and entity.get("statusCode") != "RESOLVED"


def _begins(event: HealthEvent) -> datetime | None:
    found: datetime | None = event.get("startTime")
    return None if found is None else found.astimezone(timezone.utc)


class HealthSource(AdviceSource):
    """Query AWS Health for planned events.

    Health has one endpoint for a whole partition, which botocore uses for every region (``global.health.amazonaws.com`` and
    ``global.health.amazonaws.com.cn``, each signed for the region that it belongs to), or one for each region
    (``aws-us-gov``). So the region of the instance is only a filter.
    """

    name = "health"

    enabled = Bool(
        default_value=False,
        help="Whether to query AWS Health. Requires a support plan with that API, and the permissions of "
        "`permissions --health`.",
    ).tag(config=True)
    interval_seconds = Float(21600.0, min=1.0, help="Polling interval in seconds.").tag(config=True)

    async def poll(self, now: datetime) -> Signal:
        """Return the events planned for this instance."""
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
        """Return the items of all pages."""
        items: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            answer = await self.context.instance.aws.call("health", operation, filter=wanted, maxResults=100, **more)
            items += answer.get(listed, [])
            if not answer.get("nextToken"):
                return items
            more = {"nextToken": answer["nextToken"]}
        raise AwsError("aws-error", operation, f"the response has more than {MAX_PAGES} pages of {listed}")
