"""Cancels tasks reliably: no cancellation gets lost, and the wait for each task is bounded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

RETRY_SECONDS = 0.5
"""Seconds until a task that still runs is cancelled once more."""

CANCEL_TIMEOUT_SECONDS = 15.0
"""Seconds after which tasks that still run are left to themselves."""


async def cancel_all(
    tasks: Iterable[asyncio.Task[Any] | None],
    retry_seconds: float = RETRY_SECONDS,
    timeout_seconds: float = CANCEL_TIMEOUT_SECONDS,
) -> None:
    """Cancel tasks and wait until they have ended.

    Once is not enough: before Python 3.12 ``asyncio.wait_for`` returns an answer that comes in the same moment as a
    cancellation, and the task goes on as if nothing had been said (python/cpython#86296).

    Args:
        tasks: the tasks; ``None`` is skipped.
        retry_seconds: seconds that a task has to clean up before it is cancelled once more.
        timeout_seconds: seconds to wait for all of them together.
    """
    pending = {task for task in tasks if task is not None and not task.done()}
    until = time.monotonic() + timeout_seconds
    while pending and time.monotonic() < until:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=retry_seconds)
