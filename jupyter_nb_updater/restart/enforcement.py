"""Restarts that a policy requires: past the deadline, in the window, and without a click.

Such a restart waits like one that a person asked for when idle: it begins once nothing runs, refuses what is not proven saved,
and stops nothing without a return path.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.simulated_clock import AdviceClock
from .coordinator import RestartCoordinator
from .machine import REQUIRED, Restart
from .request import RestartRequest, TooLate

EnforcementAction = Literal["begin", "withdraw"]


class PolicyEnforcer(LoggingConfigurable):
    """Requests the restart that a policy requires, and withdraws it when it may no longer begin."""

    retry_minutes = Float(
        60.0, min=1.0, help="Minutes until a required restart is tried again that was refused, or called off by a person."
    ).tag(config=True)

    def __init__(self, restarts: RestartCoordinator, clock: AdviceClock, **kwargs: Any) -> None:
        """Create an enforcer.

        Args:
            restarts: carries out the restart.
            clock: the clock of advice.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._restarts, self._clock = restarts, clock
        self._last: datetime | None = None

    async def follow(self, by: str, evidence: Mapping[str, Any], *, required: bool) -> None:
        """Request or withdraw a restart, if the advice of this moment asks for it.

        Args:
            by: whose policy it is.
            evidence: facts for the journal.
            required: whether the advice requires a restart now.
        """
        now, retry = self._clock.now(), timedelta(minutes=self.retry_minutes)
        action = next_action(self._restarts.restart, self._last, retry, now, required=required)
        try:
            if action == "begin":
                self._last = now
                self.log.warning("The deadline has passed, and the policy of %s requires a restart", by)
                await self._restarts.request(RestartRequest(by=by, when=REQUIRED, facts=evidence))
            elif action == "withdraw":
                await self._restarts.cancel()
        except TooLate as error:  # somebody was quicker
            self.log.info("%s", error)


def next_action(
    restart: Restart, last: datetime | None, retry: timedelta, now: datetime, *, required: bool
) -> EnforcementAction | None:
    """Return what to do about a restart that a policy requires; ``None`` for nothing.

    Args:
        restart: where the last restart stands.
        last: when one was requested here last; a time ahead of ``now``, after a clock was set back, counts as long ago.
        retry: how long after that the next one may be requested.
        now: the time to judge at.
        required: whether the advice requires a restart: past the deadline, in the window, and without a hold.
    """
    waits, is_ours = restart.phase == "waiting", restart.order is not None and restart.order.when == REQUIRED
    if waits and is_ours:
        return None if required else "withdraw"  # the window has closed, or somebody holds it: nothing begins now
    if not required or restart.phase not in {"idle", "refused", "failed", "waiting"}:
        return None
    if waits and restart.order is not None and restart.order.not_before is None:
        return None  # a person has asked for the same
    return "begin" if last is None or not timedelta(0) <= now - last < retry else None
