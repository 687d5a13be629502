"""Wait until a scheduled restart can begin: until a time, or until the instance is idle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..advice.hold import Hold
from ..losses.inventory import LossInventory
from ..losses.loss import display_name, needs_confirmation
from ..util.clock import SystemClock, parse_time_or_none, to_text
from .machine import RestartOrder

WaitReasons = list[dict[str, Any]]
"""Reasons for waiting: ``id``, ``kind`` (``time``, ``hold``, ``quiet``, ``unknown``, or that of a loss), ``name``,
``since``.
"""


class CurrentAdvice(Protocol):
    """The advice about a restart at this moment."""

    @property
    def hold(self) -> Hold | None:
        """The current hold."""

    def is_restart_required(self) -> bool:
        """Check whether a policy requires a restart now."""


class IdleWaiter(LoggingConfigurable):
    """Poll until a scheduled restart can begin."""

    quiet_minutes = Float(
        10.0, min=0.0, help="Idle time in minutes before a restart that was scheduled for “when idle” begins."
    ).tag(config=True)
    poll_seconds = Float(15.0, min=0.1, help="Interval in seconds for checking whether a scheduled restart can begin.").tag(
        config=True
    )

    def __init__(self, losses: LossInventory, advice: CurrentAdvice, clock: SystemClock, **kwargs: Any) -> None:
        """Create a waiter.

        Args:
            losses: lists what is running now.
            advice: knows the current hold.
            clock: the wall clock.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._losses, self._advice, self._clock = losses, advice, clock

    async def wait(self, order: RestartOrder, report: Callable[[WaitReasons], None]) -> None:
        """Wait until nothing blocks the restart and, for ``idle``, nothing has for some time.

        A check that fails does not count as idle. The state machine limits how long this can take.

        Args:
            order: the requested restart.
            report: called with the reasons for waiting after each check.
        """
        quiet = timedelta(minutes=self.quiet_minutes if order.waits_for_quiet else 0.0)
        quiet_since: datetime | None = None
        while True:
            try:
                found = wait_reasons(order, await self._losses.list(), self._advice.hold, quiet, self._clock.now())
            except Exception:  # what cannot be checked may be busy
                self.log.exception("Could not check what is running")
                found = [_reason("unknown", "unknown", "")]
            now = self._clock.now()
            quiet_since = None if found else min(quiet_since or now, now)  # in case the clock is set back
            if quiet_since is not None and now - quiet_since >= quiet:
                return
            report(found or [_reason("quiet", "quiet", to_text((quiet_since or now) + quiet) or "")])
            await asyncio.sleep(self.poll_seconds)


def wait_reasons(
    order: RestartOrder, losses: Iterable[Mapping[str, Any]], hold: Hold | None, quiet: timedelta, now: datetime
) -> WaitReasons:
    """Return everything that a restart is waiting for now.

    Args:
        order: the requested restart.
        losses: what a restart would destroy now.
        hold: the current hold.
        quiet: required idle time, for ``idle``.
        now: the current time.
    """
    if order.not_before is not None and now < order.not_before:
        return [_reason("time", "time", order.when)]
    found = [_reason(hold.id, "hold", hold.reason or hold.by, to_text(hold.since))] if hold else []
    found += [
        _reason(loss["id"], loss["kind"], display_name(loss), loss["since"])
        for loss in losses
        if needs_confirmation(loss) and (loss["busy"] or (order.waits_for_quiet and _was_active(loss, now - quiet)))
    ]
    return found


def _was_active(loss: Mapping[str, Any], since: datetime) -> bool:
    """Check whether an idle kernel computed something after ``since``. For other kinds no end time is known."""
    last = parse_time_or_none(loss["since"])
    return last is not None and last > since


def _reason(identifier: str, kind: str, name: str, since: str | None = None) -> dict[str, Any]:
    return {"id": identifier, "kind": kind, "name": name, "since": since}
