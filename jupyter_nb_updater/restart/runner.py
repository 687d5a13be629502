"""The effect of each phase of a restart. A step ends with the event that decides the next phase."""

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
    """Something that must be saved to the volume before the instance stops."""

    def save(self) -> None:
        """Save it. Called in a thread."""


class RestartRunner(LoggingConfigurable):
    """Check, save, arm, stop and verify. The state of the restart is passed in."""

    return_path_class = Type(
        RETURN_PATH,
        klass=ReturnPath,
        help="Return path: the class that arranges for the instance to be started again after a stop.",
    ).tag(config=True)
    outcome_timeout_seconds = Float(10.0, help="Timeout in seconds for reading the return path's recorded outcome.").tag(
        config=True
    )
    settle_seconds = Float(
        60.0, help="Timeout in seconds for finding out whether AWS accepted a stop request whose response was lost."
    ).tag(config=True)
    poll_seconds = Float(5.0, help="Interval in seconds for polling the status of the instance.").tag(config=True)

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
            instance: the instance to restart, with its AWS clients and its clock.
            saving: makes every tab save its documents, and verifies that.
            losses: lists what a restart would destroy now.
            advice: knows the current hold, and whether a policy requires a restart.
            risks: knows when the last restart completed.
            software: reads the installed versions.
            before_stop: what to save in addition to the documents.
            **kwargs: traits, and the ``parent`` whose configuration applies.
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
        """Return the work of the current phase; ``None`` if a person has to act.

        Args:
            restart: state of the restart.
            request: what the user accepts.
            report: called with the reasons why a scheduled restart is waiting.
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
                return Event("cancelled")  # the restart window has closed meanwhile
        return Event("begun", facts={"software": await asyncio.to_thread(self._software.read)})

    async def _preflight(self, restart: Restart, request: RestartRequest) -> Event:
        self._saving.begin(restart.id or "")
        description, found, losses = await asyncio.gather(
            self._sagemaker.describe(), self.return_path.verify(), self._losses.list()
        )
        lacks_config = await self._sagemaker.lacks(description.lifecycle_config)
        now = self._clock.now()
        facts = PreflightFacts(
            description=description,
            return_path=found,
            return_path_kind=self.return_path.kind,
            return_path_migrates=self.return_path.migrates,
            losses=losses,
            hold=self._advice.hold,
            lacks_config=lacks_config,
            returned=self._risks.returned_recently(now),
        )
        findings = examine(facts, request, now)
        return Event("cleared", facts={"return_path": found.proof}) if not findings else _blocked(findings, request)

    async def _save(self, restart: Restart, request: RestartRequest) -> Event:
        """Save everything, then list the losses again: a program may have started while the tabs were saving."""
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
            # After a lost response, or the wrong state "Stopping", an earlier attempt may have been accepted.
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
        """Wait until AWS turns out not to stop the instance. Normally this process ends here, with the machine."""
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
        """Get the recorded outcome from the return path; ``None`` if it is late, or this instance cannot read it."""
        try:
            return await asyncio.wait_for(self.return_path.ended(restart.id or ""), self.outcome_timeout_seconds)
        except (AwsError, asyncio.TimeoutError) as error:
            self.log.info("Could not read the outcome of the return from the return path: %s", error)
            return None


def _blocked(findings: list[Finding], request: RestartRequest, facts: Mapping[str, Any] | None = None) -> Event:
    """Return ``refused``; or ``postponed``, to wait again, if the restart is unattended and all findings are temporary."""
    name = "postponed" if request.unattended and is_transient(findings) else "refused"
    return Event(name, tuple(findings), facts=facts or {})
