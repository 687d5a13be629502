"""Asks the sources, judges, and writes down what it comes to: the only writer of ``advice``, ``policy`` and ``hold``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container
from datetime import datetime
from typing import Any

from traitlets.config import LoggingConfigurable

from ..advice.advise import Advice
from ..advice.adviser import Adviser
from ..advice.hold import Hold, Holds
from ..journal import Journal
from ..signals.poller import SourcePoller
from ..state import StateDocument
from ..util.clock import utcnow


class AdviceService(LoggingConfigurable):
    """What this instance is advised, as everyone is told it, and as the journal remembers it."""

    def __init__(
        self,
        *,
        adviser: Adviser,
        holds: Holds,
        lookout: SourcePoller,
        journal: Journal,
        state: StateDocument,
        booted: Callable[[], datetime | None],
        follow: Callable[[Advice], Awaitable[None]],
        is_watched: Callable[[], bool],
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        """Args: the parts; when the machine booted; who acts on advice; whether a page is open; the clock of advice."""
        super().__init__(**kwargs)
        self._adviser, self._holds, self._lookout = adviser, holds, lookout
        self._journal, self._state = journal, state
        self._booted, self._follow, self._is_watched, self._now = booted, follow, is_watched, now
        self.advice: Advice | None = None

    async def look(self, names: Container[str] | None = None) -> Advice:
        """Ask the sources whose answers are old, and judge.

        Args:
            names: of the sources to ask; ``None`` for all.
        """
        before = self._adviser.limits
        await self._lookout.look(self._now(), names)
        if self._adviser.limits != before:  # the organization has said something new meanwhile
            await self._lookout.look(self._now(), {"age"})
        advice = self.judge()
        await self._remember_what_is_shown(advice)
        await self._follow(advice)
        return advice

    def judge(self) -> Advice:
        """Judge anew by what is known, and write it down."""
        now = self._now()
        hold = self.hold
        advice = self._adviser.advise(self._lookout.signals, self._booted(), hold, now)
        self.advice = advice
        told = advice.to_json()
        is_news = _but_for_times(told) != _but_for_times(self._state["advice"])  # that it was looked at once more is none
        write = self._state.update if is_news else self._state.refresh
        write(advice=told)
        self._state.update(policy=self._adviser.policy.to_json(), hold=hold.to_json() if hold else None)
        return advice

    def next_change(self, now: datetime) -> datetime | None:
        """When something that is known already makes a difference: a deadline, a hold, the window's end, a source's turn."""
        advice, hold, window = self.advice, self.hold, self._adviser.policy.window
        moments = [
            self._lookout.again,
            hold.until if hold else None,
            window.until(now) if window else None,
            *(moment for _, moment in (advice.plan if advice else ())),
            advice.deferral.until if advice and advice.deferral else None,
        ]
        return min((moment for moment in moments if moment is not None and moment > now), default=None)

    @property
    def hold(self) -> Hold | None:
        """The hold in force."""
        return self._holds.current(self._now())

    async def defer(self) -> bool:
        """Remind later, and remember that in the journal; ``False`` when the deadline has passed."""
        deferral = self._adviser.defer(await self.look({"age"}), self._now())
        if deferral is None:
            return False
        self.judge()
        await self._remember("deferred", **deferral.to_json())
        return True

    async def set_hold(self, by: str, reason: str, until: datetime) -> None:
        """Nothing restarts by itself until then, and whoever restarts is told why not.

        Raises:
            MalformedRequest: it would end in the past, or too late, or this person may not.
        """
        hold = self._holds.set(by, reason, until, self._now())
        self.judge()
        await self._remember("held", **hold.to_json())

    async def release(self, by: str) -> None:
        """End the hold."""
        self._holds.release()
        self.judge()
        await self._remember("released", by=by)

    def recall(self, records: list[dict[str, Any]]) -> None:
        """Take what is remembered from the journal."""
        self._adviser.recall(records)
        self._holds.recall(records)

    async def _remember_what_is_shown(self, advice: Advice) -> None:
        """Only what a person could see counts: their grace begins with it, and it moves no more without a word."""
        if self._is_watched() and (news := self._adviser.show(advice, self._now())):
            await self._remember("shown", stage=advice.stage, **news)
            self.judge()

    async def _remember(self, event: str, **facts: Any) -> None:
        try:
            await asyncio.to_thread(self._journal.append, event, utcnow(), **facts)
        except OSError as error:  # it is in force as long as this server runs, and forgotten with it
            self.log.error("%r could not be written to the journal: %s", event, error)


def _but_for_times(advice: dict[str, Any] | None) -> dict[str, Any] | None:
    if advice is None:
        return None
    signals = [{**signal, "checked": None} for signal in advice["signals"]]
    return {**advice, "signals": signals}
