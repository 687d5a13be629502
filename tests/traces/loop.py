"""An event loop in which time passes when nothing is left to do, and work for threads is done immediately."""

import asyncio
import selectors


class _Clock(selectors.SelectSelector):
    """A selector that never waits, but lets the time pass."""

    seconds = 0.0

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("nothing is left to do, and nothing will ever happen")
        self.seconds += max(timeout, 0.0)
        return super().select(0)


class InstantLoop(asyncio.SelectorEventLoop):
    """An event loop for decisions that take hours, in milliseconds."""

    def __init__(self):
        self._passed = _Clock()
        super().__init__(self._passed)

    def time(self):
        """Return the seconds since the loop was created."""
        return self._passed.seconds

    def run_in_executor(self, executor, func, *args):
        """Run immediately, so that the order is always the same."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:  # noqa: BLE001  whoever awaits it gets it
            future.set_exception(error)
        return future


async def drop_what_is_left():
    """Cancel all tasks that are still running at the end."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
