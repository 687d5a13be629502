"""A restart that nobody clicked for: where the policy requires it, past the deadline, in the window, and once nothing runs.

Everything else is as with a restart that a person asked to wait: it waits until nothing runs, refuses what is not proven saved,
and begins nothing without a way back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from traitlets import Float
from traitlets.config import LoggingConfigurable

from .machine import REQUIRED, Restart
from .request import RestartRequest, TooLate

EnforcementAction = Literal["begin", "withdraw"]


class Restarts(Protocol):
    """What is needed of the coordinator."""

    restart: Restart

    async def request(self, request: RestartRequest) -> None:
        """Ask for a restart."""

    async def cancel(self) -> None:
        """Take it back."""


def next_action(
    restart: Restart, last: datetime | None, pause: timedelta, now: datetime, *, required: bool
) -> EnforcementAction | None:
    """What to do. Pure.

    Args:
        restart: where the last one stands.
        last: when one was begun by this last; a clock that was set back counts as long ago.
        pause: before the next attempt, after one was refused or called off.
        now: the time to judge at.
        required: what the advice says: past the deadline, in the window, and nobody holds the instance.
    """
    waits, is_ours = restart.phase == "waiting", restart.order is not None and restart.order.when == REQUIRED
    if waits and is_ours:
        return None if required else "withdraw"  # the window has closed, or somebody holds it: nothing begins now
    if not required or restart.phase not in {"idle", "refused", "failed", "waiting"}:
        return None
    if waits and restart.order is not None and restart.order.not_before is None:
        return None  # a person has asked for the same
    return "begin" if last is None or not timedelta(0) <= now - last < pause else None


class PolicyEnforcer(LoggingConfigurable):
    """Asks for the restart that a policy requires, and takes that back when it may begin no more."""

    pause_minutes = Float(
        60.0, min=1.0, help="Minutes until a required restart is tried again that was refused, or called off by a person."
    ).tag(config=True)

    def __init__(self, *, restarts: Restarts, now: Callable[[], datetime], **kwargs: Any) -> None:
        """Args: who carries it out; the clock."""
        super().__init__(**kwargs)
        self._restarts, self._now = restarts, now
        self._last: datetime | None = None

    async def follow(self, by: str, evidence: Mapping[str, Any], *, required: bool) -> None:
        """Look whether there is something to do.

        Args:
            by: whose policy it is.
            evidence: for the journal.
            required: what the advice says.
        """
        now, pause = self._now(), timedelta(minutes=self.pause_minutes)
        step = next_action(self._restarts.restart, self._last, pause, now, required=required)
        try:
            if step == "begin":
                self._last = now
                self.log.warning("The deadline has passed, and the policy of %s requires a restart", by)
                await self._restarts.request(RestartRequest(by=by, when=REQUIRED, facts=evidence))
            elif step == "withdraw":
                await self._restarts.cancel()
        except TooLate as error:  # somebody was quicker
            self.log.info("%s", error)
