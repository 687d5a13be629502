"""Keeps the state document true: looks at the instance, at the advice and at the work, and writes down what it sees."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from .advising import Advising
from .clock import to_text
from .instance import tags
from .instance.aws import AwsError
from .instance.boot import BootClock
from .instance.metadata import Identity
from .instance.platforms import moves_to
from .instance.sagemaker import Description, SageMaker
from .instance.software import Software
from .restart.outlook import Outlook
from .restart.return_path import Proof, ReturnPath
from .restart.waiting import Loss, Losses
from .state import StateDocument
from .work.tabs import Tabs


class Watch(LoggingConfigurable):
    """The only writer of ``instance``, ``software``, ``return_path``, ``risks`` and ``work``."""

    interval_seconds = Float(300.0, min=1.0, help="Seconds between two looks at AWS and at the age.").tag(config=True)

    def __init__(
        self,
        *,
        identity: Identity,
        advising: Advising,
        boot_clock: BootClock,
        software: Software,
        sagemaker: SageMaker,
        return_path: ReturnPath,
        outlook: Outlook,
        losses: Losses,
        tabs: Tabs,
        state: StateDocument,
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.advising = advising
        self._identity, self._boot_clock, self._software, self._sagemaker = identity, boot_clock, software, sagemaker
        self._return_path, self._tabs = return_path, tabs
        self._outlook, self._losses, self._state, self._now = outlook, losses, state, now
        self._lost: list[Loss] = []
        self._published: str | None = None
        self._arn: str | None = None
        self.booted: datetime | None = None
        tabs.subscribe(self._write_work)
        self._write_return("assumed")  # until it was looked at: a page asks before AWS has answered

    async def forever(self) -> None:
        """Look at everything, again and again; a look that fails is logged and does not end the watching."""
        while True:
            try:
                await self.look()
            except Exception:  # the next look may be luckier, and nobody else would tell
                self.log.exception("Could not bring the state of this instance up to date")
            await asyncio.sleep(self.interval_seconds)

    async def look(self) -> None:
        """What the machine itself knows, then what AWS says of it."""
        await self.look_at_machine()
        await self.look_at_work()
        await asyncio.gather(self.advising.look(), self._look_for_return())
        await self._publish()

    async def look_at_machine(self) -> None:
        """Everything that needs no network: there at once, whatever else hangs."""
        self.booted = await asyncio.to_thread(self._boot_clock.read, self._now())
        software = await asyncio.to_thread(self._software.read)
        self._write_instance()
        self._state.update(software=software)
        await self.advising.look({"age"})

    async def look_at_work(self) -> None:
        """Count the losses afresh, and look what may go wrong."""
        risks = await asyncio.to_thread(self._outlook.risks, self.booted, self._now())
        self._state.update(risks=[risk.to_json() for risk in risks])
        self._lost = list(await self._losses())
        self._write_work()

    async def describe(self) -> Description:
        """Ask AWS how the instance stands, and tell everyone.

        Raises:
            AwsError: AWS did not say.
        """
        description = await self._sagemaker.describe()
        self._arn = description.arn
        self._write_instance(description)
        return description

    async def _publish(self) -> None:
        """Tell the fleet, by a tag, when there is something new to tell; again at the next look if AWS was busy."""
        arn = self._arn
        advice, hold = self._state["advice"], self._state["hold"]
        unchanged = str(len(advice["answered"])) if advice["answered"] else None
        until = hold["until"] if hold else None
        told = str(tags.State(advice["level"], advice["deadline"], to_text(self.booted), until, unchanged))
        if arn is not None and told != self._published:
            try:
                await self._sagemaker.tag(arn, tags.STATE, told)
            except AwsError as error:
                self.log.warning("The fleet cannot be told how this instance stands: %s", error)
                if error.code != "access-denied":
                    return
            self._published = told

    async def _look_for_return(self) -> None:
        self._write_return(await self._return_path.verify())

    def _write_return(self, proof: Proof) -> None:
        self._state.update(return_path={"kind": self._return_path.kind, "proof": proof})

    def _write_instance(self, seen: Description | None = None) -> None:
        """What AWS said last stays until it says something else."""
        told = {"status": None, "platform": None, "moves_to": None, **(self._state["instance"] or {})}
        if seen is not None:
            target = moves_to(seen.platform, seen.instance_type, self._now())
            told |= {"status": seen.status, "platform": seen.platform, "moves_to": target}
        self._state.update(instance={**told, **self._identity._asdict(), "console_url": self._identity.console_url})

    def _write_work(self) -> None:
        rescued = [{"path": path, "copy": copy} for path, copies in self._tabs.rescued().items() for copy in copies]
        self._state.update(
            work={
                "documents": self._tabs.documents(),
                "losses": self._lost,
                "rescued": rescued,
                "lost_tabs": self._tabs.lost(),
            }
        )
