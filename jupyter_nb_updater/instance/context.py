"""What every manager of one notebook instance shares: identity, AWS, clocks, journal and state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..journal import Journal
from ..state import StateDocument
from ..util.clock import SystemClock
from ..util.simulated_clock import AdviceClock
from .aws import Aws
from .boot_time import BootClock
from .cached_description import DescriptionCache
from .metadata import Identity
from .sagemaker import SageMaker


@dataclass(frozen=True)
class InstanceContext:
    """The collaborators that the server, ``status`` and ``doctor`` build once and hand to every manager.

    Args:
        identity: name, region, account and ARN of the instance.
        aws: client factory and error mapping.
        sagemaker: the SageMaker API about this instance.
        descriptions: the last DescribeNotebookInstance answer, shared by all who ask.
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
    boot_clock: BootClock
    advice_clock: AdviceClock
    system_clock: SystemClock
    journal: Journal
    state: StateDocument

    def booted(self) -> datetime | None:
        """Return when this machine booted, by the wall clock; ``None`` when unknown."""
        return self.boot_clock.read(self.system_clock.now())

    def advice_booted(self) -> datetime | None:
        """Return when this machine booted, by the clock of advice; ``None`` when unknown."""
        return self.advice_clock.booted(self.booted())
