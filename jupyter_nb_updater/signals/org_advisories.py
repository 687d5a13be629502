"""Signal ``organization``: whether an advisory in the organization's policy document affects this instance."""

from __future__ import annotations

from datetime import datetime

from traitlets import Float

from ..advice.signal import Signal
from ..instance.aws import AwsError
from ..org_policy.document import AdvisoryList
from .base import AdviceSource, SourceContext


def org_advisories(listing: AdvisoryList, booted: datetime | None, platform: str | None, now: datetime) -> Signal:
    """Return the signal of the organization.

    Args:
        listing: advisories of the active document.
        booted: time of the last boot; ``None`` if unknown.
        platform: platform of the instance; ``None`` if unknown.
        now: the current time.
    """
    evidence = dict(listing.evidence or {})
    if not listing.in_force:
        return Signal("organization", "unknown", "organization-no-document", now, evidence)
    published = [item for item in listing.advisories if item.advisory.published <= now]
    answers = [(item.advisory, item.affects(booted, platform)) for item in published]
    affecting = tuple(advisory for advisory, affects in answers if affects)
    if affecting:
        return Signal("organization", "due", "organization-advisories", now, evidence, advisories=affecting)
    undecided = [advisory.id for advisory, affects in answers if affects is None]
    if undecided:
        return Signal("organization", "unknown", "organization-undecided", now, {**evidence, "undecided": undecided})
    return Signal("organization", "current", "organization-nothing", now, evidence)


class OrgAdvisoriesSource(AdviceSource):
    """Evaluate the advisories of the active policy, which is refreshed before any source is polled."""

    name = "organization"

    interval_seconds = Float(
        0.0,
        min=0.0,
        help="Polling interval in seconds. `PolicyManager.interval_seconds` sets how often the document is downloaded.",
    ).tag(config=True)

    def __init__(self, context: SourceContext, **kwargs: object) -> None:
        """Create the source. It is disabled if no policy document is configured.

        Args:
            context: what the source can use.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(context, **kwargs)
        self.enabled = self.enabled and context.policies.is_configured

    async def poll(self, now: datetime) -> Signal:
        """Return which advisories affect this instance. Gets the platform only if an advisory depends on it.

        Raises:
            PolicyRejected: no document was ever loaded, and none can be fetched.
        """
        policies = self.context.policies
        if policies.outage is not None:
            raise policies.outage
        listing = policies.advisory_list
        platform = await self._platform() if any(item.platforms for item in listing.advisories) else None
        return org_advisories(listing, self.context.instance.advice_booted(), platform, now)

    async def _platform(self) -> str | None:
        try:
            return (await self.context.instance.descriptions.cached()).platform
        except AwsError:
            return None
