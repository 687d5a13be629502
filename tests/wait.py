"""Wait until something is so: no test sleeps for a fixed time and hopes."""

import asyncio
import inspect
import time

PAUSE_SECONDS, ASYNC_PAUSE_SECONDS = 0.05, 0.01
"""Between two looks: at another process, and at something of this one."""


def eventually(condition, seconds=15.0, *, what="", pause=time.sleep):
    """Return the first true answer of ``condition``; fail when there is none in time.

    Args:
        condition: a function without parameters, called again and again.
        seconds: how long to wait at most.
        what: for the message of a failure; a function without parameters is asked for it then.
        pause: waits for a number of seconds; a test with a browser gives one in which its page goes on.
    """
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, _failure(seconds, what)
        pause(PAUSE_SECONDS)
    return answer


async def eventually_async(condition, seconds=15.0, *, what=""):
    """Do the same in a coroutine, with the event loop going on; ``condition`` may be a coroutine function.

    Args:
        condition: a function without parameters, called again and again.
        seconds: how long to wait at most, also for one answer of a coroutine.
        what: for the message of a failure; a function without parameters is asked for it then.
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
