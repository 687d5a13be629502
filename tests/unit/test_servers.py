"""Several Jupyter servers on one volume: one restart at a time."""

import asyncio
import sys
from datetime import timedelta

import pytest

from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.restart.request import TooLate
from tests.wait import eventually_async

from .restarts import NOW, WAY, ask, events, kernel, until


async def test_of_two_servers_on_one_volume_one_restarts_and_the_other_is_told_so(start, aws, journal):
    one, other = start(), start()
    await one.resume(booted=NOW - timedelta(days=34))
    await other.resume(booted=NOW - timedelta(days=34))
    asked = await asyncio.gather(one.request(ask()), other.request(ask()), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in asked) == ["NoneType", "TooLate"]
    await until(one if asked[0] is None else other, "away")
    assert events(journal) == WAY
    assert aws.calls.count("arm") == aws.calls.count("stop") == 1
    for server in (one, other):
        await server.close()


async def test_a_second_server_that_starts_meanwhile_takes_nothing_back(start, aws, tabs, journal):
    tab = tabs.join(lambda message: None)
    one = start()
    await one.request(ask())
    await eventually_async(lambda: tabs._restart_id and one.restart.phase == "saving")
    second = start()
    await second.resume(booted=NOW - timedelta(days=34))
    assert second.restart.phase == "idle"
    tabs.report(tab, {"restart": one.restart.id, "documents": []})
    await until(one, "away")
    third = start()
    await third.resume(booted=NOW - timedelta(days=34))
    assert (events(journal), aws.armed) == (WAY, one.restart.id)
    for server in (one, second, third):
        await server.close()


async def test_a_restart_that_waits_on_another_server_is_one_too(start, world):
    world.running = [kernel("kernel:1", busy=True)]
    one, other = start(), start()
    await one.request(ask(when="idle"))
    with pytest.raises(TooLate):
        await other.request(ask("kernel:1", confirmed=frozenset({"kernel:1"})))
    await one.cancel()
    await other.request(ask(confirmed=frozenset({"kernel:1"})))
    await until(other, "away")
    for server in (one, other):
        await server.close()


async def test_a_return_that_is_still_being_disarmed_is_not_armed_by_another_server(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("unreachable", "DeleteTags", "no")
    one, other = start(), start()
    await one.request(ask())
    await until(one, "failed")
    with pytest.raises(TooLate):
        await other.request(ask())
    del aws.errors["stop"], aws.errors["disarm"]
    await eventually_async(lambda: one._disarming.done() and not one._lock.locked)  # it is released by a later callback
    await other.request(ask())
    await until(other, "away")
    assert aws.armed == other.restart.id
    for server in (one, other):
        await server.close()


async def test_what_a_server_left_behind_that_was_killed_is_undone_by_the_one_that_is_asked_next(start, aws, journal):
    one, other = start(), start()
    await other.resume(booted=NOW - timedelta(days=34))
    for event in ("requested", "cleared", "saved", "armed"):
        journal.append(event, NOW, restart="r-1")
    aws.armed = "r-1"  # `one` is gone, and the operating system has taken its lock back
    await other.request(ask())
    await until(other, "away")
    assert events(journal) == ["requested", "cleared", "saved", "armed", "failed", *WAY]
    assert aws.armed == other.restart.id
    for server in (one, other):
        await server.close()


HOLD = """
import sys, time
from jupyter_nb_updater.util.file_lock import FileLock
print(FileLock(sys.argv[1]).acquire())
time.sleep(60)
"""


async def test_a_process_that_is_killed_holds_nobody_up(start, tmp_path):
    command = [sys.executable, "-u", "-c", HOLD, str(tmp_path / "restart.lock")]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert await process.stdout.readline() == b"True\n"
    server = start()
    with pytest.raises(TooLate):
        await server.request(ask())
    process.kill()
    await process.wait()
    await server.request(ask())
    await until(server, "away")
    await server.close()
