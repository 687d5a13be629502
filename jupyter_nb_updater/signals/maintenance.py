"""Signal ``maintenance``: whether AWS reports that maintenance of this instance is due."""

from __future__ import annotations

from datetime import datetime

from ..advice.signal import Signal
from .base import AdviceSource

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html"
MAINTENANCE_STATUSES = {"PendingMaintenance", "InMaintenance"}
"""Statuses since botocore 1.43.67 (2026-08-07): "Amazon SageMaker adds maintenance lifecycle statuses for Notebook Instances".
It is not documented what they mean in detail, and whether a stop and start clears them; so after a restart that did not, the
signal is not raised again."""


def maintenance(status: str, now: datetime) -> Signal:
    """Return the maintenance signal. Unknown statuses do not count as maintenance.

    Args:
        status: status from DescribeNotebookInstance.
        now: the current time.
    """
    evidence = {"status": status}
    if status in MAINTENANCE_STATUSES:
        code = "maintenance-pending" if status == "PendingMaintenance" else "maintenance-running"
        return Signal("maintenance", "due", code, now, evidence, LINK, subject=status)
    return Signal("maintenance", "current", "maintenance-none", now, evidence, LINK)


class MaintenanceSource(AdviceSource):
    """Get the status of the instance from AWS."""

    name = "maintenance"

    async def poll(self, now: datetime) -> Signal:
        """Return the maintenance signal. The response of AWS is shared with everyone who waits for it."""
        return maintenance((await self.context.instance.descriptions.describe()).status, now)
