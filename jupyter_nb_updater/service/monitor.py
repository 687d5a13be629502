"""Keeps the state document true: looks at the instance, at the advice and at the work, and writes down what it sees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.boot_time import MIN_BOOT_DISTANCE, BootClock
from ..instance.cached_description import DescriptionCache
from ..instance.metadata import Identity
from ..instance.sagemaker import Description
from ..instance.software import Software
from ..losses.loss import Loss
from ..losses.losses import LossInventory
from ..restart.return_path import Proof, ReturnPath
from ..restart.risks import RiskMonitor
from ..saving.tabs import Tabs
from ..state import StateDocument
from ..util.interval import PollInterval
from ..util.simulated_clock import AdviceClock
from .advice import AdviceService
from .fleet_tag import FleetTagPublisher

SOON = timedelta(minutes=15)
"""A return path that is missing may be about to be made, and a clock that makes no sense to be set."""

CALM = timedelta(minutes=5)
"""For so long a tick has nothing to do, unless a time has come that was known before, or a page."""


class StateMonitor(LoggingConfigurable):
    """The only writer of ``instance``, ``software``, ``return_path``, ``risks`` and ``work``.

    Time passes at every tick, and that costs next to nothing; a look at anything else has a rhythm of its own.
    """

    tick_seconds = Float(60.0, min=1.0, help="Seconds between two judgements by the time that has passed.").tag(config=True)
    interval_seconds = Float(
        1800.0,
        min=1.0,
        help="Seconds between two looks at what a restart would destroy, while a page is open, which looks itself.",
    ).tag(config=True)
    look_seconds = Float(
        3600.0,
        min=1.0,
        help="Seconds between two looks at the machine and at the return path, "
        "and, while no page is open, at what a restart would destroy.",
    ).tag(config=True)

    def __init__(
        self,
        *,
        identity: Identity,
        advising: AdviceService,
        boot_clock: BootClock,
        software: Software,
        view: DescriptionCache,
        publishing: FleetTagPublisher,
        return_path: ReturnPath,
        outlook: RiskMonitor,
        losses: LossInventory,
        keep: Callable[[], Awaitable[None]],
        tabs: Tabs,
        state: StateDocument,
        clock: AdviceClock,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        """Args: the parts; what saves the session; the clock of advice and rhythms; the wall clock; one that nobody sets."""
        super().__init__(**kwargs)
        self.advising = advising
        self._identity, self._boot_clock, self._software = identity, boot_clock, software
        self._view, self._publishing = view, publishing
        self._return_path, self._tabs = return_path, tabs
        self._outlook, self._losses, self._state, self._clock, self._now = outlook, losses, state, clock, now
        self._keep = keep
        self._machine, self._work, self._session, self._return = PollInterval(), PollInterval(), PollInterval(), PollInterval()
        self._monotonic, self._offset = monotonic, 0.0
        self._calm: tuple[datetime, datetime] | None = None
        self._lost: list[Loss] = []
        self._cut_off = False
        tabs.subscribe(self._page_moved)
        view.subscribe(self._aws_has_answered)
        self._write_return("assumed")  # until it was looked at: a page asks before AWS has answered

    async def forever(self) -> None:
        """Tick, again and again; a tick that fails is logged and does not end the watching."""
        while True:
            try:
                await self.tick()
            except Exception:  # the next one may be luckier, and nobody else would tell
                self.log.exception("Could not bring the state of this instance up to date")
            await asyncio.sleep(self._clock.real_seconds(min(self.tick_seconds, self.interval_seconds)))

    async def tick(self) -> None:
        """Judge by the time that has passed, and look at what was not looked at for long. Mostly there is nothing to do."""
        now = self._clock.now()
        if self._calm and self._calm[0] <= now < self._calm[1] and not self._clock_was_set():
            return
        if self._clock_was_set() or self._machine.is_due(now, self._patience(is_known=self._boot_clock.last is not None)):
            await self.look_at_machine()
        work: list[Awaitable[object]] = []  # at once, whatever else hangs: what is newer than the first look counts as new
        interval = self.interval_seconds if self._tabs.is_watched else self.look_seconds
        if self._work.is_due(now, interval):
            work.append(self.look_at_work())
        if self._session.is_due(now, interval):  # apart: a page that asks looks at the work, and keeps nothing
            self._session.mark(now)
            work.append(self._keep())
        outcomes = await asyncio.gather(*work, return_exceptions=True)
        looks: list[Awaitable[object]] = [self.advising.poll()]
        if self._return.is_due(now, self._patience(is_known=self._state["return_path"]["proof"] != "missing")):
            looks.append(self._look_for_return())
        outcomes += await asyncio.gather(*looks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):  # one that cannot be seen must not hide the others
                self.log.error("Could not look at everything", exc_info=outcome)
        await self._publishing.publish(
            self._view.last.arn if self._view.last else None, self._clock.booted(self._boot_clock.last)
        )
        until = self.advising.next_change(now) or now + CALM
        self._calm = now, min(until, now + CALM, now + timedelta(seconds=self.interval_seconds))

    async def look_at_machine(self) -> None:
        """Everything that needs no network: there at once, whatever else hangs."""
        self._machine.mark(self._clock.now())
        self._offset = self._now().timestamp() - self._monotonic()
        await asyncio.to_thread(self._boot_clock.refresh, self._now())
        self._state.update(software=await asyncio.to_thread(self._software.read))
        self._write_instance()
        await self.advising.poll({"age"})

    async def look_at_work(self) -> None:
        """Count the losses afresh, and look what may go wrong."""
        self._work.mark(self._clock.now())
        risks = await asyncio.to_thread(self._outlook.risks, self._boot_clock.last, self._now())
        self._state.update(risks=[risk.to_json() for risk in risks])
        self._lost = list(await self._losses.list())
        self._write_work()

    def _patience(self, *, is_known: bool) -> float:
        return self.look_seconds if is_known else min(self.look_seconds, SOON.total_seconds())

    def _clock_was_set(self) -> bool:
        """Since the machine was looked at: the boot time is another one then, as Linux tells it."""
        offset = self._now().timestamp() - self._monotonic()
        return abs(offset - self._offset) >= MIN_BOOT_DISTANCE.total_seconds()

    async def _look_for_return(self) -> None:
        self._return.mark(self._clock.now())
        self._write_return(await self._return_path.verify())

    def _write_return(self, proof: Proof) -> None:
        self._state.update(return_path={"kind": self._return_path.kind, "proof": proof})

    def _aws_has_answered(self, description: Description | None) -> None:
        """After a time without an answer, what else was asked meanwhile is not known either."""
        if description is None:
            self._cut_off = True
            return
        if self._cut_off:
            self._cut_off = False
            self._return.reset()
        self._write_instance(description)

    def _write_instance(self, seen: Description | None = None) -> None:
        """What AWS said last stays until it says something else."""
        told = {"status": None, "platform": None, "moves_to": None, **(self._state["instance"] or {})}
        if seen is not None:
            target = seen.moves_to(self._now())
            told |= {"status": seen.status, "platform": seen.platform, "moves_to": target}
        self._state.update(instance={**told, **self._identity._asdict(), "console_url": self._identity.console_url})

    def _page_moved(self) -> None:
        """What is shown to somebody now counts from now on."""
        self._calm = None
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
