"""A person starts the instance again: the null object among the return paths."""

from __future__ import annotations

from datetime import datetime

from . import Proof, ReturnPath


class ManualReturnPath(ReturnPath):
    """Nothing outside the instance is asked for anything; the button says *Save all and stop*."""

    kind = "manual"

    async def verify(self) -> Proof:
        """Nobody is there."""
        return "missing"

    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> None:
        """Nothing to arm."""

    async def disarm(self) -> None:
        """Nothing to take back."""
