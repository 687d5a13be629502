"""Whether AWS itself says that maintenance of this instance is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from ..instance.sagemaker import Description
from .base import AdviceSource
from .signal import Signal

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html"
PENDING = {"PendingMaintenance", "InMaintenance"}
"""Statuses since botocore 1.43.67 (2026-08-07): "Amazon SageMaker adds maintenance lifecycle statuses for Notebook Instances".
What they mean in detail, and whether a stop and start clears them, no page says: after a restart that changed nothing we are
silent about it."""


def maintenance(status: str, now: datetime) -> Signal:
    """The maintenance signal. Pure. Statuses that we do not know are no maintenance.

    Args:
        status: of DescribeNotebookInstance.
        now: the time to judge at.
    """
    evidence = {"status": status}
    if status in PENDING:
        code = "maintenance-pending" if status == "PendingMaintenance" else "maintenance-running"
        return Signal("maintenance", "due", code, now, evidence, LINK, subject=status)
    return Signal("maintenance", "current", "maintenance-none", now, evidence, LINK)


class MaintenanceSource(AdviceSource):
    """Asks AWS how the instance stands."""

    name = "maintenance"

    def __init__(self, *, describe: Callable[[], Awaitable[Description]], **kwargs: object) -> None:
        """Args: what asks AWS, and tells everyone else what it said."""
        super().__init__(**kwargs)
        self._describe = describe

    async def look(self, now: datetime) -> Signal:
        """The status, now."""
        return maintenance((await self._describe()).status, now)
