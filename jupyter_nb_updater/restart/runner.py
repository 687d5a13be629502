"""The effects of a restart: one step for each phase. What a step finds out is an event, which decides the next phase."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from traitlets import Float, Type
from traitlets.config import LoggingConfigurable

from ..advice.hold import Hold
from ..clock import to_text
from ..instance.aws import Aws, AwsError
from ..instance.platforms import moves_to
from ..instance.sagemaker import SageMaker
from .findings import Finding, from_aws
from .machine import Event, Restart
from .preflight import Facts, examine, may_pass, unconfirmed
from .request import Request
from .return_path import ReturnPath
from .saving import Saving
from .waiting import Losses, Moment, Reasons

RETURN_PATH = "jupyter_nb_updater.restart.return_path.stack.StackReturnPath"

GOING_DOWN = {"Stopping", "Stopped"}


class RestartRunner(LoggingConfigurable):
    """Checks, saves, arms, stops and verifies. Where a restart stands is passed in; only what is armed is known here."""

    return_path_class = Type(RETURN_PATH, klass=ReturnPath, help="Who starts the instance again after a stop.").tag(config=True)
    expiry_seconds = Float(3600.0, help="Seconds after which an armed return is void.").tag(config=True)
    settle_seconds = Float(60.0, help="Seconds to find out whether AWS took a stop whose answer was lost.").tag(config=True)
    poll_seconds = Float(5.0, help="Seconds between two looks at the instance, or two attempts to disarm.").tag(config=True)

    def __init__(
        self,
        *,
        sagemaker: SageMaker,
        aws: Aws,
        saving: Saving,
        losses: Losses,
        hold: Callable[[datetime], Hold | None],
        returned: Callable[[datetime], datetime | None],
        software: Callable[[], dict[str, str]],
        keep: Callable[[], None],
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        """Args: the parts, and five functions.

        What there is to lose; the hold, and a recent return, at a time; the versions; what puts the layout onto the volume.
        """
        super().__init__(**kwargs)
        self._sagemaker, self._saving, self._losses, self._hold = sagemaker, saving, losses, hold
        self._returned, self._software, self._keep, self._now = returned, software, keep, now
        self._arming = asyncio.Lock()  # an earlier restart that is still being disarmed must not disarm the next
        self._armed: str | None = None
        self._moment = Moment(losses=losses, hold=hold, now=now, parent=self)
        make_return_path = cast("type[ReturnPath]", self.return_path_class)
        self.return_path = make_return_path(sagemaker, aws, parent=self)

    def step(self, restart: Restart, request: Request, tell: Callable[[Reasons], None]) -> Awaitable[Event] | None:
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
            "arming": lambda: self._arm(restart),
            "stopping": self._stop,
            "away": self._watch_it_go,
            "verifying": self._verify,
        }
        step = steps.get(restart.phase)
        return None if step is None else step()

    async def disarm(self, restart: str) -> None:
        """Until it is done or void, or another restart is armed: an armed return must not outlive its own.

        An instance that is going down after all keeps its return: the stop was taken although we were told otherwise.
        """
        until = self._now() + timedelta(seconds=self.expiry_seconds)
        while self._now() < until:
            try:
                async with self._arming:
                    if self._armed not in {restart, None} or (await self._sagemaker.describe()).status in GOING_DOWN:
                        return
                    await self.return_path.disarm()
                    self._armed = None
            except AwsError as error:
                self.log.warning("The return could not be disarmed yet: %s", error)
                await asyncio.sleep(self.poll_seconds)
            else:
                return

    async def _wait(self, restart: Restart, tell: Callable[[Reasons], None]) -> Event:
        if restart.order is not None:
            await self._moment.come(restart.order, tell)
        return Event("begun", facts={"software": await asyncio.to_thread(self._software)})

    async def _preflight(self, restart: Restart, request: Request) -> Event:
        self._saving.begin(restart.id or "")
        description, proof, losses = await asyncio.gather(self._sagemaker.describe(), self.return_path.verify(), self._losses())
        lacks = await self._sagemaker.lacks(description.lifecycle_config)
        now, path = self._now(), self.return_path
        facts = Facts(description, proof, path.kind, path.migrates, losses, self._hold(now), lacks, self._returned(now))
        findings = examine(facts, request, now)
        return Event("cleared", facts={"return_path": proof}) if not findings else _hindered(findings, request)

    async def _save(self, restart: Restart, request: Request) -> Event:
        """The losses are looked at once more at the end: something may have begun while the tabs were saving."""
        await asyncio.to_thread(self._keep)
        proven = await self._saving.prove(restart.id or "", request)
        begun = unconfirmed(await self._losses(), request)
        return _hindered([*proven.findings, *begun], request, proven.facts) if begun else proven

    async def _arm(self, restart: Restart) -> Event:
        if restart.stops_only:
            return Event("armed")
        until = self._now() + timedelta(seconds=self.expiry_seconds)
        description = await self._sagemaker.describe()
        platform = moves_to(description.platform, description.instance_type, self._now())  # which the person has confirmed
        async with self._arming:
            self._armed = restart.id
            await self.return_path.arm(description.arn, restart.id or "", until, platform)
        return Event("armed", facts={"until": to_text(until), "moves_to": platform})

    async def _stop(self) -> Event:
        try:
            return Event("accepted", facts={"request_id": await self._sagemaker.stop()})
        except AwsError as error:
            # A lost answer, or "Stopping" as the wrong state, can mean that an earlier attempt was taken.
            if error.code in {"unreachable", "wrong-state"} and await self._is_going_down():
                return Event("accepted")
            return Event("failed", (from_aws(error),))

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

    async def _verify(self) -> Event:
        return Event("returned", facts={"software": await asyncio.to_thread(self._software)})


def _hindered(findings: list[Finding], request: Request, facts: Mapping[str, Any] | None = None) -> Event:
    """Refused; but where nobody watches, what passes by itself only means to wait again."""
    name = "postponed" if request.unattended and may_pass(findings) else "refused"
    return Event(name, tuple(findings), facts=facts or {})
