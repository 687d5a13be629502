"""Publish the state of the instance to the fleet, as the tag ``nb-updater:state``."""

from __future__ import annotations

from typing import Any

from traitlets.config import LoggingConfigurable

from ..instance import tags
from ..instance.aws import AwsError
from ..instance.context import InstanceContext
from ..util.clock import PollInterval, to_text

RETRY_SECONDS = 300.0
"""Delay in seconds before a tag that AWS did not accept is written again."""


class FleetTagPublisher(LoggingConfigurable):
    """Write the tag whenever its value changes."""

    def __init__(self, context: InstanceContext, **kwargs: Any) -> None:
        """Publish the state of one instance.

        Args:
            context: the instance, its state document, and the clock used for advice.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._context = context
        self._interval = PollInterval()
        self._published: str | None = None

    async def publish(self) -> None:
        """Write the tag if its value is new. Retry later if AWS fails, but not if the permission is missing."""
        now, description, value = self._context.advice_clock.now(), self._context.descriptions.last, self._value()
        if description is None or value == self._published or not self._interval.is_due(now, RETRY_SECONDS):
            return
        try:
            await self._context.sagemaker.tag(description.arn, tags.STATE, value)
        except AwsError as error:
            self.log.warning("Could not publish the state of this instance as a tag: %s", error)
            if error.code != "access-denied":
                self._interval.mark(now)
                return
        self._interval.reset()
        self._published = value

    def _value(self) -> str:
        advice, hold = self._context.state["advice"], self._context.state["hold"]
        held, unchanged = hold["until"] if hold else None, len(advice["ineffective"])
        booted = to_text(self._context.advice_booted())
        return str(tags.FleetState(advice["level"], advice["deadline"], booted, held, str(unchanged) if unchanged else None))
