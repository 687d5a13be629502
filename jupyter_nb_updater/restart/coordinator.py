"""Coordinates one restart at a time: takes requests, applies the state machine, writes the journal, starts the runner."""

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
from ..util.clock import SystemClock
from ..util.file_lock import FileLock
from ..util.tasks import cancel_all
from . import recovery
from .findings import Finding, from_aws
from .history import RestartHistory
from .idle import WaitReasons
from .machine import BOUNDS, CANCELLABLE, RUNNING, Event, Restart, RestartOrder, next_state, obstacle, overrun
from .request import RestartRequest, TooLate
from .runner import RestartRunner


class RestartCoordinator(LoggingConfigurable):
    """Holds the state of the restart. Each transition is on the disk before its effect happens (laws 2 and 8 of the design)."""

    def __init__(self, runner: RestartRunner, journal: Journal, clock: SystemClock, **kwargs: Any) -> None:
        """Create a coordinator. Call :meth:`resume` before anything else.

        Args:
            runner: carries out each phase.
            journal: where each transition is written first.
            clock: the wall clock.
            **kwargs: ``parent``, whose configuration this and its parts get.
        """
        super().__init__(**kwargs)
        self._runner, self._clock = runner, clock
        self._history = RestartHistory(journal, parent=self)
        self.restart = Restart()
        self.waiting_for: WaitReasons = []
        self._listeners: list[Callable[[str, Restart], None]] = []
        self._request = RestartRequest()
        self._is_cancel_requested = False
        self._booted: datetime | None = None
        self._lock = FileLock(Path(journal.directory) / "restart.lock")  # one restart among all servers of the volume
        self._transition = asyncio.Lock()  # a person's click must not fall between a record and its effect
        self._task: asyncio.Task[None] | None = None
        self._disarming: asyncio.Task[None] | None = None

    @property
    def outcome(self) -> dict[str, Any] | None:
        """The outcome of the last restart that came back, until somebody acknowledges it."""
        return self._history.outcome

    @property
    def usual_seconds(self) -> int | None:
        """How long a restart usually takes here; ``None`` as long as none has come back."""
        return self._history.usual_seconds

    def subscribe(self, listener: Callable[[str, Restart], None]) -> None:
        """Call ``listener`` with the name of each event and the restart after it.

        Args:
            listener: called on the event loop.
        """
        self._listeners.append(listener)

    async def resume(self, booted: datetime | None, boot: str | None = None) -> None:
        """Read from the journal what was under way before this start, and finish it, undo it or go on watching it.

        Args:
            booted: when the machine booted; ``None`` when that is not known.
            boot: id of that boot; every record names it from now on.
        """
        self._booted, self._history.boot = booted, boot
        async with self._transition:
            if await asyncio.to_thread(self._lock.acquire):
                await self._recover()
            else:
                self.log.warning("Another Jupyter server of this instance has a restart under way")
                self._notify("resumed")
        self._release_when_done()

    async def request(self, request: RestartRequest) -> None:
        """Begin a restart, or wait for its moment. The rest happens in the background and shows in the state document.

        Args:
            request: the restart that is asked for.

        Raises:
            TooLate: one is under way already, here or on another server of this volume.
        """
        async with self._transition:
            if not self._lock.locked:
                if not await asyncio.to_thread(self._lock.acquire):
                    raise TooLate("already-running", "another Jupyter server of this instance has a restart under way")
                await self._recover()  # another server may have left something behind meanwhile
            if self.restart.phase in RUNNING:
                raise TooLate("already-running", f"a restart is under way ({self.restart.phase})")
            self._cancel_step()  # of one that waits
            self._request, self._history.outcome, self._is_cancel_requested = request, None, False
            now = self._clock.now()
            order = RestartOrder(
                f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", request.by, request.when, request.without_return, now
            )
            consent = request.consent
            facts = {"losses": sorted(consent.losses), "confirmed": sorted(consent.confirmed), **request.facts}
            await self._apply(Event("scheduled" if request.unattended else "requested", order=order, facts=facts))
        self._start_steps()

    async def cancel(self) -> None:
        """Cancel the restart while that can be done, or acknowledge its outcome.

        While the return is being armed, the answer of AWS is waited for: only then there is something to disarm.

        Raises:
            TooLate: it is being stopped.
        """
        async with self._transition:
            if self.restart.phase == "arming":
                self._is_cancel_requested = True
            elif self.restart.phase in CANCELLABLE:
                self._cancel_step()
                await self._apply(Event("cancelled"))
            elif self.restart.phase in RUNNING:
                raise TooLate("too-late", f"the instance is already being stopped ({self.restart.phase})")
            else:
                self._history.outcome = None
                await self._apply(Event("acknowledged"))
        self._release_when_done()

    async def close(self) -> None:
        """Cancel the tasks, because the server ends. What was under way is in the journal."""
        await cancel_all([self._task, self._disarming])
        self._lock.release()

    async def _recover(self) -> None:
        records = await self._history.load()
        self.restart = recovery.replay(records)
        if order := self.restart.order:
            self._request = RestartRequest(order.by, without_return=order.stops_only, when=order.when)
        seen, is_new = recovery.last_sign_of_life(records), recovery.is_new_boot(records, self._history.boot)
        event = recovery.decide(self.restart, self._booted, seen, is_new=is_new)
        if event is not None:
            await self._apply(event)
        else:
            self._notify("resumed")
        self._disarm_leftover(records)
        self._start_steps()

    def _release_when_done(self) -> None:
        """Let another server restart, once nothing of this one is under way."""
        is_disarming = self._disarming is not None and not self._disarming.done()
        if self.restart.phase not in BOUNDS and not is_disarming and not self._transition.locked():
            self._lock.release()

    def _start_steps(self) -> None:
        if self.restart.phase in BOUNDS:
            self._task = asyncio.create_task(self._run_steps())

    def _cancel_step(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run_steps(self) -> None:
        while step := self._runner.step(self.restart, self._request, self._set_waiting_for):
            before, phase = self.restart, self.restart.phase
            try:
                event = await asyncio.wait_for(step, self._timeout_seconds(before))
            except asyncio.TimeoutError:
                event = overrun(phase)
            except AwsError as error:
                event = obstacle(phase, from_aws(error), {"request_id": error.request_id})
            except Exception as error:  # a bug of ours must end in a finding, with nothing stopped
                self.log.exception("The restart broke while %s", phase)
                event = obstacle(phase, Finding("unexpected", phase, repr(error)))
            await self._advance(before, event)

    def _timeout_seconds(self, restart: Restart) -> float:
        """Return how long a phase may take. Only ``waiting`` goes by the date: a clock that is set prolongs no other."""
        if restart.phase == "waiting" and restart.deadline is not None:
            return max(0.0, (restart.deadline - self._clock.now()).total_seconds())
        return float(BOUNDS[restart.phase])

    def _set_waiting_for(self, reasons: WaitReasons) -> None:
        if reasons != self.waiting_for:
            self.waiting_for = reasons
            self._notify("waits")

    def _notify(self, event: str) -> None:
        for listener in self._listeners:
            listener(event, self.restart)

    async def _advance(self, before: Restart, event: Event) -> None:
        async with self._transition:
            if self.restart is not before:  # a person was quicker: what this step found out is of no use any more
                raise asyncio.CancelledError
            if self._is_cancel_requested and event.name == "armed":
                event = Event("cancelled")
            await self._apply(event)
        self._release_when_done()

    async def _apply(self, event: Event) -> None:
        now = self._clock.now()  # the same time for the journal, the state and the listeners
        after = next_state(self.restart, event, now)
        if event.name == "returned":
            event = await self._history.with_outcome(event, self.restart, now)
        unwritten = await self._history.append(event, after, now)
        if unwritten is not None and after.phase in {"arming", "stopping"}:  # no evidence, no effect
            after = next_state(self.restart, obstacle(self.restart.phase, unwritten), self._clock.now())
        before, self.restart, self.waiting_for = self.restart, after, []
        self.log.info("Restart %s: %s, now %s", after.id, event.name, after.phase)
        if event.name == "returned" or after.phase == "failed" or (before.phase, after.phase) == ("arming", "idle"):
            self._disarm(after.id or "", returned=before.phase == "verifying")
        self._notify(event.name)

    def _disarm_leftover(self, records: list[Record]) -> None:
        """Disarm what a server that was ended has left armed; nothing to do while the return is still needed."""
        leftover = recovery.left_armed(records)
        if leftover is None or self._disarming is not None or self.restart.phase in recovery.RETURN_NEEDED_PHASES:
            return
        restart, armed = leftover
        if self._clock.now() < armed + timedelta(seconds=self._runner.arming.expiry_seconds + BOUNDS["arming"]):
            self._disarm(restart, returned=self._booted is not None and self._booted >= armed)

    def _disarm(self, restart: str, *, returned: bool) -> None:
        self._disarming = asyncio.create_task(self._runner.arming.disarm(restart, returned=returned))
        self._disarming.add_done_callback(lambda _: self._release_when_done())
