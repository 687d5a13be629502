"""Whether AWS itself says that maintenance of this instance is due."""

from __future__ import annotations

from datetime import datetime

from ..advice.signal import Signal
from .base import AdviceSource

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html"
MAINTENANCE_STATUSES = {"PendingMaintenance", "InMaintenance"}
"""Statuses since botocore 1.43.67 (2026-08-07): "Amazon SageMaker adds maintenance lifecycle statuses for Notebook Instances".
What they mean in detail, and whether a stop and start clears them, no page says: after a restart that changed nothing we are
silent about it."""


def maintenance(status: str, now: datetime) -> Signal:
    """Return the maintenance signal. Statuses that we do not know are no maintenance.

    Args:
        status: of DescribeNotebookInstance.
        now: the time to judge at.
    """
    evidence = {"status": status}
    if status in MAINTENANCE_STATUSES:
        code = "maintenance-pending" if status == "PendingMaintenance" else "maintenance-running"
        return Signal("maintenance", "due", code, now, evidence, LINK, subject=status)
    return Signal("maintenance", "current", "maintenance-none", now, evidence, LINK)


class MaintenanceSource(AdviceSource):
    """Asks AWS for the status of the instance."""

    name = "maintenance"

    async def poll(self, now: datetime) -> Signal:
        """Return what the status says of maintenance. The answer of AWS is shared with all who wait for it."""
        return maintenance((await self.context.instance.descriptions.describe()).status, now)
