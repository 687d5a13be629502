"""What every manager of one notebook instance shares: identity, AWS, clocks, journal and state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from traitlets.config import LoggingConfigurable

from ..journal import Journal
from ..state import StateDocument
from ..util.clock import SystemClock
from ..util.simulated_clock import AdviceClock
from .aws import Aws
from .boot_time import BootClock
from .metadata import Identity
from .sagemaker import DescriptionCache, SageMaker
from .software import Software


@dataclass(frozen=True)
class InstanceContext:
    """The collaborators that the server, ``status`` and ``doctor`` build once and hand to every manager.

    Args:
        identity: name, region, account and ARN of the instance.
        aws: client factory and error mapping.
        sagemaker: the SageMaker API about this instance.
        descriptions: the last DescribeNotebookInstance answer, shared by all who ask.
        software: reads the installed versions.
        boot_clock: when this machine booted.
        advice_clock: the clock of advice and holds; may be simulated.
        system_clock: the wall clock of restarts and the journal.
        journal: the audit log on the volume.
        state: the state document that every page renders.
    """

    identity: Identity
    aws: Aws
    sagemaker: SageMaker
    descriptions: DescriptionCache
    software: Software
    boot_clock: BootClock
    advice_clock: AdviceClock
    system_clock: SystemClock
    journal: Journal
    state: StateDocument

    def booted(self) -> datetime | None:
        """Read when this machine booted, by the wall clock; ``None`` when unknown. Reads a file."""
        return self.boot_clock.read(self.system_clock.now())

    def advice_booted(self) -> datetime | None:
        """Return when this machine booted, by the clock of advice; ``None`` when unknown, or never refreshed."""
        return self.advice_clock.booted(self.boot_clock.last)

    def refresh_boot(self) -> None:
        """Read the boot time anew for all who ask for it afterwards. Reads a file."""
        self.boot_clock.refresh(self.system_clock.now())

    async def close(self) -> None:
        """Stop asking AWS, and release its worker threads."""
        await self.descriptions.close()
        self.aws.close()


def build_context(identity: Identity, parent: LoggingConfigurable, advice_clock: AdviceClock | None = None) -> InstanceContext:
    """Build what the managers of one instance share: for the server, for ``status`` and for ``doctor`` alike.

    Args:
        identity: the instance.
        parent: the application whose configuration everything gets.
        advice_clock: the clock of advice, where the configured one does not count.
    """
    aws = Aws(identity.region, parent=parent)
    sagemaker = SageMaker(aws, identity)
    system_clock = SystemClock()
    advice_clock = advice_clock or AdviceClock(parent=parent)
    return InstanceContext(
        identity=identity,
        aws=aws,
        sagemaker=sagemaker,
        descriptions=DescriptionCache(sagemaker),
        software=Software(parent=parent),
        boot_clock=BootClock(parent=parent),
        advice_clock=advice_clock,
        system_clock=system_clock,
        journal=Journal(parent=parent),
        state=StateDocument(system_clock, advice_clock),
    )
