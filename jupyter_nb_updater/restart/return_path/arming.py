"""Arms the return path before the stop, and disarms it once the instance is back or the restart is called off."""

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
    """Arms and disarms the return path. An earlier restart that is still being disarmed must not disarm the next."""

    expiry_seconds = Float(3600.0, help="Seconds after which an armed return is void.").tag(config=True)
    retry_seconds = Float(5.0, help="Seconds between two attempts to disarm.").tag(config=True)

    def __init__(self, return_path: ReturnPath, instance: InstanceContext, **kwargs: object) -> None:
        """Create the arming of one return path.

        Args:
            return_path: starts the instance again.
            instance: the instance, as AWS sees it, and its clock.
            **kwargs: ``parent``, whose configuration this gets.
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
            AwsError: it is not armed, or an earlier one may still be: nothing may stop.
        """
        if restart.stops_only:
            async with self._lock:
                if self._may_be_armed:
                    await self._disarm()
            return Event("armed")
        until = self._clock.now() + timedelta(seconds=self.expiry_seconds)
        description = await self._sagemaker.describe()
        platform = description.moves_to(self._clock.now())  # which the person has confirmed
        async with self._lock:
            self._armed = restart.id
            request_id = await self._return_path.arm(description.arn, restart.id or "", until, platform)
        void = to_text(until + self._return_path.keeps_trying)
        return Event("armed", facts={"until": to_text(until), "void": void, "moves_to": platform, "request_id": request_id})

    async def disarm(self, restart: str, *, returned: bool) -> None:
        """Try until the return is disarmed, or is void, or another restart is armed: it must not outlive its own restart.

        Args:
            restart: id of the restart.
            returned: whether the instance has booted since. If it has not, and is going down after all, it keeps its return:
                the stop was taken although we were told otherwise. If it has, then somebody stops it on purpose.
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
                self.log.warning("The return could not be disarmed yet: %s", error)
                await asyncio.sleep(self.retry_seconds)
            else:
                return

    async def _disarm(self) -> None:
        await self._return_path.disarm()
        self._armed, self._may_be_armed = None, False
