"""Every source that this instance has, in the order in which "Why?" tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws, AwsError
from ..instance.metadata import Identity
from ..instance.platforms import PlatformFact
from ..instance.sagemaker import Description
from .age import AgeSource
from .base import AdviceSource
from .fleet import FleetSource
from .health import HealthSource
from .maintenance import MaintenanceSource
from .org_advisories import AdvisoryList, OrgAdvisoriesSource
from .os_release import OsReleaseSource
from .platform import PlatformSource

SOURCES: tuple[type[AdviceSource], ...] = (
    AgeSource,
    MaintenanceSource,
    PlatformSource,
    OsReleaseSource,
    FleetSource,
    HealthSource,
    OrgAdvisoriesSource,
)
"""All of them, for what reads their configuration."""


@dataclass(frozen=True)
class SourceContext:
    """How the sources get at what they judge by.

    Args:
        identity: which instance it is.
        aws: the way to every API of AWS.
        booted: when the machine booted.
        limits: the ages at which a restart is advised, and should have been, in days.
        describe: asks AWS how the instance stands.
        described: the same, as AWS said it last: for what changes only with a restart.
        software: what is installed on it, without looking for long.
        listing: what the organization's document lists; ``None`` where none is configured.
        platform_facts: what the organization knows of platforms, besides the table that ships with us.
        tells: whether other instances are told what this one runs; they are asked in any case.
    """

    identity: Identity
    aws: Aws
    booted: Callable[[], datetime | None]
    limits: Callable[[], tuple[float, float]]
    describe: Callable[[], Awaitable[Description]]
    described: Callable[[], Awaitable[Description]]
    software: Callable[[], dict[str, str]]
    listing: Callable[[datetime], Awaitable[AdvisoryList]] | None = None
    platform_facts: Callable[[], Iterable[PlatformFact]] = tuple
    tells: bool = True

    async def platform(self) -> str | None:
        """Of the instance; ``None`` when AWS does not say."""
        try:
            return (await self.described()).platform
        except AwsError:
            return None


def build_sources(ways: SourceContext, parent: LoggingConfigurable) -> list[AdviceSource]:
    """Make them, configured as their parent is.

    Args:
        ways: to what they judge by.
        parent: whose configuration they share.
    """
    sources: list[AdviceSource] = [
        AgeSource(booted=ways.booted, limits=ways.limits, parent=parent),
        MaintenanceSource(describe=ways.describe, parent=parent),
        PlatformSource(describe=ways.described, facts=ways.platform_facts, parent=parent),
        OsReleaseSource(parent=parent),
        FleetSource(
            aws=ways.aws,
            identity=ways.identity,
            describe=ways.described,
            software=ways.software,
            booted=ways.booted,
            tells=ways.tells,
            parent=parent,
        ),
        HealthSource(identity=ways.identity, aws=ways.aws, parent=parent),
    ]
    if ways.listing is not None:
        document = OrgAdvisoriesSource(listing=ways.listing, booted=ways.booted, platform=ways.platform, parent=parent)
        sources.append(document)
    return sources
