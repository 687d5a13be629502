"""An event loop in which time passes when nothing is left to do, and work for threads is done at once."""

import asyncio
import selectors


class _Clock(selectors.SelectSelector):
    """Never waits: what it was to wait for has passed."""

    seconds = 0.0

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("nothing is left to do, and nothing will ever happen")
        self.seconds += max(timeout, 0.0)
        return super().select(0)


class InstantLoop(asyncio.SelectorEventLoop):
    """For decisions that span hours, in milliseconds."""

    def __init__(self):
        self._passed = _Clock()
        super().__init__(self._passed)

    def time(self):
        """Seconds since the loop was made."""
        return self._passed.seconds

    def run_in_executor(self, executor, func, *args):
        """At once: the order of things is the same each time."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:  # noqa: BLE001  whoever awaits it gets it
            future.set_exception(error)
        return future


async def drop_what_is_left():
    """Whatever still runs when a story is over."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
