"""Wait until a condition is true, so that no test sleeps for a fixed time."""

import asyncio
import inspect
import time

PAUSE_SECONDS, ASYNC_PAUSE_SECONDS = 0.05, 0.01
"""Interval for checking a condition: of another process, and of this one."""


def eventually(condition, seconds=15.0, *, what="", pause=time.sleep):
    """Return the first true result of ``condition``; fail if there is none in time.

    Args:
        condition: a function without parameters, called repeatedly.
        seconds: time limit in seconds.
        what: text for the failure message, or a function that returns it.
        pause: waits for a number of seconds; a browser test passes one during which its page continues.
    """
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, _failure(seconds, what)
        pause(PAUSE_SECONDS)
    return answer


async def eventually_async(condition, seconds=15.0, *, what=""):
    """Do the same in a coroutine; ``condition`` may be a coroutine function.

    Args:
        condition: a function without parameters, called repeatedly.
        seconds: time limit in seconds, also for one call of a coroutine function.
        what: text for the failure message, or a function that returns it.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await asyncio.wait_for(answer, seconds)
        if answer:
            return answer
        assert time.monotonic() < deadline, _failure(seconds, what)
        await asyncio.sleep(ASYNC_PAUSE_SECONDS)


def _failure(seconds, what):
    words = what() if callable(what) else what
    return f"not within {seconds} s{': ' if words else ''}{words}"
