"""Ends tasks, for sure: each wait for one that was cancelled has a bound, and no cancellation gets lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

RETRY_SECONDS = 0.5
"""Seconds until a task that still runs is cancelled once more."""

LONGEST = 15.0
"""Seconds until they are left to themselves."""


async def cancel_all(tasks: Iterable[asyncio.Task[Any] | None], again: float = RETRY_SECONDS, seconds: float = LONGEST) -> None:
    """Cancel tasks and wait until they have ended.

    Once is not enough: before Python 3.12 ``asyncio.wait_for`` returns an answer that comes in the same moment as a
    cancellation, and the task goes on as if nothing had been said (python/cpython#86296).

    Args:
        tasks: which; ``None`` is none.
        again: seconds that one is given to clear up, before it is cancelled once more.
        seconds: that they may take together.
    """
    left = {task for task in tasks if task is not None and not task.done()}
    until = time.monotonic() + seconds
    while left and time.monotonic() < until:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again)
