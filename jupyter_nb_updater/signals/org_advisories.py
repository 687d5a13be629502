"""Whether what the organization's document lists affects this instance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from traitlets import Float

from .base import AdviceSource
from .signal import Advisory, Signal


@dataclass(frozen=True)
class OrgAdvisory:
    """An advisory of the organization, and whom it affects.

    Args:
        advisory: itself.
        started_before: instances that were started before this time; when it was published, unless the document says otherwise.
        platforms: instances of these platforms; empty for all.
    """

    advisory: Advisory
    started_before: datetime
    platforms: frozenset[str] = frozenset()

    def affects(self, booted: datetime | None, platform: str | None) -> bool | None:
        """Whether it affects an instance; ``None`` when that cannot be known."""
        of_platform = not self.platforms or (None if platform is None else platform in self.platforms)
        by_age = None if booted is None else booted < self.started_before
        if of_platform is False or by_age is False:
            return False
        return None if of_platform is None or by_age is None else True


@dataclass(frozen=True)
class AdvisoryList:
    """What the document in force lists.

    Args:
        advisories: all of them.
        evidence: which document it is, or why there is none.
        in_force: whether there is one.
    """

    advisories: tuple[OrgAdvisory, ...] = ()
    evidence: dict[str, Any] | None = None
    in_force: bool = True


def org_advisories(listing: AdvisoryList, booted: datetime | None, platform: str | None, now: datetime) -> Signal:
    """The organization's signal. Pure.

    Args:
        listing: of the document in force.
        booted: when the machine booted.
        platform: of the instance.
        now: the time to judge at.
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
    """Has the document looked at, and judges by what is in force then."""

    name = "organization"
    timeout_seconds = Float(60.0, min=0.1, help="Seconds after which an answer is waited for no longer.").tag(config=True)

    def __init__(
        self,
        *,
        listing: Callable[[datetime], Awaitable[AdvisoryList]],
        booted: Callable[[], datetime | None],
        platform: Callable[[], Awaitable[str | None]],
        **kwargs: Any,
    ) -> None:
        """Args: looks whether there is a newer document, and says what is in force; when the machine booted; its platform."""
        super().__init__(**kwargs)
        self._listing, self._booted, self._platform = listing, booted, platform

    async def look(self, now: datetime) -> Signal:
        """The document, now. The platform is asked for only where it matters."""
        listing = await self._listing(now)
        platform = await self._platform() if _needs_platform(listing.advisories) else None
        return org_advisories(listing, self._booted(), platform, now)


def _needs_platform(advisories: Iterable[OrgAdvisory]) -> bool:
    return any(item.platforms for item in advisories)
