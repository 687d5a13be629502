"""A canceled task has ended."""

import asyncio
import time

from jupyter_nb_updater.util.tasks import cancel_all


async def test_a_task_that_waits_is_cancelled():
    task = asyncio.create_task(asyncio.sleep(9999))
    await cancel_all([task, None])
    assert task.cancelled()


async def test_a_cancellation_that_gets_lost_is_not_the_last():
    answer = asyncio.get_running_loop().create_future()

    async def work():
        await asyncio.wait_for(answer, 60)
        await asyncio.sleep(9999)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    answer.set_result(None)
    task.cancel()  # in the same moment: before Python 3.12 `wait_for` returns the answer
    await cancel_all([task], retry_seconds=0.01)
    assert task.cancelled()


async def test_a_task_that_clears_up_is_given_the_time_for_it():
    cleared = []

    async def work():
        try:
            await asyncio.sleep(9999)
        finally:
            await asyncio.sleep(0.05)
            cleared.append(True)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await cancel_all([task])
    assert cleared == [True]


async def test_one_that_will_not_end_is_left_to_itself():
    async def work():
        while not told:
            try:
                await asyncio.sleep(9999)
            except asyncio.CancelledError:
                continue

    told, started = [], time.monotonic()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await cancel_all([task], retry_seconds=0.01, timeout_seconds=0.1)
    assert not task.done()
    assert time.monotonic() - started < 5
    told.append(True)
    await cancel_all([task])
    assert task.done()
