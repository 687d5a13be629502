"""Every source that this instance has, in the order in which "Why?" tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from traitlets.config import LoggingConfigurable

from ..instance.sagemaker import Description
from .age import AgeSource
from .maintenance import MaintenanceSource
from .organisation import Listing, OrganisationSource
from .source import AdviceSource


def every_source(
    *,
    booted: Callable[[], datetime | None],
    limits: Callable[[], tuple[float, float]],
    describe: Callable[[], Awaitable[Description]],
    platform: Callable[[], Awaitable[str | None]],
    listing: Callable[[datetime], Awaitable[Listing]] | None = None,
    parent: LoggingConfigurable,
) -> list[AdviceSource]:
    """Make them, configured as their parent is.

    Args:
        booted: when the machine booted.
        limits: the ages at which a restart is advised, and should have been, in days.
        describe: asks AWS how the instance stands.
        platform: of the instance; ``None`` when AWS does not say.
        listing: what the organisation's document lists; ``None`` where none is configured.
        parent: whose configuration they share.
    """
    sources: list[AdviceSource] = [
        AgeSource(booted=booted, limits=limits, parent=parent),
        MaintenanceSource(describe=describe, parent=parent),
    ]
    if listing is not None:
        sources.append(OrganisationSource(listing=listing, booted=booted, platform=platform, parent=parent))
    return sources
