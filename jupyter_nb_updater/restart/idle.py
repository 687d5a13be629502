"""Waits for the moment of a restart: until a time, and until nothing runs any more."""

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
"""What a restart waits for: ``id``, ``kind`` (``time``, ``hold``, ``quiet``, ``unknown``, a loss's), ``name``, ``since``."""


class CurrentAdvice(Protocol):
    """What the advice says about a restart at this moment."""

    @property
    def hold(self) -> Hold | None:
        """The hold in force."""

    def is_restart_required(self) -> bool:
        """Return whether a policy requires a restart now."""


class IdleWaiter(LoggingConfigurable):
    """Polls until the moment of a restart has come."""

    quiet_minutes = Float(
        10.0, min=0.0, help="Minutes for which nothing may have run before a restart that waits for idle begins."
    ).tag(config=True)
    poll_seconds = Float(15.0, min=0.1, help="Seconds between two looks at what a waiting restart waits for.").tag(config=True)

    def __init__(self, losses: LossInventory, advice: CurrentAdvice, clock: SystemClock, **kwargs: Any) -> None:
        """Create a waiter.

        Args:
            losses: lists what runs now.
            advice: knows the hold in force.
            clock: the wall clock.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._losses, self._advice, self._clock = losses, advice, clock

    async def wait(self, order: RestartOrder, report: Callable[[WaitReasons], None]) -> None:
        """Wait until nothing is in the way, and, for ``idle``, has not been for a while.

        A look that fails does not count as idle. The state machine limits how long this may take.

        Args:
            order: the restart that was requested.
            report: called with the reasons after each look.
        """
        quiet = timedelta(minutes=self.quiet_minutes if order.waits_for_quiet else 0.0)
        quiet_since: datetime | None = None
        while True:
            try:
                found = wait_reasons(order, await self._losses.list(), self._advice.hold, quiet, self._clock.now())
            except Exception:  # what cannot be seen may be busy
                self.log.exception("Could not see what is running")
                found = [_reason("unknown", "unknown", "")]
            now = self._clock.now()
            quiet_since = None if found else min(quiet_since or now, now)  # a clock that is set back must not add a day
            if quiet_since is not None and now - quiet_since >= quiet:
                return
            report(found or [_reason("quiet", "quiet", to_text((quiet_since or now) + quiet) or "")])
            await asyncio.sleep(self.poll_seconds)


def wait_reasons(
    order: RestartOrder, losses: Iterable[Mapping[str, Any]], hold: Hold | None, quiet: timedelta, now: datetime
) -> WaitReasons:
    """Return everything that a restart waits for at this moment.

    Args:
        order: the restart that was requested.
        losses: what a restart would destroy now.
        hold: the hold in force.
        quiet: how long nothing may have run, when the moment is ``idle``.
        now: the time to judge at.
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
    """Return whether an idle kernel computed something a moment ago. Of the other kinds, no end is known."""
    last = parse_time_or_none(loss["since"])
    return last is not None and last > since


def _reason(identifier: str, kind: str, name: str, since: str | None = None) -> dict[str, Any]:
    return {"id": identifier, "kind": kind, "name": name, "since": since}
