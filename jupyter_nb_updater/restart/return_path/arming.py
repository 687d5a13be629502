"""What is asked for outside the instance before it stops, and taken back when it is back: never more, never less."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ...instance.aws import AwsError
from ...instance.sagemaker import GOING_DOWN, SageMaker
from ...util.clock import to_text
from ..machine import Event, Restart
from . import ReturnPath


class Arming(LoggingConfigurable):
    """Arms and disarms the return path. An earlier restart that is still being disarmed must not disarm the next."""

    expiry_seconds = Float(3600.0, help="Seconds after which an armed return is void.").tag(config=True)
    retry_seconds = Float(5.0, help="Seconds between two attempts to disarm.").tag(config=True)

    def __init__(self, *, return_path: ReturnPath, sagemaker: SageMaker, now: Callable[[], datetime], **kwargs: object) -> None:
        """Args: who starts the instance again; the instance as AWS sees it; the clock."""
        super().__init__(**kwargs)
        self._return_path, self._sagemaker, self._now = return_path, sagemaker, now
        self._lock = asyncio.Lock()
        self._armed: str | None = None
        self._is_owed = False  # an earlier restart may still be armed

    async def arm(self, restart: Restart) -> Event:
        """Ask for the return. One that is to stay down is asked nothing for, and must not be armed by an earlier one.

        Raises:
            AwsError: it is not armed, or may still be: nothing may stop.
        """
        if restart.stops_only:
            async with self._lock:
                if self._is_owed:
                    await self._take_back()
            return Event("armed")
        until = self._now() + timedelta(seconds=self.expiry_seconds)
        description = await self._sagemaker.describe()
        platform = description.moves_to(self._now())  # which the person has confirmed
        async with self._lock:
            self._armed = restart.id
            request_id = await self._return_path.arm(description.arn, restart.id or "", until, platform)
        void = to_text(until + self._return_path.keeps_trying)
        return Event("armed", facts={"until": to_text(until), "void": void, "moves_to": platform, "request_id": request_id})

    async def disarm(self, restart: str, *, returned: bool) -> None:
        """Until it is done or void, or another restart is armed: an armed return must not outlive its own.

        Args:
            restart: its id.
            returned: whether the instance has booted since. If it has not, and is going down after all, it keeps its return:
                the stop was taken although we were told otherwise. If it has, then somebody stops it on purpose.
        """
        until = self._now() + timedelta(seconds=self.expiry_seconds)
        self._is_owed = True
        while self._now() < until:
            try:
                async with self._lock:
                    if self._armed not in {restart, None}:
                        return
                    if not returned and (await self._sagemaker.describe()).status in GOING_DOWN:
                        return
                    await self._take_back()
            except AwsError as error:
                self.log.warning("The return could not be disarmed yet: %s", error)
                await asyncio.sleep(self.retry_seconds)
            else:
                return

    async def _take_back(self) -> None:
        await self._return_path.disarm()
        self._armed, self._is_owed = None, False
