"""A restart that a policy requires begins without a click, and only as required."""

from datetime import timedelta

import pytest

from jupyter_nb_updater.restart.enforcement import PolicyEnforcer, next_action
from jupyter_nb_updater.restart.machine import REQUIRED, Restart, RestartOrder
from jupyter_nb_updater.restart.request import parse_restart
from jupyter_nb_updater.util.request_error import MalformedRequest
from tests.wait import eventually_async

from .restarts import NOW, ask, events, kernel, until

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("required", "phase", "when", "last", "expected"),
    [
        (True, "idle", None, None, "begin"),
        (False, "idle", None, None, None),
        (True, "idle", REQUIRED, NOW - timedelta(minutes=59), None),
        (True, "idle", REQUIRED, NOW - HOUR, "begin"),
        (True, "refused", REQUIRED, NOW - HOUR, "begin"),
        (True, "failed", REQUIRED, NOW - timedelta(minutes=1), None),
        (True, "idle", None, NOW + HOUR, "begin"),
        (True, "waiting", REQUIRED, NOW, None),
        (False, "waiting", REQUIRED, NOW, "withdraw"),
        (True, "waiting", "idle", None, None),
        (False, "waiting", "idle", None, None),
        (True, "waiting", "2026-11-24T18:00:00Z", None, "begin"),
        (True, "saving", "now", None, None),
        (False, "saving", REQUIRED, NOW, None),
        (True, "away", REQUIRED, NOW, None),
        (True, "verifying", REQUIRED, None, None),
    ],
)
def test_what_to_do(required, phase, when, last, expected):
    restart = Restart(phase, RestartOrder("r", when=when) if when else None)
    assert next_action(restart, last, HOUR, NOW, required=required) == expected


async def test_it_waits_until_nothing_runs_and_restarts_by_itself(start, aws, world, journal):
    world.running = [kernel("kernel:1", busy=True, name="train.ipynb")]
    coordinator = start()
    requirement = PolicyEnforcer(coordinator, world.clock)
    await requirement.follow("Example Ltd", {}, required=True)
    await eventually_async(lambda: [reason["name"] for reason in coordinator.waiting_for] == ["train.ipynb"])
    await requirement.follow("Example Ltd", {}, required=True)
    world.running = []
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    world.now = NOW + timedelta(minutes=10)
    await until(coordinator, "away")
    assert events(journal) == ["scheduled", "begun", "cleared", "saved", "armed", "accepted"]
    assert (journal.records()[0]["by"], journal.records()[0]["when"]) == ("Example Ltd", REQUIRED)
    await coordinator.close()


async def test_it_is_withdrawn_when_the_window_closes(start, aws, world):
    world.running = [kernel("kernel:1", busy=True)]
    coordinator = start()
    requirement = PolicyEnforcer(coordinator, world.clock)
    await requirement.follow("Example Ltd", {}, required=True)
    await requirement.follow("Example Ltd", {}, required=False)
    assert coordinator.restart.phase == "idle"
    assert "stop" not in aws.calls
    await coordinator.close()


async def test_nothing_begins_when_it_is_no_longer_required_at_the_end_of_the_wait(start, aws, world):
    world.required = False
    coordinator = start()
    await PolicyEnforcer(coordinator, world.clock).follow("Example Ltd", {}, required=True)
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    world.now = NOW + timedelta(minutes=10)
    await until(coordinator, "idle")
    assert "stop" not in aws.calls
    await coordinator.close()


async def test_what_is_not_proven_saved_refuses_it_and_it_is_tried_again_later(start, aws, tabs, world):
    tab = tabs.join(lambda message: None)
    tabs.hello(tab, {"tab": "t", "page": "lab", "documents": [{"path": "a.ipynb", "dirty": True}]})
    coordinator = start()
    requirement = PolicyEnforcer(coordinator, world.clock)
    await requirement.follow("Example Ltd", {}, required=True)
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    world.now = NOW + timedelta(minutes=10)
    assert await until(coordinator, "refused") == ["tab-silent"]
    await requirement.follow("Example Ltd", {}, required=True)
    assert coordinator.restart.phase == "refused"
    world.now = NOW + HOUR
    await requirement.follow("Example Ltd", {}, required=True)
    assert coordinator.restart.phase == "waiting"
    assert "stop" not in aws.calls
    await coordinator.close()


async def test_it_takes_the_place_of_one_that_would_come_after_the_deadline(start, world):
    coordinator = start()
    await coordinator.request(ask(when="2026-11-24T18:00:00Z"))
    await PolicyEnforcer(coordinator, world.clock).follow("Example Ltd", {}, required=True)
    assert coordinator.restart.order.when == REQUIRED
    await coordinator.close()


def test_no_page_can_ask_for_it():
    with pytest.raises(MalformedRequest):
        parse_restart({"when": REQUIRED}, NOW)
