"""The effects of a restart: each phase has one step, whose event decides the next phase."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast

from traitlets import Float, Type
from traitlets.config import LoggingConfigurable

from ..clock import to_text
from ..instance.aws import Aws, AwsError
from ..instance.sagemaker import SageMaker
from ..journal import Journal
from ..work.kernels import Kernels
from ..work.tabs import Tabs
from . import recovery
from .findings import Finding, from_aws, from_round
from .machine import BOUNDS, CANCELLABLE, RUNNING, Event, Restart, next_state, overrun
from .preflight import examine
from .request import Request, TooLate
from .return_path import ReturnPath


class RestartRunner(LoggingConfigurable):
    """Runs one restart at a time, and finds out after a start what became of the last one."""

    return_path_class = Type(
        "jupyter_nb_updater.restart.return_path.stack.StackReturnPath",
        klass=ReturnPath,
        help="Who starts the instance again after a stop.",
    ).tag(config=True)
    round_seconds = Float(45.0, help="Seconds that the tabs have to save, read back and report.").tag(config=True)
    expiry_seconds = Float(3600.0, help="Seconds after which an armed return is void.").tag(config=True)
    settle_seconds = Float(60.0, help="Seconds to find out whether AWS took a stop whose answer was lost.").tag(config=True)
    poll_seconds = Float(5.0, help="Seconds between two looks at the instance, or two attempts to disarm.").tag(config=True)

    def __init__(
        self,
        *,
        sagemaker: SageMaker,
        aws: Aws,
        tabs: Tabs,
        kernels: Kernels,
        journal: Journal,
        software: Callable[[], dict[str, str]],
        keep: Callable[[], None],
        now: Callable[[], datetime],
        changed: Callable[[str, Restart], None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sagemaker, self.tabs, self.kernels, self.journal = sagemaker, tabs, kernels, journal
        make_return_path = cast("type[ReturnPath]", self.return_path_class)
        self.return_path = make_return_path(sagemaker, aws, parent=self)
        self._software, self._keep, self._now, self._changed = software, keep, now, changed
        self.restart = Restart()
        self.outcome: dict[str, Any] | None = None
        self._request = Request(by="", losses=frozenset(), without_return=False, facts={})
        self._unwritten: Finding | None = None
        self._transition = asyncio.Lock()  # a person's click must not fall between a record and its effect
        self._task: asyncio.Task[None] | None = None
        self._disarming: asyncio.Task[None] | None = None

    async def resume(self, booted: datetime | None) -> None:
        """First thing after a start: read from the journal what was under way, and finish, undo or go on watching it."""
        records = await asyncio.to_thread(self.journal.records)
        self.restart = recovery.replay(records)
        self.outcome = recovery.outcome(records)
        event = recovery.decide(self.restart, booted)
        if event is not None:
            await self._advance(self.restart, event)
        else:
            self._changed("resumed", self.restart)
        self._run()

    async def request(self, request: Request) -> None:
        """Begin. The rest happens in the background and shows in the state document.

        Raises:
            TooLate: one is under way already.
        """
        async with self._transition:
            if self.restart.phase in RUNNING:
                raise TooLate(f"a restart is under way ({self.restart.phase})")
            self._request, self._unwritten, self.outcome = request, None, None
            identifier = f"{self._now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
            facts = {"by": request.by, "losses": sorted(request.losses), **request.facts}
            await self._apply(Event("requested", id=identifier, stops_only=request.without_return, facts=facts))
        self._run()

    async def cancel(self) -> None:
        """Take back what can be taken back, or acknowledge what was told.

        Raises:
            TooLate: it is being armed or stopped.
        """
        async with self._transition:
            if self.restart.phase in CANCELLABLE:
                if self._task is not None:
                    self._task.cancel()
                await self._apply(Event("cancelled"))
            elif self.restart.phase in RUNNING:
                raise TooLate(f"the instance is already being stopped ({self.restart.phase})")
            else:
                self.outcome = None
                await self._apply(Event("acknowledged"))

    async def close(self) -> None:
        """The server ends. What was under way is in the journal."""
        tasks = [task for task in (self._task, self._disarming) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self) -> None:
        if self.restart.phase in RUNNING:
            self._task = asyncio.create_task(self._steps())

    async def _steps(self) -> None:
        steps: dict[str, Callable[[], Awaitable[Event]]] = {
            "preflight": self._preflight,
            "saving": self._save,
            "arming": self._arm,
            "stopping": self._stop,
            "away": self._watch_it_go,
            "verifying": self._verify,
        }
        while step := steps.get(self.restart.phase):
            before, phase = self.restart, self.restart.phase
            try:
                event = await asyncio.wait_for(step(), BOUNDS[phase])
            except asyncio.TimeoutError:
                event = overrun(phase)
            except AwsError as error:
                event = Event("refused" if phase in CANCELLABLE else "failed", (from_aws(error),))
            except Exception as error:  # a bug of ours must end in words, with nothing stopped
                self.log.exception("The restart broke while %s", phase)
                event = Event("refused" if phase in CANCELLABLE else "failed", (Finding("unexpected", phase, repr(error)),))
            await self._advance(before, event)

    async def _advance(self, before: Restart, event: Event) -> None:
        async with self._transition:
            if self.restart is not before:  # a person was quicker: what this step found out is of no use any more
                raise asyncio.CancelledError
            await self._apply(event)

    async def _apply(self, event: Event) -> None:
        after = next_state(self.restart, event, self._now())
        evidence = {"restart": after.id, "stops_only": after.stops_only, **event.facts}
        evidence["findings"] = [finding.to_json() for finding in event.findings]
        try:
            await asyncio.to_thread(self.journal.append, event.name, self._now(), **evidence)
        except OSError as error:
            self.log.error("The journal %s cannot be written: %s", self.journal.path, error)
            self._unwritten = Finding("journal-not-written", str(self.journal.path), str(error))
            if after.phase in {"arming", "stopping"}:  # no evidence, no effect
                blocked = Event("refused" if after.phase == "arming" else "failed", (self._unwritten,))
                after = next_state(self.restart, blocked, self._now())
        self.restart = after
        self.log.info("Restart %s: %s, now %s", after.id, event.name, after.phase)
        if after.phase == "failed":
            self._disarming = asyncio.create_task(self._disarm())
        self._changed(event.name, after)

    async def _preflight(self) -> Event:
        description, proof, losses = await asyncio.gather(
            self.sagemaker.describe(), self.return_path.verify(), self.kernels.losses()
        )
        request = self._request
        findings = examine(
            description, proof, self.return_path.kind, losses, request.losses, without_return=request.without_return
        )
        return Event("refused", tuple(findings)) if findings else Event("cleared", facts={"return_path": proof})

    async def _save(self) -> Event:
        answers = await self.tabs.round(self.restart.id or "", self.round_seconds)
        documents = [document for answer in answers for document in answer.documents]
        findings = from_round(answers)
        if self._unwritten is not None:
            findings.append(self._unwritten)
        if findings:
            return Event("refused", tuple(findings), facts={"documents": documents})
        await asyncio.to_thread(self._keep)
        return Event("saved", facts={"documents": documents})

    async def _arm(self) -> Event:
        until = self._now() + timedelta(seconds=self.expiry_seconds)
        if self.restart.stops_only:
            return Event("armed")
        await self.return_path.arm(self.restart.id or "", until)
        return Event("armed", facts={"until": to_text(until)})

    async def _stop(self) -> Event:
        try:
            return Event("accepted", facts={"request_id": await self.sagemaker.stop()})
        except AwsError as error:
            # A lost answer, or "Stopping" as the wrong state, can mean that an earlier attempt was taken.
            if error.code in {"unreachable", "wrong-state"} and await self._is_going_down():
                return Event("accepted")
            return Event("failed", (from_aws(error),))

    async def _is_going_down(self) -> bool:
        async def status() -> str:
            while True:
                try:
                    return (await self.sagemaker.describe()).status
                except AwsError:
                    await asyncio.sleep(self.poll_seconds)

        try:
            return await asyncio.wait_for(status(), self.settle_seconds) in {"Stopping", "Stopped"}
        except asyncio.TimeoutError:
            return False

    async def _watch_it_go(self) -> Event:
        """This process normally ends in here, with the machine."""
        while True:
            await asyncio.sleep(self.poll_seconds)
            try:
                description = await self.sagemaker.describe()
            except AwsError:
                continue
            if description.status == "InService":
                return Event("failed", (Finding("stop-not-carried-out", description.status),))

    async def _verify(self) -> Event:
        software = await asyncio.to_thread(self._software)
        self._disarming = asyncio.create_task(self._disarm())
        event = Event("returned", facts={"software": software})
        records = await asyncio.to_thread(self.journal.records)
        self.outcome = recovery.outcome([*records, {"event": "returned", "time": to_text(self._now()), **event.facts}])
        return event

    async def _disarm(self) -> None:
        """Until it is done or void: an armed return must not outlive its restart."""
        until = self._now() + timedelta(seconds=self.expiry_seconds)
        while self._now() < until:
            try:
                await self.return_path.disarm()
            except AwsError as error:
                self.log.warning("The return could not be disarmed yet: %s", error)
                await asyncio.sleep(self.poll_seconds)
            else:
                return
