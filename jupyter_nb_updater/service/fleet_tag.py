"""Publish the state of the instance to the fleet, as the tag ``nb-updater:state``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from traitlets.config import LoggingConfigurable

from ..instance import tags
from ..instance.aws import AwsError
from ..instance.context import InstanceContext
from ..util.clock import PollInterval, to_text

RETRY_SECONDS = 300.0
"""Delay in seconds before a tag that AWS did not accept is written again."""

RENEWAL = timedelta(days=1)
"""Time after which an unchanged tag is written again, half of ``fleet.MAX_REPORT_AGE``: one failed day is no alarm."""


class FleetTagPublisher(LoggingConfigurable):
    """Write the tag whenever its value changes, and once a day, so that its date says that this extension still runs."""

    def __init__(self, context: InstanceContext, **kwargs: Any) -> None:
        """Publish the state of one instance.

        Args:
            context: the instance, its state document, and its clocks.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._context = context
        self._interval = PollInterval()
        self._published: tuple[tags.FleetState, datetime] | None = None

    async def publish(self) -> None:
        """Write the tag if it is new or a day old. Retry later if AWS fails, or at the renewal if the permission is missing."""
        now, description, state = self._context.advice_clock.now(), self._context.descriptions.last, self._state()
        reported = self._context.system_clock.now()
        if description is None or self._is_published(state, reported) or not self._interval.is_due(now, RETRY_SECONDS):
            return
        value = str(state._replace(reported=to_text(reported)))
        try:
            await self._context.sagemaker.tag(description.arn, tags.STATE, value)
        except AwsError as error:
            self.log.warning("Could not publish the state of this instance as a tag: %s", error)
            if error.code != "access-denied":
                self._interval.mark(now)
                return
        self._interval.reset()
        self._published = state, reported

    def _is_published(self, state: tags.FleetState, now: datetime) -> bool:
        """Check whether the tag has this content, and a date that is less than a day old and not in the future."""
        if self._published is None:
            return False
        published, reported = self._published
        return state == published and timedelta(0) <= now - reported < RENEWAL

    def _state(self) -> tags.FleetState:
        """Return what is published, without its date."""
        advice, hold = self._context.state["advice"], self._context.state["hold"]
        held, unchanged = hold["until"] if hold else None, len(advice["ineffective"])
        booted = to_text(self._context.advice_booted())
        return tags.FleetState(advice["level"], advice["deadline"], booted, held, str(unchanged) if unchanged else None)
