"""Every source that this instance has, in the order in which "Why?" tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws
from ..instance.metadata import Identity
from ..instance.sagemaker import Description
from .age import AgeSource
from .fleet import FleetSource
from .maintenance import MaintenanceSource
from .source import AdviceSource


def every_source(
    *,
    booted: Callable[[], datetime | None],
    limits: Callable[[], tuple[float, float]],
    describe: Callable[[], Awaitable[Description]],
    aws: Aws,
    identity: Identity,
    software: Callable[[], dict[str, str]],
    parent: LoggingConfigurable,
    tells: bool = True,
) -> list[AdviceSource]:
    """Make them, configured as their parent is.

    Args:
        booted: when the machine booted.
        limits: the ages at which a restart is advised, and should have been, in days.
        describe: asks AWS how the instance stands.
        aws: the way to its other services.
        identity: which instance this is.
        software: what is installed on it, without looking for long.
        parent: whose configuration they share.
        tells: whether other instances are told what this one runs; they are asked in any case.
    """
    return [
        AgeSource(booted=booted, limits=limits, parent=parent),
        MaintenanceSource(describe=describe, parent=parent),
        FleetSource(
            aws=aws, identity=identity, describe=describe, software=software, booted=booted, tells=tells, parent=parent
        ),
    ]
