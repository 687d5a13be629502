"""The effects of a restart: one step for each phase, which ends in the event that decides the next phase."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, cast

from traitlets import Float, Type
from traitlets.config import LoggingConfigurable

from ..instance.aws import AwsError
from ..instance.context import InstanceContext
from ..instance.sagemaker import GOING_DOWN
from ..instance.software import Software
from ..losses.inventory import LossInventory
from .findings import Finding, from_aws
from .idle import CurrentAdvice, IdleWaiter, WaitReasons
from .machine import REQUIRED, Event, Restart
from .preflight import PreflightFacts, examine, is_transient, losses_for_journal, unconfirmed
from .request import RestartRequest
from .return_path import ReturnPath
from .return_path.arming import Arming
from .risks import RiskMonitor
from .save_round import SaveRound

RETURN_PATH = "jupyter_nb_updater.restart.return_path.stack.StackReturnPath"


class BeforeStop(Protocol):
    """Something that must be on the volume before the instance stops."""

    def save(self) -> None:
        """Write it. Called in a thread."""


class RestartRunner(LoggingConfigurable):
    """Checks, saves, arms, stops and verifies. Where a restart stands is passed in."""

    return_path_class = Type(RETURN_PATH, klass=ReturnPath, help="Who starts the instance again after a stop.").tag(config=True)
    outcome_timeout_seconds = Float(10.0, help="Seconds to find out how the return path itself says that a return ended.").tag(
        config=True
    )
    settle_seconds = Float(60.0, help="Seconds to find out whether AWS took a stop whose answer was lost.").tag(config=True)
    poll_seconds = Float(5.0, help="Seconds between two looks at the instance.").tag(config=True)

    def __init__(
        self,
        *,
        instance: InstanceContext,
        saving: SaveRound,
        losses: LossInventory,
        advice: CurrentAdvice,
        risks: RiskMonitor,
        software: Software,
        before_stop: Iterable[BeforeStop],
        **kwargs: Any,
    ) -> None:
        """Create a runner.

        Args:
            instance: the instance to restart: its AWS clients and its clock.
            saving: has every tab save, and verifies it.
            losses: lists what a restart would destroy now.
            advice: knows the hold in force, and whether a policy requires a restart.
            risks: knows when a restart came back last.
            software: reads the installed versions.
            before_stop: what to save besides the documents.
            **kwargs: ``parent``, whose configuration this and its parts get.
        """
        super().__init__(**kwargs)
        self._sagemaker, self._clock = instance.sagemaker, instance.system_clock
        self._saving, self._losses, self._advice = saving, losses, advice
        self._risks, self._software, self._before_stop = risks, software, tuple(before_stop)
        self._idle = IdleWaiter(losses, advice, self._clock, parent=self)
        return_path_class = cast("type[ReturnPath]", self.return_path_class)
        self.return_path = return_path_class(instance, parent=self)
        self.arming = Arming(self.return_path, instance, parent=self)

    def step(self, restart: Restart, request: RestartRequest, report: Callable[[WaitReasons], None]) -> Awaitable[Event] | None:
        """Return what there is to do in this phase; ``None`` where a person has to act.

        Args:
            restart: where it stands.
            request: what the person accepts.
            report: called with what a waiting restart waits for.
        """
        steps: dict[str, Callable[[], Awaitable[Event]]] = {
            "waiting": lambda: self._wait(restart, report),
            "preflight": lambda: self._preflight(restart, request),
            "saving": lambda: self._save(restart, request),
            "arming": lambda: self.arming.arm(restart),
            "stopping": self._stop,
            "away": self._watch_it_go,
            "verifying": lambda: self._verify(restart),
        }
        step = steps.get(restart.phase)
        return None if step is None else step()

    async def _wait(self, restart: Restart, report: Callable[[WaitReasons], None]) -> Event:
        if restart.order is not None:
            await self._idle.wait(restart.order, report)
            if restart.order.when == REQUIRED and not self._advice.is_restart_required():
                return Event("cancelled")  # the window has closed meanwhile: nothing begins outside of it
        return Event("begun", facts={"software": await asyncio.to_thread(self._software.read)})

    async def _preflight(self, restart: Restart, request: RestartRequest) -> Event:
        self._saving.begin(restart.id or "")
        description, proof, losses = await asyncio.gather(
            self._sagemaker.describe(), self.return_path.verify(), self._losses.list()
        )
        lacks_config = await self._sagemaker.lacks(description.lifecycle_config)
        now = self._clock.now()
        facts = PreflightFacts(
            description=description,
            proof=proof,
            return_path_kind=self.return_path.kind,
            return_path_migrates=self.return_path.migrates,
            losses=losses,
            hold=self._advice.hold,
            lacks_config=lacks_config,
            returned=self._risks.returned_recently(now),
        )
        findings = examine(facts, request, now)
        return Event("cleared", facts={"return_path": proof}) if not findings else _blocked(findings, request)

    async def _save(self, restart: Restart, request: RestartRequest) -> Event:
        """Save everything, and list the losses once more at the end: something may have begun while the tabs were saving."""
        await asyncio.to_thread(self._save_before_stop)
        saved = await self._saving.verify(restart.id or "", request)
        losses = await self._losses.list()
        begun = unconfirmed(losses, request)
        if begun:
            return _blocked([*saved.findings, *begun], request, saved.facts)
        return replace(saved, facts={**saved.facts, "lost": losses_for_journal(losses, request)})

    def _save_before_stop(self) -> None:
        for part in self._before_stop:
            part.save()

    async def _stop(self) -> Event:
        try:
            return Event("accepted", facts={"request_id": await self._sagemaker.stop()})
        except AwsError as error:
            # A lost answer, or "Stopping" as the wrong state, can mean that an earlier attempt was taken.
            facts = {"request_id": error.request_id}
            if error.code in {"unreachable", "wrong-state"} and await self._is_going_down():
                return Event("accepted", facts=facts)
            return Event("failed", (from_aws(error),), facts=facts)

    async def _is_going_down(self) -> bool:
        async def status() -> str:
            while True:
                try:
                    return (await self._sagemaker.describe()).status
                except AwsError:
                    await asyncio.sleep(self.poll_seconds)

        try:
            return await asyncio.wait_for(status(), self.settle_seconds) in GOING_DOWN
        except asyncio.TimeoutError:
            return False

    async def _watch_it_go(self) -> Event:
        """Wait until the stop turns out not to be carried out. Normally this process ends in here, with the machine."""
        while True:
            await asyncio.sleep(self.poll_seconds)
            try:
                description = await self._sagemaker.describe()
            except AwsError:
                continue
            if description.status == "InService":
                return Event("failed", (Finding("stop-not-carried-out", description.status),))

    async def _verify(self, restart: Restart) -> Event:
        software, ended = await asyncio.gather(asyncio.to_thread(self._software.read), self._read_return_outcome(restart))
        return Event("returned", facts={"software": software, "return": ended})

    async def _read_return_outcome(self, restart: Restart) -> str | None:
        """Ask the return path how the return ended; ``None`` when it is late, or unreadable for this instance."""
        try:
            return await asyncio.wait_for(self.return_path.ended(restart.id or ""), self.outcome_timeout_seconds)
        except (AwsError, asyncio.TimeoutError) as error:
            self.log.info("The return path does not say how the return ended: %s", error)
            return None


def _blocked(findings: list[Finding], request: RestartRequest, facts: Mapping[str, Any] | None = None) -> Event:
    """Return ``refused``; but where nobody watches and all findings pass by themselves, ``postponed``: wait again."""
    name = "postponed" if request.unattended and is_transient(findings) else "refused"
    return Event(name, tuple(findings), facts=facts or {})
