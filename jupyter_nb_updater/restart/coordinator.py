"""One restart at a time: takes requests, applies the machine, writes the journal, and has the runner do the rest."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from traitlets.config import LoggingConfigurable

from ..instance.aws import AwsError
from ..journal import Journal, Record
from ..util.file_lock import FileLock
from ..util.tasks import cancel_all
from . import recovery
from .findings import Finding, from_aws
from .history import RestartHistory
from .idle import Reasons
from .machine import BOUNDS, CANCELLABLE, RUNNING, Event, Restart, RestartOrder, next_state, obstacle, overrun
from .request import RestartRequest, TooLate
from .runner import RestartRunner


class RestartCoordinator(LoggingConfigurable):
    """Where the restart stands. Every transition is on the disk before its effect happens (law 2 and law 8 of the design)."""

    def __init__(
        self,
        *,
        runner: RestartRunner,
        journal: Journal,
        now: Callable[[], datetime],
        changed: Callable[[str, Restart], None],
        **kwargs: Any,
    ) -> None:
        """Args: the parts; ``changed`` is told the name of each event and the restart after it."""
        super().__init__(**kwargs)
        self._runner, self._now, self._changed = runner, now, changed
        self._evidence = RestartHistory(journal, parent=self)
        self.restart = Restart()
        self.waiting_for: Reasons = []
        self._request = RestartRequest()
        self._taken_back = False
        self._booted: datetime | None = None
        self._lock = FileLock(Path(journal.directory) / "restart.lock")
        self._transition = asyncio.Lock()  # a person's click must not fall between a record and its effect
        self._task: asyncio.Task[None] | None = None
        self._disarming: asyncio.Task[None] | None = None

    @property
    def outcome(self) -> dict[str, Any] | None:
        """What came of the last restart that is back, until somebody has acknowledged it."""
        return self._evidence.outcome

    @property
    def usual_seconds(self) -> int | None:
        """How long one usually takes here."""
        return self._evidence.usual_seconds

    async def resume(self, booted: datetime | None, boot: str | None = None) -> None:
        """First thing after a start: read from the journal what was under way, and finish, undo or go on watching it.

        Args:
            booted: when the machine booted; ``None`` when that is not known.
            boot: which boot that was; every record names it from now on.
        """
        self._booted, self._evidence.boot = booted, boot
        async with self._transition:
            if await asyncio.to_thread(self._lock.acquire):
                await self._follow_up()
            else:
                self.log.warning("Another Jupyter server of this instance has a restart under way")
                self._changed("resumed", self.restart)
        self._rest()

    async def request(self, request: RestartRequest) -> None:
        """Begin, or wait for the moment. The rest happens in the background and shows in the state document.

        Raises:
            TooLate: one is under way already, here or on another server of this volume.
        """
        async with self._transition:
            if not self._lock.locked:
                if not await asyncio.to_thread(self._lock.acquire):
                    raise TooLate("already-running", "another Jupyter server of this instance has a restart under way")
                await self._follow_up()  # another server may have left something behind meanwhile
            if self.restart.phase in RUNNING:
                raise TooLate("already-running", f"a restart is under way ({self.restart.phase})")
            self._drop_step()  # of one that waits
            self._request, self._evidence.outcome, self._taken_back = request, None, False
            now = self._now()
            order = RestartOrder(
                f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", request.by, request.when, request.without_return, now
            )
            consent = request.consent
            facts = {"losses": sorted(consent.losses), "confirmed": sorted(consent.confirmed), **request.facts}
            await self._apply(Event("scheduled" if request.unattended else "requested", order=order, facts=facts))
        self._run()

    async def cancel(self) -> None:
        """Take back what can be taken back, or acknowledge what was told.

        While it is being armed, the answer of AWS is waited for: only then there is something to disarm.

        Raises:
            TooLate: it is being stopped.
        """
        async with self._transition:
            if self.restart.phase == "arming":
                self._taken_back = True
            elif self.restart.phase in CANCELLABLE:
                self._drop_step()
                await self._apply(Event("cancelled"))
            elif self.restart.phase in RUNNING:
                raise TooLate("too-late", f"the instance is already being stopped ({self.restart.phase})")
            else:
                self._evidence.outcome = None
                await self._apply(Event("acknowledged"))
        self._rest()

    async def close(self) -> None:
        """The server ends. What was under way is in the journal."""
        await cancel_all([self._task, self._disarming])
        self._lock.release()

    async def _follow_up(self) -> None:
        records = await self._evidence.recall()
        self.restart = recovery.replay(records)
        if order := self.restart.order:
            self._request = RestartRequest(order.by, without_return=order.stops_only, when=order.when)
        seen, is_new = recovery.last_sign_of_life(records), recovery.is_new_boot(records, self._evidence.boot)
        event = recovery.decide(self.restart, self._booted, seen, is_new=is_new)
        if event is not None:
            await self._apply(event)
        else:
            self._changed("resumed", self.restart)
        self._disarm_what_is_left(records)
        self._run()

    def _rest(self) -> None:
        """Once nothing of ours is under way, another server may have its turn."""
        is_disarming = self._disarming is not None and not self._disarming.done()
        if self.restart.phase not in BOUNDS and not is_disarming and not self._transition.locked():
            self._lock.release()

    def _run(self) -> None:
        if self.restart.phase in BOUNDS:
            self._task = asyncio.create_task(self._steps())

    def _drop_step(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _steps(self) -> None:
        while step := self._runner.step(self.restart, self._request, self._wait_for):
            before, phase = self.restart, self.restart.phase
            try:
                event = await asyncio.wait_for(step, self._bound(before))
            except asyncio.TimeoutError:
                event = overrun(phase)
            except AwsError as error:
                event = obstacle(phase, from_aws(error), {"request_id": error.request_id})
            except Exception as error:  # a bug of ours must end in words, with nothing stopped
                self.log.exception("The restart broke while %s", phase)
                event = obstacle(phase, Finding("unexpected", phase, repr(error)))
            await self._advance(before, event)

    def _bound(self, restart: Restart) -> float:
        """Seconds. Only waiting goes by the date: the others must not last longer because a clock was set."""
        if restart.phase == "waiting" and restart.deadline is not None:
            return max(0.0, (restart.deadline - self._now()).total_seconds())
        return float(BOUNDS[restart.phase])

    def _wait_for(self, reasons: Reasons) -> None:
        if reasons != self.waiting_for:
            self.waiting_for = reasons
            self._changed("waits", self.restart)

    async def _advance(self, before: Restart, event: Event) -> None:
        async with self._transition:
            if self.restart is not before:  # a person was quicker: what this step found out is of no use any more
                raise asyncio.CancelledError
            if self._taken_back and event.name == "armed":
                event = Event("cancelled")
            await self._apply(event)
        self._rest()

    async def _apply(self, event: Event) -> None:
        now = self._now()  # one time for all that is told of it
        after = next_state(self.restart, event, now)
        if event.name == "returned":
            event = await self._evidence.judged(event, self.restart, now)
        unwritten = await self._evidence.write(event, after, now)
        if unwritten is not None and after.phase in {"arming", "stopping"}:  # no evidence, no effect
            after = next_state(self.restart, obstacle(self.restart.phase, unwritten), self._now())
        before, self.restart, self.waiting_for = self.restart, after, []
        self.log.info("Restart %s: %s, now %s", after.id, event.name, after.phase)
        if event.name == "returned" or after.phase == "failed" or (before.phase, after.phase) == ("arming", "idle"):
            self._disarm(after.id or "", returned=before.phase == "verifying")
        self._changed(event.name, after)

    def _disarm_what_is_left(self, records: list[Record]) -> None:
        """Once more, for a server that was ended before AWS had taken it; nothing to do while the return is still needed."""
        left = recovery.left_armed(records)
        if left is None or self._disarming is not None or self.restart.phase in recovery.ON_ITS_WAY:
            return
        restart, armed = left
        if self._now() < armed + timedelta(seconds=self._runner.arming.expiry_seconds + BOUNDS["arming"]):
            self._disarm(restart, returned=self._booted is not None and self._booted >= armed)

    def _disarm(self, restart: str, *, returned: bool) -> None:
        self._disarming = asyncio.create_task(self._runner.arming.disarm(restart, returned=returned))
        self._disarming.add_done_callback(lambda _: self._rest())
