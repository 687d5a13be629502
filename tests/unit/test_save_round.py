"""No restart begins before all work is saved and every loss is accepted."""

import pytest

from tests.wait import eventually_async

from .restarts import ask, kernel, until


async def test_a_document_that_is_not_proven_saved_stops_nothing(start, aws, tabs, journal):
    tab = tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "saving")
    documents = [{"path": "a.ipynb", "outcome": "failed", "detail": "disk full", "copy": None, "proof": None}]
    await eventually_async(lambda: tabs._restart_id and coordinator.restart.phase == "saving")
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
    assert await until(coordinator, "refused") == ["document-not-saved"]
    assert not {"arm", "stop"} & set(aws.calls)
    assert journal.records()[-1]["documents"] == documents


async def test_a_silent_tab_stops_nothing_and_the_journal_says_what_it_had(start, aws, tabs, journal):
    tab = tabs.join(lambda message: None)
    tabs.hello(tab, {"tab": "t", "documents": [{"path": "notes.txt", "dirty": True}]})
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["tab-silent"]
    assert "stop" not in aws.calls
    assert journal.records()[-1]["documents"] == [{"outcome": "silent", "path": "notes.txt", "dirty": True}]


async def test_a_kernel_that_was_not_shown_refuses(start, aws, world):
    world.running = [kernel("kernel:2")]
    coordinator = start()
    await coordinator.request(ask("kernel:1"))
    assert await until(coordinator, "refused") == ["losses-not-confirmed"]
    assert "stop" not in aws.calls


async def test_a_document_that_something_else_has_open_stops_nothing(start, aws, world):
    world.strangers = ["old-tab.ipynb"]
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["session-not-reported"]
    assert "stop" not in aws.calls


async def test_a_room_that_is_not_saved_stops_nothing(start, aws, world):
    world.rooms = [("shared.ipynb", "no space left on device")]
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["room-not-saved"]
    assert "stop" not in aws.calls


async def test_a_disk_that_does_not_take_it_stops_nothing(start, aws, world):
    world.disk = OSError(5, "Input/output error")
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["volume-not-synced"]
    assert "stop" not in aws.calls


async def test_a_copy_beside_the_file_is_enough_only_if_the_person_says_so(start, aws, tabs):
    tab = tabs.join(lambda message: None)
    documents = [{"path": "a.txt", "outcome": "rescued", "copy": "a.unsaved-20261123T140000Z.txt"}]
    coordinator = start()
    for confirmed, phase in ((), "refused"), (("rescued:a.txt",), "away"):
        await coordinator.request(ask(confirmed=frozenset(confirmed)))
        await eventually_async(lambda: tabs._restart_id and coordinator.restart.phase == "saving")
        tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
        await until(coordinator, phase)
    await coordinator.close()


async def test_a_copy_that_is_enough_is_no_word_for_a_version_that_was_not_saved(start, aws, tabs):
    first, second = (tabs.join(lambda message: None) for _ in range(2))
    coordinator = start()
    await coordinator.request(ask(confirmed=frozenset({"rescued:a.txt"})))
    await eventually_async(lambda: tabs._restart_id and coordinator.restart.phase == "saving")
    for tab, outcome in ((first, "rescued"), (second, "failed")):
        documents = [{"path": "a.txt", "outcome": outcome, "copy": "a.unsaved-20261123T140000Z.txt"}]
        tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
    assert await until(coordinator, "refused") == ["document-not-saved"]
    assert "stop" not in aws.calls


@pytest.mark.parametrize(("confirmed", "phase"), [((), "refused"), (("tab:1",), "away")])
async def test_a_page_that_lost_its_connection_takes_a_word(start, tabs, confirmed, phase):
    tab = tabs.join(lambda message: None)
    tabs.hello(tab, {"tab": "1", "documents": [{"path": "a.txt", "dirty": True}]})
    tabs.leave(tab)
    coordinator = start()
    await coordinator.request(ask(confirmed=frozenset(confirmed)))
    await until(coordinator, phase)
    await coordinator.close()


async def test_something_that_begins_during_the_round_is_not_cut_off(start, aws, tabs, world):
    tab = tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask())
    await eventually_async(lambda: tabs._restart_id and coordinator.restart.phase == "saving")
    world.running = [kernel("kernel:1", busy=True)]
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": []})
    assert await until(coordinator, "refused") == ["busy-not-confirmed"]


async def test_the_journal_has_what_was_lost_and_how_the_person_agreed(start, world, journal):
    world.running = [kernel("kernel:1"), kernel("kernel:2", busy=True, name="b.ipynb")]
    coordinator = start()
    await coordinator.request(ask("kernel:1", confirmed=frozenset({"kernel:2"})))
    await until(coordinator, "away")
    (saved,) = [record for record in journal.records() if record["event"] == "saved"]
    assert [(loss["name"], loss["busy"], loss["consent"]) for loss in saved["lost"]] == [
        ("a.ipynb", False, "seen"),
        ("b.ipynb", True, "named"),
    ]
    await coordinator.close()
