"""How AWS sees the instance: asked once for all who ask at the same time, and remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..util.tasks import cancel_all
from .aws import AwsError
from .sagemaker import Description, SageMaker


class DescriptionCache:
    """One answer for everyone.

    Args:
        sagemaker: the API about this instance.
    """

    def __init__(self, sagemaker: SageMaker) -> None:
        self._sagemaker = sagemaker
        self._asking: asyncio.Task[Description] | None = None
        self._listeners: list[Callable[[Description | None], None]] = []
        self.last: Description | None = None
        """As AWS said it last."""

    def subscribe(self, listener: Callable[[Description | None], None]) -> None:
        """Call ``listener`` with every answer, and with ``None`` when there was none."""
        self._listeners.append(listener)

    async def describe(self) -> Description:
        """Ask AWS. Who asks while somebody does shares the answer.

        Raises:
            AwsError: AWS did not say.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody may be waiting any more
        return await asyncio.shield(self._asking)

    async def cached(self) -> Description:
        """As AWS said it last: for what changes only with a restart.

        Raises:
            AwsError: it never did, and does not now.
        """
        return self.last or await self.describe()

    async def close(self) -> None:
        """Ask nobody any more."""
        await cancel_all([self._asking])

    async def _ask(self) -> Description:
        try:
            self.last = await self._sagemaker.describe()
        except AwsError:
            self._tell(None)
            raise
        self._tell(self.last)
        return self.last

    def _tell(self, description: Description | None) -> None:
        for listener in self._listeners:
            listener(description)
