"""The save round over all tabs: none is assumed to be saved."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.restart.save_round import unsaved_in_tabs
from jupyter_nb_updater.saving.tabs import Tabs

NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


class Clock:
    """A clock that the test sets."""

    def __init__(self):
        self.time = NOON

    def now(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tabs(clock):
    return Tabs(clock)


def open_tab(tabs, page="lab", **documents):
    tab = tabs.join(lambda message: None)
    listed = [{"path": f"{name}.txt", "dirty": dirty} for name, dirty in documents.items()]
    tabs.hello(tab, {"tab": page, "page": page, "documents": listed})
    return tab


def report(*outcomes, restart="r-1"):
    documents = [{"path": f"{number}.txt", "outcome": outcome} for number, outcome in enumerate(outcomes)]
    return {"type": "report", "restart": restart, "documents": documents}


async def begin(tabs, timeout=5.0):
    task = asyncio.create_task(tabs.collect_reports("r-1", timeout))
    await asyncio.sleep(0)
    return task


async def test_without_a_tab_there_is_nothing_to_wait_for(tabs):
    assert await tabs.collect_reports("r-1", 5) == []


async def test_a_round_ends_when_the_last_tab_has_answered(tabs):
    first, second = open_tab(tabs), open_tab(tabs, page="tree")
    running = await begin(tabs)
    tabs.report(first, report("saved"))
    await asyncio.sleep(0)
    assert not running.done()
    tabs.report(second, report("clean"))
    assert [answer.outcome for answer in await running] == ["answered", "answered"]


async def test_a_tab_that_says_nothing_is_silent_and_not_saved(tabs):
    open_tab(tabs, page="lab", notes=True)
    answers = await tabs.collect_reports("r-1", 0.01)
    assert [(finding.code, finding.subject, finding.detail) for finding in unsaved_in_tabs(answers)] == [
        ("tab-silent", "lab", "notes.txt")
    ]


async def test_a_page_that_has_asked_for_the_state_is_waited_for_until_it_is_connected(tabs):
    tabs.expect("lab", "lab")
    running = await begin(tabs)
    assert not running.done()
    tabs.report(open_tab(tabs, page="lab"), report("saved"))
    assert [answer.outcome for answer in await running] == ["answered"]


async def test_a_page_that_has_asked_and_never_connects_is_silent(tabs):
    tabs.expect("a", "edit")
    answers = await tabs.collect_reports("r-1", 0.01)
    assert [(finding.code, finding.subject) for finding in unsaved_in_tabs(answers)] == [("tab-silent", "edit")]


async def test_a_page_that_has_asked_long_ago_is_gone(tabs, clock):
    tabs.expect("a", "edit")
    clock.time += timedelta(seconds=151)
    assert await tabs.collect_reports("r-1", 5) == []


async def test_a_page_that_was_closed_before_it_had_its_answer_holds_nobody_up(tabs):
    tabs.expect("a", "edit")
    running = await begin(tabs)
    tabs.stop_expecting("a")
    assert await running == []


async def test_a_page_that_is_closed_before_it_has_connected_holds_nobody_up(tabs):
    tabs.expect("a", "lab")
    running = await begin(tabs)
    tabs.forget("a")
    assert await running == []


async def test_a_page_that_lost_its_connection_and_is_closed_holds_nobody_up_but_the_round_that_missed_it(tabs):
    tabs.leave(open_tab(tabs, page="lab", notes=True))
    tabs.begin_round("r-1")
    tabs.forget("lab")
    assert [answer.outcome for answer in await tabs.collect_reports("r-1", 5)] == ["gone"]
    assert (tabs.lost_pages(), await tabs.collect_reports("r-2", 5)) == ([], [])


async def test_a_page_that_is_connected_and_asks_is_not_waited_for_twice(tabs):
    tab = open_tab(tabs, page="lab")
    tabs.expect("lab", "lab")
    running = await begin(tabs)
    tabs.report(tab, report("saved"))
    assert [answer.outcome for answer in await running] == ["answered"]


async def test_a_tab_that_joins_in_the_middle_takes_part(tabs):
    first = open_tab(tabs)
    running = await begin(tabs)
    late = open_tab(tabs, page="tree")
    tabs.report(first, report("saved"))
    await asyncio.sleep(0)
    assert not running.done()
    tabs.report(late, report("saved"))
    assert len(await running) == 2


async def test_a_tab_that_goes_away_with_unsaved_text_and_does_not_come_back_is_named(tabs, clock):
    tab = open_tab(tabs, notes=True, old=False)
    running = await begin(tabs)
    tabs.leave(tab)
    await asyncio.sleep(0)
    assert not running.done()
    clock.time += timedelta(seconds=11)
    assert [(finding.code, finding.detail) for finding in unsaved_in_tabs(await running)] == [("tab-gone", "notes.txt")]


async def test_a_tab_that_is_closed_with_nothing_unsaved_is_no_obstacle(tabs):
    tab = open_tab(tabs, old=False)
    running = await begin(tabs)
    tabs.bye(tab, {})
    tabs.leave(tab)
    assert unsaved_in_tabs(await running) == []


async def test_a_tab_that_loses_its_connection_is_waited_for_even_if_it_told_of_nothing_unsaved(tabs):
    tab = open_tab(tabs, page="lab", old=False)
    running = await begin(tabs)
    tabs.leave(tab)
    await asyncio.sleep(0)
    assert not running.done()
    tabs.report(open_tab(tabs, page="lab", old=False), report("saved"))
    assert [answer.outcome for answer in await running] == ["answered"]


async def test_a_tab_that_loses_its_connection_and_does_not_come_back_is_silent(tabs, clock):
    tabs.leave(open_tab(tabs, page="lab", old=False))
    answers = await tabs.collect_reports("r-1", 0.01)
    assert [(finding.code, finding.subject, finding.detail) for finding in unsaved_in_tabs(answers)] == [
        ("tab-silent", "lab", "old.txt")
    ]
    clock.time += timedelta(seconds=151)
    assert await tabs.collect_reports("r-2", 5) == []


async def test_an_answer_to_another_round_counts_for_nothing(tabs):
    tab = open_tab(tabs)
    running = await begin(tabs, timeout=0.05)
    tabs.report(tab, report("saved", restart="r-0"))
    assert [answer.outcome for answer in await running] == ["silent"]


async def test_a_second_answer_changes_nothing(tabs):
    tab, other = open_tab(tabs), open_tab(tabs, page="tree")
    running = await begin(tabs)
    tabs.report(tab, report("failed"))
    tabs.report(tab, report("saved"))
    tabs.report(other, report("saved"))
    assert [finding.code for finding in unsaved_in_tabs(await running)] == ["document-not-saved"]


@pytest.mark.parametrize("outcome", ["read-only", "failed", "timeout", "unverified", "something-new", None])
async def test_only_clean_and_saved_are_proof(tabs, outcome):
    tab = open_tab(tabs)
    running = await begin(tabs)
    tabs.report(tab, report("clean", "saved", outcome))
    assert [finding.subject for finding in unsaved_in_tabs(await running)] == ["2.txt"]


def rescue(copy, restart="r-1"):
    documents = [{"path": "a.txt", "outcome": "rescued", "detail": "conflict", "copy": copy}]
    return {"type": "report", "restart": restart, "documents": documents}


async def test_a_rescue_copy_is_named_and_left_to_a_person(tabs):
    tab = open_tab(tabs)
    running = await begin(tabs)
    tabs.report(tab, rescue("a.unsaved-20261125T183000Z.txt"))
    answers = await running
    assert [(finding.code, finding.subject, finding.detail) for finding in unsaved_in_tabs(answers)] == [
        ("document-rescued", "a.txt", "a.unsaved-20261125T183000Z.txt")
    ]
    assert [answer.unverified for answer in answers] == [[]]


@pytest.mark.parametrize("copy", [None, "", 7, ["a.txt"], "x" * 5000])
async def test_a_rescue_without_the_name_of_its_copy_is_no_proof(tabs, copy):
    tab = open_tab(tabs)
    running = await begin(tabs)
    tabs.report(tab, rescue(copy))
    assert [(finding.code, finding.detail) for finding in unsaved_in_tabs(await running)] == [
        ("document-not-saved", "unverified conflict")
    ]


async def test_the_copies_of_all_tabs_are_known_until_the_next_round(tabs):
    first, second = open_tab(tabs), open_tab(tabs, page="tree")
    running = await begin(tabs)
    tabs.report(first, rescue("a.unsaved-1.txt"))
    tabs.report(second, rescue("a.unsaved-2.txt"))
    await running
    assert tabs.rescue_copies() == {"a.txt": ["a.unsaved-1.txt", "a.unsaved-2.txt"]}
    await tabs.collect_reports("r-2", 0.01)
    assert tabs.rescue_copies() == {}


async def test_what_is_unsaved_and_no_document_is_named_with_its_page(tabs):
    tab = open_tab(tabs, page="lab")
    running = await begin(tabs)
    tabs.report(tab, report("saved") | {"unsaved_widgets": ["Settings", "another part of this page"]})
    assert [(finding.code, finding.subject, finding.detail) for finding in unsaved_in_tabs(await running)] == [
        ("unsaved-widgets", "lab", "Settings, another part of this page")
    ]


@pytest.mark.parametrize("unsaved_widgets", [None, 7, "Settings", {}, [], [7, None]])
async def test_a_malformed_list_of_unsaved_widgets_is_an_empty_one(tabs, unsaved_widgets):
    tab = open_tab(tabs)
    running = await begin(tabs)
    tabs.report(tab, report("saved") | {"unsaved_widgets": unsaved_widgets})
    assert unsaved_in_tabs(await running) == []


async def test_a_page_that_says_too_much_is_cut_short(tabs):
    tab = open_tab(tabs)
    running = await begin(tabs)
    tabs.report(tab, report("saved") | {"unsaved_widgets": ["x" * 1000] * 1000})
    (answer,) = await running
    assert len(answer.unsaved_widgets) == 50
    assert {len(name) for name in answer.unsaved_widgets} == {500}


@pytest.mark.parametrize("documents", [None, 7, "text", [7], [{"no": "path"}], [{"path": 7}]])
async def test_a_malformed_list_of_documents_is_an_empty_one(tabs, documents):
    tab = open_tab(tabs)
    tabs.hello(tab, {"documents": documents})
    assert tabs.documents() == []


def test_documents_of_all_tabs_are_told_once_and_dirty_if_one_is(tabs):
    open_tab(tabs, notes=False)
    open_tab(tabs, page="tree", notes=True, other=False)
    assert tabs.documents() == [
        {"path": "notes.txt", "dirty": True, "tabs": 2},
        {"path": "other.txt", "dirty": False, "tabs": 1},
    ]


async def test_a_tab_that_leaves_between_the_click_and_the_round_is_named(tabs):
    tab = open_tab(tabs, notes=True)
    tabs.begin_round("r-1")
    tabs.bye(tab, {})
    tabs.leave(tab)
    assert [finding.code for finding in unsaved_in_tabs(await tabs.collect_reports("r-1", 5))] == ["tab-gone"]


async def test_a_page_that_lost_its_connection_before_the_click_still_holds_its_text(tabs, clock):
    tabs.leave(open_tab(tabs, notes=True, old=False))
    clock.time += timedelta(seconds=11)
    assert tabs.lost_pages() == [{"id": "tab:lab", "page": "lab", "documents": ["notes.txt"]}]
    assert [finding.detail for finding in unsaved_in_tabs(await tabs.collect_reports("r-1", 5))] == ["notes.txt"]


async def test_a_page_that_is_back_speaks_for_itself(tabs):
    tabs.leave(open_tab(tabs, notes=True))
    tabs.begin_round("r-1")
    back = open_tab(tabs, notes=True)
    running = await begin(tabs)
    tabs.report(back, report("saved"))
    assert (tabs.lost_pages(), unsaved_in_tabs(await running)) == ([], [])


async def test_a_page_that_was_closed_is_waited_for_by_nobody(tabs):
    tab = open_tab(tabs, notes=True)
    tabs.bye(tab, {})
    tabs.leave(tab)
    assert (tabs.lost_pages(), unsaved_in_tabs(await tabs.collect_reports("r-1", 5))) == ([], [])


async def test_a_page_whose_connection_is_cut_while_it_saves_reports_with_the_next_one(tabs):
    tab = open_tab(tabs, notes=True)
    running = await begin(tabs)
    for _ in range(3):
        tabs.leave(tab)
        await asyncio.sleep(0)
        assert not running.done()
        tab = open_tab(tabs, notes=True)
    tabs.report(tab, report("saved"))
    assert [answer.outcome for answer in await running] == ["answered"]


async def test_a_page_that_is_connected_again_before_its_old_connection_ends_is_not_lost(tabs):
    old = open_tab(tabs, notes=True)
    new = open_tab(tabs, notes=True)
    running = await begin(tabs)
    tabs.leave(old)
    tabs.report(new, report("saved"))
    assert (tabs.lost_pages(), [answer.outcome for answer in await running]) == ([], ["answered"])


def polls(tabs, page="lab", **documents):
    listed = [{"path": f"{name}.txt", "dirty": dirty} for name, dirty in documents.items()]
    tabs.receive(page, page, {"type": "hello", "tab": page, "page": page, "documents": listed})


async def test_a_page_without_a_socket_takes_part_by_requests(tabs):
    polls(tabs, notes=True)
    assert tabs.documents() == [{"path": "notes.txt", "dirty": True, "tabs": 1}]
    assert (tabs.is_watched, len(tabs.polling)) == (True, 1)
    running = await begin(tabs)
    assert not running.done()
    tabs.expect("lab", "lab")  # it asks for the state
    tabs.receive("lab", "lab", report("saved"))
    (answer,) = await running
    assert (answer.outcome, answer.tab.id, answer.tab.page) == ("answered", "lab", "lab")


async def test_a_page_that_reports_by_a_request_while_its_socket_is_cut_has_answered(tabs, clock):
    tab = open_tab(tabs, notes=True)
    running = await begin(tabs)
    tabs.leave(tab)
    polls(tabs, notes=True)
    tabs.receive("lab", "lab", report("saved"))
    assert (tabs.lost_pages(), [answer.outcome for answer in await running]) == ([], ["answered"])


async def test_a_request_of_a_page_whose_old_connection_has_not_ended_counts_for_it(tabs):
    open_tab(tabs, notes=True)
    running = await begin(tabs)
    polls(tabs, notes=True)
    tabs.receive("lab", "lab", report("saved"))
    assert ([answer.outcome for answer in await running], tabs.polling) == (["answered"], [])


async def test_a_page_that_stops_asking_still_holds_its_text(tabs, clock):
    polls(tabs, notes=True)
    clock.time += timedelta(seconds=151)
    assert (tabs.documents(), [page["documents"] for page in tabs.lost_pages()]) == ([], [["notes.txt"]])
    tabs.begin_round("r-1")
    polls(tabs, notes=True)
    tabs.receive("lab", "lab", report("saved"))
    assert (tabs.lost_pages(), [answer.outcome for answer in await tabs.collect_reports("r-1", 5)]) == ([], ["answered"])


async def test_a_page_that_stops_asking_in_a_round_is_gone(tabs, clock):
    polls(tabs, notes=True)
    running = await begin(tabs)
    clock.time += timedelta(seconds=151)
    await asyncio.sleep(0)
    clock.time += timedelta(seconds=11)
    assert [answer.outcome for answer in await asyncio.wait_for(running, 2)] == ["gone"]


async def test_a_page_without_a_socket_that_says_good_bye_is_waited_for_by_nobody(tabs):
    polls(tabs, notes=True)
    tabs.forget("lab")
    assert (tabs.documents(), tabs.lost_pages(), await tabs.collect_reports("r-1", 5)) == ([], [], [])


async def test_a_page_that_connects_after_all_is_listed_once(tabs):
    polls(tabs, notes=True)
    open_tab(tabs, notes=True)
    assert (tabs.documents(), tabs.polling) == ([{"path": "notes.txt", "dirty": True, "tabs": 1}], [])


def test_only_so_many_pages_without_a_socket_are_remembered(tabs):
    for number in range(60):
        polls(tabs, page=str(number))
    assert len(tabs.polling) == 50


def proof(value):
    documents = [{"path": "a.txt", "outcome": "saved", "proof": value}]
    return {"type": "report", "restart": "r-1", "documents": documents}


@pytest.mark.parametrize(("proofs", "findings"), [(("1", "2"), ["a.txt"]), (("1", "1"), []), ((None, None), [])])
async def test_tabs_that_saved_over_each_other_tell_different_versions(tabs, proofs, findings):
    running_tabs = [open_tab(tabs, page=str(number)) for number in range(2)]
    running = await begin(tabs)
    for tab, value in zip(running_tabs, proofs, strict=True):
        tabs.report(tab, proof(value))
    found = unsaved_in_tabs(await running)
    assert [finding.subject for finding in found] == findings
    assert all("overwritten" in finding.detail for finding in found)
