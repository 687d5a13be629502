"""Cancel asyncio tasks reliably: no cancellation is lost, and the wait is limited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

RETRY_SECONDS = 0.5
"""Delay in seconds before a task that is still running is canceled again."""

CANCEL_TIMEOUT_SECONDS = 15.0
"""Time in seconds after which tasks that are still running are abandoned."""


async def cancel_all(
    tasks: Iterable[asyncio.Task[Any] | None],
    retry_seconds: float = RETRY_SECONDS,
    timeout_seconds: float = CANCEL_TIMEOUT_SECONDS,
) -> None:
    """Cancel tasks and wait until they have ended.

    Once is not enough: before Python 3.12 ``asyncio.wait_for`` may return a result that arrives together with a cancellation,
    and the cancellation is lost (python/cpython#86296).

    Args:
        tasks: the tasks; ``None`` is skipped.
        retry_seconds: time in seconds for a task to clean up before it is canceled again.
        timeout_seconds: time limit in seconds for all tasks together.
    """
    pending = {task for task in tasks if task is not None and not task.done()}
    until = time.monotonic() + timeout_seconds
    while pending and time.monotonic() < until:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=retry_seconds)
