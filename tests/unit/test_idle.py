"""A scheduled restart waits, and keeps waiting while something prevents it."""

from datetime import timedelta

from jupyter_nb_updater.advice.hold import Person
from jupyter_nb_updater.util.clock import to_text
from tests.wait import eventually_async

from .restarts import NOW, WAY, ask, events, kernel, until


async def test_when_idle_waits_for_what_is_busy_and_then_restarts_by_itself(start, aws, world, journal):
    world.running = [kernel("kernel:1", busy=True, name="train.ipynb")]
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually_async(lambda: [reason["name"] for reason in coordinator.waiting_for] == ["train.ipynb"])
    world.running = [kernel("kernel:1", since=NOW - timedelta(hours=1))]
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    assert "stop" not in aws.calls
    world.now = NOW + timedelta(minutes=10)
    await until(coordinator, "away")
    assert events(journal) == ["scheduled", "begun", "cleared", "saved", "armed", "accepted"]
    await coordinator.close()


async def test_at_a_time_it_restarts_then_and_not_before(start, aws, world):
    coordinator = start()
    await coordinator.request(ask(when="2026-11-23T18:00:00Z"))
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["time"])
    world.now = NOW + timedelta(hours=4)
    await until(coordinator, "away")
    await coordinator.close()


async def test_a_hold_is_waited_for_until_it_ends_by_itself(start, aws, world):
    world.holds.set(Person("ana", "ana"), "training", NOW + timedelta(hours=4), NOW)
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["hold"])
    world.now = NOW + timedelta(hours=4)
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    await coordinator.close()


async def test_what_becomes_busy_at_the_last_moment_is_waited_for_again(start, aws, tabs, world):
    tab = tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask(when="2026-11-23T14:00:01Z"))
    world.now = NOW + timedelta(seconds=1)
    await eventually_async(lambda: tabs._restart_id and coordinator.restart.phase == "saving")
    world.running = [kernel("kernel:1", busy=True)]
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": []})
    await until(coordinator, "waiting")
    assert "stop" not in aws.calls
    await coordinator.close()


async def test_what_is_waited_for_survives_a_restart_of_the_server(start, aws, world):
    world.running = [kernel("kernel:1", busy=True)]
    before = start()
    await before.request(ask(when="idle"))
    await before.close()
    after = start()
    await after.resume(booted=NOW - timedelta(days=34))
    await eventually_async(lambda: [reason["id"] for reason in after.waiting_for] == ["kernel:1"])
    await after.cancel()
    assert after.restart.phase == "idle"


async def test_what_cannot_be_seen_is_not_quiet(start, aws, world):
    async def blind():
        raise RuntimeError("no such process table")

    world.list = blind
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["unknown"])
    await coordinator.close()


async def test_a_restart_that_waits_can_be_asked_for_at_once(start, aws, world, journal):
    world.running = [kernel("kernel:1", busy=True)]
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await coordinator.request(ask(confirmed=frozenset({"kernel:1"})))
    await until(coordinator, "away")
    assert events(journal) == ["scheduled", *WAY]
    await coordinator.close()


async def test_a_restart_that_nobody_watches_does_not_follow_right_upon_a_return(start, aws, world):
    world.returned = NOW
    coordinator = start()
    await coordinator.request(ask(when=to_text(NOW + timedelta(seconds=1))))
    world.now = NOW + timedelta(minutes=1)
    assert await until(coordinator, "refused") == ["restarted-recently"]
    await coordinator.request(ask())
    await until(coordinator, "away")
    await coordinator.close()
