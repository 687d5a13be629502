"""Tells the fleet how the instance stands, by the tag ``nb-updater:state``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from traitlets.config import LoggingConfigurable

from ..instance import tags
from ..instance.aws import AwsError
from ..instance.sagemaker import SageMaker
from ..state import StateDocument
from ..util.clock import to_text
from ..util.interval import PollInterval

PAUSE = timedelta(minutes=5)
"""Until AWS is told again what it did not take."""


class FleetTagPublisher(LoggingConfigurable):
    """Writes the tag when there is something new to tell."""

    def __init__(self, *, sagemaker: SageMaker, state: StateDocument, now: Callable[[], datetime], **kwargs: Any) -> None:
        """Args: whom to tell; what to tell; the clock that advice goes by."""
        super().__init__(**kwargs)
        self._sagemaker, self._state, self._now = sagemaker, state, now
        self._rhythm = PollInterval()
        self._published: str | None = None

    async def publish(self, arn: str | None, booted: datetime | None) -> None:
        """Tell it, if that is news; again after a while if AWS was busy, and not again if it is not allowed.

        Args:
            arn: of the instance; ``None`` as long as AWS has not said it.
            booted: when it booted, by the clock of advice.
        """
        advice, hold, now = self._state["advice"], self._state["hold"], self._now()
        until, unchanged = hold["until"] if hold else None, len(advice["ineffective"])
        told = str(
            tags.State(advice["level"], advice["deadline"], to_text(booted), until, str(unchanged) if unchanged else None)
        )
        if arn is None or told == self._published or not self._rhythm.is_due(now, PAUSE.total_seconds()):
            return
        try:
            await self._sagemaker.tag(arn, tags.STATE, told)
        except AwsError as error:
            self.log.warning("The fleet cannot be told how this instance stands: %s", error)
            if error.code != "access-denied":
                self._rhythm.mark(now)
                return
        self._rhythm.reset()
        self._published = told
