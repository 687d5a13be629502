"""Return path ``manual``: a person starts the instance again."""

from __future__ import annotations

from datetime import datetime

from . import ReturnPath, Verification


class ManualReturnPath(ReturnPath):
    """Request nothing outside the instance; the button says *Save all and stop*."""

    kind = "manual"

    async def verify(self) -> Verification:
        """Return ``missing``: nothing starts the instance automatically."""
        return Verification("missing")

    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> None:
        """Do nothing."""

    async def disarm(self) -> None:
        """Do nothing."""
