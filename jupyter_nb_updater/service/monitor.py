"""Keep the state document up to date: poll the instance, the advice and the losses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.boot_time import MIN_BOOT_DISTANCE
from ..instance.context import InstanceContext
from ..instance.sagemaker import Description
from ..losses.inventory import LossInventory
from ..losses.loss import Loss
from ..restart.return_path import ReturnPath, Verification
from ..restart.risks import RiskMonitor
from ..restore.manager import SessionRestore
from ..saving.tabs import Tabs
from ..util.clock import PollInterval
from .advice import AdviceService
from .fleet_tag import FleetTagPublisher

RECHECK_SECONDS = 900.0
"""Interval in seconds for polling a missing return path, or a boot time that is unknown because the clock is not set."""

MAX_IDLE_TIME = timedelta(minutes=5)
"""Time for which ticks do nothing, unless a known point in time is reached or a page connects."""


class StateMonitor(LoggingConfigurable):
    """Write ``instance``, ``software``, ``return_path``, ``risks`` and ``work``; nothing else writes these parts.

    Every tick re-evaluates the advice, which costs next to nothing; everything else is polled at its own interval.
    """

    tick_seconds = Float(60.0, min=1.0, help="Interval in seconds at which advice and deadlines are evaluated again.").tag(
        config=True
    )
    watched_seconds = Float(
        1800.0,
        min=1.0,
        help="Interval in seconds for refreshing the list of losses while a page is open.",
    ).tag(config=True)
    poll_seconds = Float(
        3600.0,
        min=1.0,
        help="Interval in seconds for refreshing the boot time, the return path and, while no page is open, the losses.",
    ).tag(config=True)

    def __init__(
        self,
        context: InstanceContext,
        *,
        advice: AdviceService,
        fleet_tag: FleetTagPublisher,
        return_path: ReturnPath,
        risks: RiskMonitor,
        losses: LossInventory,
        session_restore: SessionRestore,
        tabs: Tabs,
        **kwargs: Any,
    ) -> None:
        """Monitor one instance.

        Args:
            context: the instance, its state document and its clocks.
            advice: decides whether a restart is due.
            fleet_tag: publishes the state to the fleet.
            return_path: starts the instance again.
            risks: measures what may go wrong with the next start.
            losses: lists what a restart would destroy.
            session_restore: saves the session, as often as the losses are listed.
            tabs: the open pages.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._context, self._state, self._clock = context, context.state, context.advice_clock
        self._advice, self._fleet_tag, self._return_path = advice, fleet_tag, return_path
        self._risks, self._losses, self._session_restore, self._tabs = risks, losses, session_restore, tabs
        self._machine_poll, self._work_poll = PollInterval(), PollInterval()
        self._session_poll, self._return_poll = PollInterval(), PollInterval()
        self._clock_offset = 0.0
        self._idle: tuple[datetime, datetime] | None = None
        self._lost: list[Loss] = []
        self._aws_was_silent = False
        tabs.subscribe(self._pages_changed)
        context.descriptions.subscribe(self._described)
        self._write_return(Verification("assumed"))  # until the first poll: a page may ask before AWS has responded

    async def run(self) -> None:
        """Tick until canceled; a failed tick is logged and does not end the loop."""
        while True:
            try:
                await self.tick()
            except Exception:  # the next tick may succeed, and nothing else would report it
                self.log.exception("Could not update the state of this instance")
            await asyncio.sleep(self._clock.real_seconds(min(self.tick_seconds, self.watched_seconds)))

    async def tick(self) -> None:
        """Re-evaluate the advice, and poll everything that is due. Most ticks have nothing to do."""
        now = self._clock.now()
        if self._idle and self._idle[0] <= now < self._idle[1] and not self._clock_was_set():
            return
        is_known = self._context.boot_clock.last is not None
        if self._clock_was_set() or self._machine_poll.is_due(now, self._interval_seconds(is_known=is_known)):
            await self.refresh_machine()
        work: list[Awaitable[object]] = []  # first, even if AWS hangs: files newer than the first poll count as new
        interval = self.watched_seconds if self._tabs.is_watched else self.poll_seconds
        if self._work_poll.is_due(now, interval):
            work.append(self.refresh_work())
        if self._session_poll.is_due(now, interval):  # separate: a page's request refreshes the losses only
            self._session_poll.mark(now)
            work.append(self._session_restore.refresh())
        outcomes = await asyncio.gather(*work, return_exceptions=True)
        polls: list[Awaitable[object]] = [self._advice.poll()]
        if self._return_poll.is_due(now, self._interval_seconds(is_known=self._state["return_path"]["proof"] != "missing")):
            polls.append(self._refresh_return())
        outcomes += await asyncio.gather(*polls, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):  # one failure must not hide the others
                self.log.error("Could not refresh a part of the state", exc_info=outcome)
        await self._fleet_tag.publish()
        until = self._advice.next_change(now) or now + MAX_IDLE_TIME
        self._idle = now, min(until, now + MAX_IDLE_TIME, now + timedelta(seconds=self.watched_seconds))

    async def refresh_machine(self) -> None:
        """Read everything that needs no network, so that it is available immediately."""
        self._machine_poll.mark(self._clock.now())
        self._clock_offset = self._offset()
        await asyncio.to_thread(self._context.refresh_boot)
        self._state.update(software=await asyncio.to_thread(self._context.software.read))
        self._write_instance()
        await self._advice.poll({"age"})

    async def refresh_work(self) -> None:
        """Refresh the losses and the risks."""
        self._work_poll.mark(self._clock.now())
        booted, now = self._context.boot_clock.last, self._context.system_clock.now()
        risks = await asyncio.to_thread(self._risks.risks, booted, now)
        self._state.update(risks=[risk.to_json() for risk in risks])
        self._lost = list(await self._losses.list())
        self._write_work()

    def _interval_seconds(self, *, is_known: bool) -> float:
        return self.poll_seconds if is_known else min(self.poll_seconds, RECHECK_SECONDS)

    def _offset(self) -> float:
        clock = self._context.system_clock
        return clock.now().timestamp() - clock.monotonic()

    def _clock_was_set(self) -> bool:
        """Check whether the clock was set since the last poll, which also changes the boot time that Linux reports."""
        return abs(self._offset() - self._clock_offset) >= MIN_BOOT_DISTANCE.total_seconds()

    async def _refresh_return(self) -> None:
        self._return_poll.mark(self._clock.now())
        self._write_return(await self._return_path.verify())

    def _write_return(self, found: Verification) -> None:
        self._state.update(return_path={"kind": self._return_path.kind, "proof": found.proof, "reason": found.reason})

    def _described(self, description: Description | None) -> None:
        """Update the instance from AWS's response. After an outage, the return path is polled again too."""
        if description is None:
            self._aws_was_silent = True
            return
        if self._aws_was_silent:
            self._aws_was_silent = False
            self._return_poll.reset()
        self._write_instance(description)

    def _write_instance(self, description: Description | None = None) -> None:
        """Write the instance. Without a new description, the last status and platform stay."""
        identity = self._context.identity
        instance = {"status": None, "platform": None, "moves_to": None, **(self._state["instance"] or {})}
        if description is not None:
            target = description.moves_to(self._context.system_clock.now())
            instance |= {"status": description.status, "platform": description.platform, "moves_to": target}
        self._state.update(instance={**instance, **identity._asdict(), "console_url": identity.console_url})

    def _pages_changed(self) -> None:
        """Re-evaluate the advice at the next tick: what a user sees now counts from now on."""
        self._idle = None
        self._write_work()

    def _write_work(self) -> None:
        rescued = [{"path": path, "copy": copy} for path, copies in self._tabs.rescue_copies().items() for copy in copies]
        self._state.update(
            work={
                "documents": self._tabs.documents(),
                "losses": self._lost,
                "rescued": rescued,
                "lost_tabs": self._tabs.lost_pages(),
            }
        )
