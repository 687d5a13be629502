"""Every source that this instance has, in the order in which "Why?" tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws
from ..instance.metadata import Identity
from ..instance.platforms import PlatformFact
from ..instance.sagemaker import Description
from .age import AgeSource
from .health import HealthSource
from .maintenance import MaintenanceSource
from .os_release import OsReleaseSource
from .platform import PlatformSource
from .source import AdviceSource

SOURCES: tuple[type[AdviceSource], ...] = (AgeSource, MaintenanceSource, PlatformSource, OsReleaseSource, HealthSource)
"""All of them, for what reads their configuration."""


def every_source(
    *,
    booted: Callable[[], datetime | None],
    limits: Callable[[], tuple[float, float]],
    describe: Callable[[], Awaitable[Description]],
    identity: Identity,
    aws: Aws,
    platform_facts: Callable[[], Iterable[PlatformFact]] = tuple,
    parent: LoggingConfigurable,
) -> list[AdviceSource]:
    """Make them, configured as their parent is.

    Args:
        booted: when the machine booted.
        limits: the ages at which a restart is advised, and should have been, in days.
        describe: asks AWS how the instance stands.
        identity: which instance it is.
        aws: the way to every API of AWS.
        platform_facts: what somebody else knows of platforms, besides the table that ships with us.
        parent: whose configuration they share.
    """
    return [
        AgeSource(booted=booted, limits=limits, parent=parent),
        MaintenanceSource(describe=describe, parent=parent),
        PlatformSource(describe=describe, facts=platform_facts, parent=parent),
        OsReleaseSource(parent=parent),
        HealthSource(identity=identity, aws=aws, parent=parent),
    ]
