"""What the managers of one notebook instance share: identity, AWS, clocks, journal and state."""

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
from .sagemaker import DescriptionCache, PlatformTable, SageMaker
from .software import Software


@dataclass(frozen=True)
class InstanceContext:
    """Shared objects that the server, ``status`` and ``doctor`` build once and pass to every manager.

    Args:
        identity: name, region, account and ARN of the instance.
        aws: calls AWS and classifies its errors.
        sagemaker: SageMaker API for this instance.
        descriptions: the last DescribeNotebookInstance response, shared by all.
        software: reads the installed versions.
        boot_clock: reads the boot time of this machine.
        advice_clock: clock for advice and holds; may be simulated.
        system_clock: wall clock for restarts and the journal.
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
        """Read the boot time by the wall clock; ``None`` if unknown. Reads a file."""
        return self.boot_clock.read(self.system_clock.now())

    def advice_booted(self) -> datetime | None:
        """Return the boot time by the clock used for advice; ``None`` if it is unknown or was never read."""
        return self.advice_clock.booted(self.boot_clock.last)

    def refresh_boot(self) -> None:
        """Read the boot time again for everyone. Reads a file."""
        self.boot_clock.refresh(self.system_clock.now())

    async def close(self) -> None:
        """Stop calling AWS, and release the worker threads."""
        await self.descriptions.close()
        self.aws.close()


def build_context(identity: Identity, parent: LoggingConfigurable, advice_clock: AdviceClock | None = None) -> InstanceContext:
    """Build the shared objects of one instance, for the server, ``status`` and ``doctor``.

    Args:
        identity: the instance.
        parent: the application whose configuration applies.
        advice_clock: clock for advice; ``None`` creates it from the configuration.
    """
    aws = Aws(identity.region, parent=parent)
    sagemaker = SageMaker(aws, identity, PlatformTable(parent=parent))
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
