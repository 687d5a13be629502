"""The effects of a restart: one step for each phase. What a step finds out is an event, which decides the next phase."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from traitlets import Float, Type
from traitlets.config import LoggingConfigurable

from ..advice.hold import Hold
from ..instance.aws import Aws, AwsError
from ..instance.sagemaker import GOING_DOWN, SageMaker
from .findings import Finding, from_aws
from .idle import IdleWaiter, Losses, Reasons
from .machine import REQUIRED, Event, Restart
from .preflight import Facts, examine, is_transient, unconfirmed
from .request import RestartRequest
from .return_path import ReturnPath
from .return_path.arming import Arming
from .save_round import SaveRound, lost

RETURN_PATH = "jupyter_nb_updater.restart.return_path.stack.StackReturnPath"


class RestartRunner(LoggingConfigurable):
    """Checks, saves, arms, stops and verifies. Where a restart stands is passed in."""

    return_path_class = Type(RETURN_PATH, klass=ReturnPath, help="Who starts the instance again after a stop.").tag(config=True)
    word_seconds = Float(10.0, help="Seconds to find out how the return path itself says that a return ended.").tag(config=True)
    settle_seconds = Float(60.0, help="Seconds to find out whether AWS took a stop whose answer was lost.").tag(config=True)
    poll_seconds = Float(5.0, help="Seconds between two looks at the instance.").tag(config=True)

    def __init__(
        self,
        *,
        sagemaker: SageMaker,
        aws: Aws,
        saving: SaveRound,
        losses: Losses,
        hold: Callable[[datetime], Hold | None],
        returned: Callable[[datetime], datetime | None],
        software: Callable[[], dict[str, str]],
        keep: Callable[[], None],
        is_required: Callable[[], bool] = lambda: True,
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        """Args: the parts, and six functions.

        What there is to lose; the hold, and a recent return, at a time; the versions; what puts the layout onto the volume;
        whether a policy still requires the restart.
        """
        super().__init__(**kwargs)
        self._sagemaker, self._saving, self._losses, self._hold = sagemaker, saving, losses, hold
        self._returned, self._software, self._keep, self._now = returned, software, keep, now
        self._is_required = is_required
        self._moment = IdleWaiter(losses=losses, hold=hold, now=now, parent=self)
        make_return_path = cast("type[ReturnPath]", self.return_path_class)
        self.return_path = make_return_path(sagemaker, aws, now, parent=self)
        self.arming = Arming(return_path=self.return_path, sagemaker=sagemaker, now=now, parent=self)

    def step(self, restart: Restart, request: RestartRequest, tell: Callable[[Reasons], None]) -> Awaitable[Event] | None:
        """What there is to do in this phase; ``None`` where a person is waited for.

        Args:
            restart: where it stands.
            request: what the person accepts.
            tell: called with what a waiting restart waits for.
        """
        steps: dict[str, Callable[[], Awaitable[Event]]] = {
            "waiting": lambda: self._wait(restart, tell),
            "preflight": lambda: self._preflight(restart, request),
            "saving": lambda: self._save(restart, request),
            "arming": lambda: self.arming.arm(restart),
            "stopping": self._stop,
            "away": self._watch_it_go,
            "verifying": lambda: self._verify(restart),
        }
        step = steps.get(restart.phase)
        return None if step is None else step()

    async def _wait(self, restart: Restart, tell: Callable[[Reasons], None]) -> Event:
        if restart.order is not None:
            await self._moment.come(restart.order, tell)
            if restart.order.when == REQUIRED and not self._is_required():
                return Event("cancelled")  # the window has closed meanwhile: nothing begins outside of it
        return Event("begun", facts={"software": await asyncio.to_thread(self._software)})

    async def _preflight(self, restart: Restart, request: RestartRequest) -> Event:
        self._saving.begin(restart.id or "")
        description, proof, losses = await asyncio.gather(self._sagemaker.describe(), self.return_path.verify(), self._losses())
        lacks = await self._sagemaker.lacks(description.lifecycle_config)
        now, path = self._now(), self.return_path
        facts = Facts(description, proof, path.kind, path.migrates, losses, self._hold(now), lacks, self._returned(now))
        findings = examine(facts, request, now)
        return Event("cleared", facts={"return_path": proof}) if not findings else _blocked(findings, request)

    async def _save(self, restart: Restart, request: RestartRequest) -> Event:
        """The losses are looked at once more at the end: something may have begun while the tabs were saving."""
        await asyncio.to_thread(self._keep)
        proven = await self._saving.verify(restart.id or "", request)
        losses = [*await self._losses()]
        begun = unconfirmed(losses, request)
        if begun:
            return _blocked([*proven.findings, *begun], request, proven.facts)
        return replace(proven, facts={**proven.facts, "lost": lost(losses, request)})

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
        """This process normally ends in here, with the machine."""
        while True:
            await asyncio.sleep(self.poll_seconds)
            try:
                description = await self._sagemaker.describe()
            except AwsError:
                continue
            if description.status == "InService":
                return Event("failed", (Finding("stop-not-carried-out", description.status),))

    async def _verify(self, restart: Restart) -> Event:
        software, said = await asyncio.gather(asyncio.to_thread(self._software), self._said(restart))
        return Event("returned", facts={"software": software, "return": said})

    async def _said(self, restart: Restart) -> str | None:
        """The return path's own word. It may be late, or be unreadable for this instance: then none."""
        try:
            return await asyncio.wait_for(self.return_path.ended(restart.id or ""), self.word_seconds)
        except (AwsError, asyncio.TimeoutError) as error:
            self.log.info("The return path does not say how the return ended: %s", error)
            return None


def _blocked(findings: list[Finding], request: RestartRequest, facts: Mapping[str, Any] | None = None) -> Event:
    """Refused; but where nobody watches, what passes by itself only means to wait again."""
    name = "postponed" if request.unattended and is_transient(findings) else "refused"
    return Event(name, tuple(findings), facts=facts or {})
