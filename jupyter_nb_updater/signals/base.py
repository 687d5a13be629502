"""The base class of every signal source, and what a source is given to judge by."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from traitlets import Bool, Float
from traitlets.config import LoggingConfigurable

from ..advice.adviser import Adviser
from ..advice.signal import Signal
from ..instance.context import InstanceContext
from ..org_policy.manager import PolicyManager


@dataclass(frozen=True)
class SourceContext:
    """What every source may judge by.

    Args:
        instance: identity, AWS, clocks and state of this instance.
        adviser: the limits that are configured on this instance.
        policies: the policy of the organization.
        publish: whether other instances are told what this one runs; what they told is read in any case.
    """

    instance: InstanceContext
    adviser: Adviser
    policies: PolicyManager
    publish: bool = True


class AdviceSource(LoggingConfigurable):
    """Answers whether one thing about this instance is current.

    A subclass sets ``name`` and implements ``poll``. The poller calls ``poll`` at the interval, cancels it after the timeout,
    and turns what it raises into an ``unknown`` signal. What blocks belongs into a thread (``asyncio.to_thread``).
    """

    name: ClassVar[str]
    """Name of the source in signals, in the state document and in policies."""

    enabled = Bool(default_value=True, help="Whether this source is asked at all.").tag(config=True)
    interval_seconds = Float(3600.0, min=1.0, help="Seconds for which an answer is good.").tag(config=True)
    timeout_seconds = Float(20.0, min=0.1, help="Seconds after which an answer is waited for no longer.").tag(config=True)

    def __init__(self, context: SourceContext, **kwargs: Any) -> None:
        """Create the source.

        Args:
            context: what the source may judge by.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self.context = context

    @abstractmethod
    async def poll(self, now: datetime) -> Signal:
        """Return what the source found.

        Args:
            now: the time to judge at, by the clock of advice.

        Raises:
            Exception: the source could not be asked; the message becomes the evidence.
        """
