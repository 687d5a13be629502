"""Base class of all signal sources, and the context that they receive."""

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
    """What every source can use.

    Args:
        instance: identity, AWS, clocks and state of this instance.
        adviser: the limits that are configured on this instance.
        policies: the organization's policy.
        publish: whether to share which versions this instance runs. Shared versions of other instances are read in any case.
    """

    instance: InstanceContext
    adviser: Adviser
    policies: PolicyManager
    publish: bool = True


class AdviceSource(LoggingConfigurable):
    """Answer whether one aspect of this instance is up to date.

    A subclass sets ``name`` and implements ``poll``. The poller calls ``poll`` at the interval, cancels it after the timeout,
    and turns exceptions into an ``unknown`` signal. Run blocking calls in a thread (``asyncio.to_thread``).
    """

    name: ClassVar[str]
    """Name of the source in signals, in the state document and in policies."""

    enabled = Bool(default_value=True, help="Whether this source is used.").tag(config=True)
    interval_seconds = Float(3600.0, min=1.0, help="Polling interval in seconds.").tag(config=True)
    timeout_seconds = Float(20.0, min=0.1, help="Timeout in seconds for one poll.").tag(config=True)

    def __init__(self, context: SourceContext, **kwargs: Any) -> None:
        """Create the source.

        Args:
            context: what the source can use.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self.context = context

    @abstractmethod
    async def poll(self, now: datetime) -> Signal:
        """Return the signal of the source.

        Args:
            now: the current time, by the clock used for advice.

        Raises:
            Exception: the poll failed; the message becomes the evidence.
        """
