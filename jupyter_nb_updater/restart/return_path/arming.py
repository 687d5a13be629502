"""Arm the return path before the stop, and disarm it once the instance is back or the restart is canceled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ...instance.aws import AwsError
from ...instance.context import InstanceContext
from ...instance.sagemaker import GOING_DOWN
from ...util.clock import to_text
from ..machine import Event, Restart
from . import ReturnPath


class Arming(LoggingConfigurable):
    """Arm and disarm the return path. Disarming an earlier restart must not disarm the next one."""

    expiry_seconds = Float(3600.0, help="Time in seconds after which an armed return expires.").tag(config=True)
    retry_seconds = Float(5.0, help="Interval in seconds for retrying to disarm the return.").tag(config=True)

    def __init__(self, return_path: ReturnPath, instance: InstanceContext, **kwargs: object) -> None:
        """Create the arming of one return path.

        Args:
            return_path: starts the instance again.
            instance: the instance, with its AWS clients and its clock.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._return_path, self._sagemaker, self._clock = return_path, instance.sagemaker, instance.system_clock
        self._lock = asyncio.Lock()
        self._armed: str | None = None
        self._may_be_armed = False  # by an earlier restart

    async def arm(self, restart: Restart) -> Event:
        """Arm the return. For a restart that only stops, disarm what an earlier one may have left armed.

        Args:
            restart: the restart to return from.

        Raises:
            AwsError: the return is not armed, or an earlier one may still be, so the instance must not stop.
        """
        if restart.stops_only:
            async with self._lock:
                if self._may_be_armed:
                    await self._disarm()
            return Event("armed")
        until = self._clock.now() + timedelta(seconds=self.expiry_seconds)
        description = await self._sagemaker.describe()
        platform = description.moves_to(self._clock.now())  # the user has confirmed this move
        async with self._lock:
            self._armed = restart.id
            request_id = await self._return_path.arm(description.arn, restart.id or "", until, platform)
        void = to_text(until + self._return_path.keeps_trying)
        return Event("armed", facts={"until": to_text(until), "void": void, "moves_to": platform, "request_id": request_id})

    async def disarm(self, restart: str, *, returned: bool) -> None:
        """Retry until the return is disarmed or expired, or another restart is armed.

        Args:
            restart: id of the restart.
            returned: whether the instance has booted since. If not, and it is stopping after all, the return stays armed: AWS
                carried out a stop that it had seemed to refuse. If it has booted, a stop is somebody's own.
        """
        until = self._clock.now() + timedelta(seconds=self.expiry_seconds)
        self._may_be_armed = True
        while self._clock.now() < until:
            try:
                async with self._lock:
                    if self._armed not in {restart, None}:
                        return
                    if not returned and (await self._sagemaker.describe()).status in GOING_DOWN:
                        return
                    await self._disarm()
            except AwsError as error:
                self.log.warning("Could not disarm the return, retrying: %s", error)
                await asyncio.sleep(self.retry_seconds)
            else:
                return

    async def _disarm(self) -> None:
        await self._return_path.disarm()
        self._armed, self._may_be_armed = None, False
