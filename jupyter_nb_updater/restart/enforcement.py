"""Restarts that a policy requires: after the deadline, in the restart window, without a click.

Like a restart that a user scheduled for when idle, it begins once nothing is running, is refused if anything is not verified
on disk, and stops nothing without a return path.
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
    """Request the restart that a policy requires, and withdraw it when it can no longer begin."""

    retry_minutes = Float(
        60.0, min=1.0, help="Delay in minutes before a required restart is tried again after it was refused or canceled."
    ).tag(config=True)

    def __init__(self, restarts: RestartCoordinator, clock: AdviceClock, **kwargs: Any) -> None:
        """Create an enforcer.

        Args:
            restarts: runs the restart.
            clock: the clock used for advice.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._restarts, self._clock = restarts, clock
        self._last: datetime | None = None

    async def follow(self, by: str, evidence: Mapping[str, Any], *, required: bool) -> None:
        """Request or withdraw a restart according to the current advice.

        Args:
            by: name of the organization.
            evidence: facts for the journal.
            required: whether the advice requires a restart now.
        """
        now, retry = self._clock.now(), timedelta(minutes=self.retry_minutes)
        action = next_action(self._restarts.restart, self._last, retry, now, required=required)
        try:
            if action == "begin":
                self._last = now
                self.log.warning("Requesting a restart: the deadline has passed, and the policy of %s requires it", by)
                await self._restarts.request(RestartRequest(by=by, when=REQUIRED, facts=evidence))
            elif action == "withdraw":
                await self._restarts.cancel()
        except TooLate as error:  # another request came first
            self.log.info("%s", error)


def next_action(
    restart: Restart, last: datetime | None, retry: timedelta, now: datetime, *, required: bool
) -> EnforcementAction | None:
    """Decide whether to begin or withdraw a required restart; ``None`` to do nothing.

    Args:
        restart: state of the last restart.
        last: time of the last request made here; a time in the future, after the clock was set back, counts as long ago.
        retry: minimum time between two requests.
        now: the current time.
        required: whether the advice requires a restart: after the deadline, in the restart window, and without a hold.
    """
    waits, is_ours = restart.phase == "waiting", restart.order is not None and restart.order.when == REQUIRED
    if waits and is_ours:
        return None if required else "withdraw"  # the window has closed, or a hold was placed
    if not required or restart.phase not in {"idle", "refused", "failed", "waiting"}:
        return None
    if waits and restart.order is not None and restart.order.not_before is None:
        return None  # a user has already requested the same
    return "begin" if last is None or not timedelta(0) <= now - last < retry else None
