"""Waiting for the right moment: until a time, and until nothing runs any more. What is waited for is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..losses.loss import display_name, needs_confirmation
from ..util.clock import from_text, to_text
from .machine import RestartOrder

if TYPE_CHECKING:
    from ..advice.hold import Hold

Loss = Mapping[str, Any]
Losses = Callable[[], Awaitable[Iterable[Loss]]]
Reasons = list[dict[str, Any]]


def reasons(order: RestartOrder, losses: Iterable[Loss], hold: Hold | None, quiet: timedelta, now: datetime) -> Reasons:
    """Everything that is waited for at this moment. Pure.

    Args:
        order: the restart that was asked for.
        losses: what there is to lose now.
        hold: the hold in force.
        quiet: how long everything must have been quiet, when the moment is ``idle``.
        now: the time to judge at.

    Returns:
        One entry for each reason: ``id``, ``kind`` (``time``, ``hold``, or that of a loss), ``name`` and ``since``.
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


def _was_active(loss: Loss, since: datetime) -> bool:
    """Whether an idle kernel computed something a moment ago. Of the others no end is known."""
    try:
        last = from_text(loss["since"])
    except (TypeError, ValueError):
        return False
    return last is not None and last > since


def _reason(identifier: str, kind: str, name: str, since: str | None = None) -> dict[str, Any]:
    return {"id": identifier, "kind": kind, "name": name, "since": since}


class IdleWaiter(LoggingConfigurable):
    """Looks again and again whether the moment has come."""

    quiet_minutes = Float(
        10.0, min=0.0, help="Minutes for which nothing may have run before a restart that waits for idle begins."
    ).tag(config=True)
    look_seconds = Float(15.0, min=0.1, help="Seconds between two looks at what a waiting restart waits for.").tag(config=True)

    def __init__(
        self,
        *,
        losses: Losses,
        hold: Callable[[datetime], Hold | None],
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        """Args: what there is to lose, the hold at a time, the clock."""
        super().__init__(**kwargs)
        self._losses, self._hold, self._now = losses, hold, now

    async def come(self, order: RestartOrder, tell: Callable[[Reasons], None]) -> None:
        """Wait until nothing is in the way, and, for ``idle``, has not been for a while.

        A look that fails is not a quiet one. The state machine bounds this.

        Args:
            order: the restart that was asked for.
            tell: called with the reasons whenever they have been looked at.
        """
        quiet = timedelta(minutes=self.quiet_minutes if order.waits_for_quiet else 0.0)
        quiet_since: datetime | None = None
        while True:
            try:
                found = reasons(order, await self._losses(), self._hold(self._now()), quiet, self._now())
            except Exception:  # unknown is never quiet
                self.log.exception("Could not see what is running")
                found = [_reason("unknown", "unknown", "")]
            now = self._now()
            quiet_since = None if found else min(quiet_since or now, now)  # a clock that is set back must not add a day
            if quiet_since is not None and now - quiet_since >= quiet:
                return
            tell(found or [_reason("quiet", "quiet", to_text((quiet_since or now) + quiet) or "")])
            await asyncio.sleep(self.look_seconds)
