"""The shape of every source, and the one that knows nothing."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import ClassVar

from traitlets import Bool, Float
from traitlets.config import LoggingConfigurable

from .signal import Signal


class AdviceSource(LoggingConfigurable):
    """Looks at one thing. Whatever takes time happens outside the event loop; the lookout bounds it, and looks again.

    A source that is asked says what it found, or raises: the lookout makes ``unknown`` of that.
    """

    name: ClassVar[str]
    """As signals, the state document and the configuration of policies have it."""

    enabled = Bool(default_value=True, help="Whether this source is asked at all.").tag(config=True)
    every_seconds = Float(3600.0, min=1.0, help="Seconds for which an answer is good.").tag(config=True)
    timeout_seconds = Float(20.0, min=0.1, help="Seconds after which an answer is waited for no longer.").tag(config=True)

    @abstractmethod
    async def look(self, now: datetime) -> Signal:
        """What the source says.

        Args:
            now: the time to judge at.

        Raises:
            Exception: it could not be asked; the words of the error are the evidence.
        """


class NullSource(AdviceSource):
    """In the place of a source that this machine does not have."""

    name = "none"

    async def look(self, now: datetime) -> Signal:
        """Nothing is known."""
        return Signal(self.name, "unknown", "none-not-configured", now)
