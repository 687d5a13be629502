"""Every tab takes part in the save round, and one that does not report is named."""

import json
import os
import signal
from functools import partial

import pytest
from playwright.sync_api import Error, expect

from jupyter_nb_updater.sandbox import Sandbox

from .pages import BUTTON, banner, eventually, leave, server_id, state, tick_all_and_confirm, type_at_the_end

SOON = {"SaveRound": {"tab_timeout_seconds": 8.0}}
"""A tab is silent after this time, instead of 90 seconds."""

DENIED = "User: arn:aws:sts::123456789012:assumed-role/notebook is not authorized to perform: sagemaker:StopNotebookInstance"
HIDDEN = """
Object.defineProperty(document, 'hidden', {get: () => true});
Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});
"""
UNCONNECTED = """
const Native = window.WebSocket;
window.WebSocket = class extends Native {
  constructor(url, protocols) {
    super(String(url).includes('/nb-updater/') ? 'ws://127.0.0.1:9/' : url, protocols);
  }
};
"""
CUT = """
const Native = window.WebSocket;
window.WebSocket = class extends Native {
  constructor(url, protocols) {
    super(url, protocols);
    if (String(url).includes('/nb-updater/')) {
      setInterval(() => this.close(), 1000);
    }
  }
};
"""
"""Every connection ends after a second, as behind a proxy that cuts them."""
# A request that the page waits for with its only thread: until it is answered, nothing else runs in this tab.
BLOCK = "setTimeout(() => { const r = new XMLHttpRequest(); r.open('GET', '/held', false); r.send(); })"


@pytest.fixture(scope="module")
def running(wheel):
    with Sandbox(wheel=wheel, traits=SOON) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """Refuse the stop, so that a complete round ends in a refusal and the next test can continue."""
    running.faults.add("StopNotebookInstance", code="AccessDeniedException", message=DENIED)
    yield running
    running.faults.clear()


@pytest.fixture
def other(page):
    """Open a second tab of the same browser."""
    return page.context.new_page()


def known(page, sandbox):
    """Return the open documents that the server knows, and whether each has unsaved changes."""
    return {entry["path"]: entry["dirty"] for entry in state(page, sandbox)["work"]["documents"]}


def edit(tab, sandbox, name):
    """Open a file in a tab of Notebook 7, and leave unsaved changes in it."""
    (sandbox.volume / name).write_text("before\n")
    tab.bring_to_front()
    tab.goto(f"{sandbox.url}edit/{name}")
    expect(banner(tab)).to_be_visible()
    type_at_the_end(tab, "after\n")


def block(tab):
    """Let no request of this tab be answered until the returned function is called."""
    held = []

    def hold(route):
        held.append(route)

    tab.route("**/held", hold)
    tab.evaluate(BLOCK)
    eventually(tab.context.pages[0], lambda: held)
    return partial(held[0].fulfill, body="")


def click(page, sandbox):
    """Click in a new JupyterLab, wait for the save round, and return the dialog that will show its result.

    A page of an earlier test may be lost with unsaved changes, which must be confirmed.
    """
    page.bring_to_front()
    page.goto(sandbox.lab_url)
    tick_all_and_confirm(page)
    eventually(page, lambda: state(page, sandbox)["restart"]["phase"] == "saving")
    return page.get_by_role("alertdialog", name="Not restarted")


def is_new(page, sandbox, before):
    """Check whether another server process responds."""
    try:
        return server_id(page, sandbox) != before
    except (Error, ValueError):  # none for a moment, or only the front, which has no state to send
        return False


def close(told):
    told.get_by_role("button", name="Close").click()
    expect(told).to_be_hidden()


def text(sandbox, name):
    return (sandbox.volume / name).read_text("utf-8")


def last_round(sandbox):
    """Return the outcomes of the last round by path."""
    lines = (sandbox.volume / ".nb-updater" / "journal.jsonl").read_text("utf-8").splitlines()
    listed = [record["documents"] for record in map(json.loads, lines) if "documents" in record]
    return {document["path"]: document["outcome"] for document in listed[-1]}


def test_a_silent_tab_is_named_with_its_document_and_nothing_stops(page, sandbox, other):
    edit(other, sandbox, "silent.txt")
    eventually(page, lambda: known(page, sandbox).get("silent.txt"))
    block(other)

    told = click(page, sandbox)

    expect(told).to_contain_text("silent.txt")
    assert (text(sandbox, "silent.txt"), sandbox.status) == ("before\n", "InService")
    close(told)


