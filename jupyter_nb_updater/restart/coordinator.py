"""Coordinate one restart at a time: accept requests, apply the state machine, write the journal, run each phase."""

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
    """Hold the state of the restart. Each transition is on disk before its effect happens (laws 2 and 8 of the design)."""

    def __init__(self, runner: RestartRunner, journal: Journal, clock: SystemClock, **kwargs: Any) -> None:
        """Create a coordinator. Call :meth:`resume` first.

        Args:
            runner: runs each phase.
            journal: records each transition before it takes effect.
            clock: the wall clock.
            **kwargs: traits, and the ``parent`` whose configuration applies.
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
        self._transition = asyncio.Lock()  # no click may come between a record and its effect
        self._task: asyncio.Task[None] | None = None
        self._disarming: asyncio.Task[None] | None = None

    @property
    def outcome(self) -> dict[str, Any] | None:
        """Outcome of the last completed restart, until a user acknowledges it."""
        return self._history.outcome

    @property
    def usual_seconds(self) -> int | None:
        """Typical duration of a restart in seconds; ``None`` until one has completed."""
        return self._history.usual_seconds

    def subscribe(self, listener: Callable[[str, Restart], None]) -> None:
        """Call ``listener`` with the name of each event and the resulting state.

        Args:
            listener: called on the event loop.
        """
        self._listeners.append(listener)

    async def resume(self, booted: datetime | None, boot: str | None = None) -> None:
        """Recover the restart in progress from the journal: finish it, undo it, or keep watching it.

        Args:
            booted: time of the last boot; ``None`` if unknown.
            boot: id of the current boot, included in every record from now on.
        """
        self._booted, self._history.boot = booted, boot
        async with self._transition:
            if await asyncio.to_thread(self._lock.acquire):
                await self._recover()
            else:
                self.log.warning("Another Jupyter server on this instance has a restart in progress")
                self._notify("resumed")
        self._release_when_done()

    async def request(self, request: RestartRequest) -> None:
        """Begin or schedule a restart. It continues in the background, and the state document shows its progress.

        Args:
            request: the requested restart.

        Raises:
            TooLate: a restart is in progress, in this server or in another server on the same volume.
        """
        async with self._transition:
            if not self._lock.locked:
                if not await asyncio.to_thread(self._lock.acquire):
                    raise TooLate("already-running", "another Jupyter server on this instance has a restart in progress")
                await self._recover()  # another server may have left a restart behind meanwhile
            if self.restart.phase in RUNNING:
                raise TooLate("already-running", f"a restart is already in progress ({self.restart.phase})")
            now = self._clock.now()
            order = RestartOrder(
                f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}", request.by, request.when, request.without_return, now
            )
            consent = request.consent
            facts = {"losses": sorted(consent.losses), "confirmed": sorted(consent.confirmed), **request.facts}
            await self._apply(Event("scheduled" if request.unattended else "requested", order=order, facts=facts))
            self._cancel_step()  # of a scheduled restart: not before the record, without which that one goes on
            self._request, self._is_cancel_requested = request, False
        self._start_steps()

    async def cancel(self) -> None:
        """Cancel the restart while possible, or acknowledge its outcome.

        While the return is being armed, cancel only after AWS has responded, because only then can it be disarmed.

        Raises:
            TooLate: the instance is already stopping.
        """
        async with self._transition:
            if self.restart.phase == "arming":
                self._is_cancel_requested = True
            elif self.restart.phase in CANCELLABLE:
                await self._apply(Event("cancelled"))
                self._cancel_step()
            elif self.restart.phase in RUNNING:
                raise TooLate("too-late", f"the instance is already stopping ({self.restart.phase})")
            else:
                await self._apply(Event("acknowledged"))
        self._release_when_done()

    async def close(self) -> None:
        """Cancel the tasks when the server shuts down. The journal keeps a restart in progress."""
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
        """Release the lock for other servers once nothing is in progress here."""
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
            except Exception as error:  # a bug must end in a finding, not in a stop
                self.log.exception("Unexpected error in the phase %s of the restart", phase)
                event = obstacle(phase, Finding("unexpected", phase, repr(error)))
            await self._advance(before, event)

    def _timeout_seconds(self, restart: Restart) -> float:
        """Return the time limit of a phase.

        Only ``waiting`` uses the wall clock, so that setting the clock prolongs no other phase.
        """
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
            if self.restart is not before:  # canceled or replaced meanwhile: the result of this step is obsolete
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
        if event.order is not None or event.name == "acknowledged":
            self._history.outcome = None
        if unwritten is not None and after.phase in {"arming", "stopping"}:  # without evidence, no effect
            after = next_state(self.restart, obstacle(self.restart.phase, unwritten), self._clock.now())
        before, self.restart, self.waiting_for = self.restart, after, []
        self.log.info("Restart %s: %s, now %s", after.id, event.name, after.phase)
        if event.name == "returned" or after.phase == "failed" or (before.phase, after.phase) == ("arming", "idle"):
            self._disarm(after.id or "", returned=before.phase == "verifying")
        self._notify(event.name)

    def _disarm_leftover(self, records: list[Record]) -> None:
        """Disarm a return that an earlier server process left armed, unless it is still needed."""
        leftover = recovery.left_armed(records)
        if leftover is None or self._disarming is not None or self.restart.phase in recovery.RETURN_NEEDED_PHASES:
            return
        restart, armed = leftover
        if self._clock.now() < armed + timedelta(seconds=self._runner.arming.expiry_seconds + BOUNDS["arming"]):
            self._disarm(restart, returned=self._booted is not None and self._booted >= armed)

    def _disarm(self, restart: str, *, returned: bool) -> None:
        self._disarming = asyncio.create_task(self._runner.arming.disarm(restart, returned=returned))
        self._disarming.add_done_callback(lambda _: self._release_when_done())
