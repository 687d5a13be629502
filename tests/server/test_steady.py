"""An idle server with the extension does almost nothing, and never blocks the event loop."""

import asyncio
import os
import sys
import threading
import time

import pytest

IO = {
    *("open", "os.listdir", "os.scandir", "os.remove", "os.rename", "os.mkdir"),
    *("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn", "os.system"),
}
HEARD = None


def _hear(event, arguments):
    if HEARD is not None and event in IO:
        HEARD.append((event, *arguments[:1]))


sys.addaudithook(_hear)  # PEP 578: it cannot be taken away again, so it is deaf except in one test


@pytest.fixture
def monitor(app, jp_serverapp, jp_asyncio_loop):
    """Return the monitor after its first tick, so that only the test ticks."""

    async def settle(task):
        while app.monitor._idle is None:
            await asyncio.sleep(0.01)
        task.cancel()  # it sleeps
        await asyncio.gather(task, return_exceptions=True)

    (extension,) = jp_serverapp.extension_manager.extension_apps["jupyter_nb_updater"]
    jp_asyncio_loop.run_until_complete(settle(extension._task))
    return app.monitor


@pytest.fixture
def heard(monkeypatch):
    events = []
    yield lambda: monkeypatch.setattr(f"{__name__}.HEARD", events) or events
    monkeypatch.undo()


async def test_a_tick_between_two_looks_opens_no_file_no_connection_and_no_program(monitor, heard):
    events = heard()
    for _ in range(20):
        await monitor.tick()
        monitor._idle = None  # the next one judges, too
    assert events == []
    await monitor.refresh_work()
    assert events != []  # the ear is not deaf


async def pauses(until):
    """Return the pauses of the event loop in seconds until a task has ended."""
    seen, last = [], time.monotonic()
    while not until.done():
        await asyncio.sleep(0.01)
        now = time.monotonic()
        seen, last = [*seen, now - last], now
    return seen


async def test_a_file_of_the_machine_that_hangs_does_not_stop_the_event_loop(monitor, tmp_path):
    pipe = tmp_path / "stat-that-hangs"
    os.mkfifo(pipe)
    monitor._context.boot_clock.stat_path = str(pipe)
    threading.Timer(1.5, pipe.write_text, ["btime 1790000000\n"]).start()  # in a thread: it waits for a reader
    seen = await pauses(asyncio.create_task(monitor.refresh_machine()))
    assert len(seen) > 50  # it did hang
    assert max(seen) < 1.0


async def test_an_aws_that_does_not_answer_does_not_stop_the_event_loop(silent_aws, monitor):
    monitor._return_poll.reset()
    monitor._idle = None
    seen = await pauses(asyncio.create_task(monitor.tick()))
    assert len(seen) > 50  # it did wait
    assert max(seen) < 1.0