def test_a_tab_that_is_closed_in_the_round_is_named_with_what_it_had_not_saved(page, sandbox, other):
    edit(other, sandbox, "closed.txt")
    eventually(page, lambda: known(page, sandbox).get("closed.txt"))
    block(other)

    told = click(page, sandbox)
    other.close(run_before_unload=False)

    expect(told).to_contain_text("closed.txt")
    assert (text(sandbox, "closed.txt"), sandbox.status) == ("before\n", "InService")
    close(told)


@pytest.mark.parametrize(("script", "name"), [(UNCONNECTED, "refused.txt"), (CUT, "cut.txt")], ids=["refused", "cut"])
def test_a_page_whose_websocket_is_refused_or_cut_saves_and_reports_all_the_same(page, sandbox, script, name):
    page.add_init_script(script)
    edit(page, sandbox, name)
    if script is UNCONNECTED:
        expect(banner(page).get_by_role("status")).to_contain_text("no live connection", timeout=10_000)

    tick_all_and_confirm(page)

    told = page.get_by_role("alertdialog", name="Not restarted")
    expect(told).to_contain_text("sagemaker:StopNotebookInstance", timeout=60_000)  # only that was missing
    assert text(sandbox, name) == "before\nafter\n"
    assert last_round(sandbox)[name] == "saved"
    close(told)


def test_a_page_that_the_server_refuses_altogether_says_so_before_anybody_clicks(page, sandbox):
    page.add_init_script(UNCONNECTED)
    page.route("**/nb-updater/page", lambda route: route.fulfill(status=403, body='{"code": "foreign-origin"}'))
    page.goto(sandbox.lab_url)
    expect(banner(page).get_by_role("status")).to_contain_text("no live connection", timeout=30_000)
    expect(banner(page).get_by_role("button", name=BUTTON)).to_be_disabled()
    page.unroute("**/nb-updater/page")  # or its `bye` is refused too, and the next rounds wait for it
    leave(page)


def test_a_hidden_tab_answers(page, sandbox, other):
    other.add_init_script(HIDDEN)
    edit(other, sandbox, "hidden.txt")

    page.bring_to_front()
    page.goto(sandbox.lab_url)
    tick_all_and_confirm(page)

    told = page.get_by_role("alertdialog", name="Not restarted")
    expect(told).to_contain_text("sagemaker:StopNotebookInstance")
    assert last_round(sandbox)["hidden.txt"] == "saved"
    assert text(sandbox, "hidden.txt") == "before\nafter\n"
    close(told)


def test_a_tab_whose_connection_comes_back_in_the_middle_of_a_round_joins_it(page, sandbox, other):
    late, lost = page.context.new_page(), []

    def lose(socket):  # opens, with nobody at the other end
        lost.append(socket)

    late.route_web_socket("**/nb-updater/channel*", lose)
    edit(late, sandbox, "late.txt")
    edit(other, sandbox, "busy.txt")
    eventually(page, lambda: known(page, sandbox).get("busy.txt"))
    go_on = block(other)

    told = click(page, sandbox)
    assert "late.txt" not in known(page, sandbox)
    late.route_web_socket("**/nb-updater/channel*", lambda socket: socket.connect_to_server())
    lost[-1].close()
    eventually(page, lambda: "late.txt" in known(page, sandbox))
    go_on()

    expect(told).to_contain_text("sagemaker:StopNotebookInstance")
    assert {path: last_round(sandbox)[path] for path in ("busy.txt", "late.txt")} == {"busy.txt": "saved", "late.txt": "saved"}
    assert (text(sandbox, "busy.txt"), text(sandbox, "late.txt")) == ("before\nafter\n", "before\nafter\n")
    close(told)


def test_a_tab_of_a_server_that_was_killed_is_not_forgotten_by_the_next(page, sandbox, other):
    edit(other, sandbox, "older.txt")
    eventually(page, lambda: known(page, sandbox).get("older.txt"))
    before = server_id(page, sandbox)
    other.route("**/nb-updater/state*", lambda route: route.abort())  # it does not find the new server in time
    (running,) = json.loads(sandbox.run("jupyter", "server", "list", "--jsonlist").stdout)
    os.kill(running["pid"], signal.SIGKILL)
    eventually(page, lambda: is_new(page, sandbox, before))

    told = click(page, sandbox)

    expect(told).to_contain_text("A browser tab with Notebook did not answer", timeout=60_000)
    assert (text(sandbox, "older.txt"), sandbox.status) == ("before\n", "InService")
    close(told)
