"""A whole restart behind AWS's front door, and behind proxies that do more to requests than AWS was seen to do."""

import json

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.assumptions.checks import compare
from jupyter_nb_updater.assumptions.observed import FILE_NAME, Observed
from jupyter_nb_updater.assumptions.registry import load_assumptions
from jupyter_nb_updater.sandbox import FrontOptions, Sandbox
from tests import wait

from .pages import AWAY, banner, click_through, expect_restarted, state, type_at_the_end

FRONTS = {
    "as on AWS": FrontOptions(),
    "without Sec-Fetch-* and unknown headers, and with sockets that are cut every 12 s": FrontOptions(
        strip_fetch_metadata=True, strip_unknown_headers=True, cut_sockets_seconds=12.0
    ),
    "with sockets that are cut every second": FrontOptions(cut_sockets_seconds=1.0),
    "of an older image, slow and buffering": FrontOptions(allowed_origin="any", delay_seconds=0.1, buffer=True),
}
# What `doctor` says of each, beside the port, which two instances on one computer cannot share.
DIFFERENT = {
    "as on AWS": set(),
    "without Sec-Fetch-* and unknown headers, and with sockets that are cut every 12 s": {"fetch-metadata", "own-headers-pass"},
    "with sockets that are cut every second": set(),
    "of an older image, slow and buffering": {"allowed-origin", "notebook-uri"},
}


def different(sandbox):
    """Return what differs from the assumptions, once a page has loaded."""

    def observed():
        return Observed.parse(json.loads((sandbox.volume / ".nb-updater" / FILE_NAME).read_text("utf-8")))

    wait.eventually(lambda: {"GET", "WebSocket"} <= observed().requests.keys())
    return {one.assumption.id for one in compare(load_assumptions().values(), observed()) if one.result == "differs"}


@pytest.fixture(params=FRONTS.values(), ids=FRONTS.keys())
def sandbox(request, wheel):
    with Sandbox(wheel=wheel, front=request.param) as running:
        yield running


def restart(page, sandbox, differences):
    """Enter, type, restart, and find the text and the page again."""
    text = sandbox.volume / "notes.txt"
    text.write_text("first line\n")
    page.goto(f"{sandbox.lab_url}/tree/notes.txt")
    expect(banner(page)).to_be_visible()
    assert page.url == f"http://{sandbox.front.public_name}/lab/tree/notes.txt"
    assert different(sandbox) == {"port", *differences}
    type_at_the_end(page, "second line, not saved\n")
    before = state(page, sandbox)["server_id"]

    click_through(page)
    expect_restarted(page)

    assert text.read_text() == "first line\nsecond line, not saved\n"
    assert state(page, sandbox)["server_id"] != before
    expect(page.get_by_role("tab", name="notes.txt")).to_be_visible()


def test_the_instance_restarts_and_the_edits_are_back(page, sandbox, request):
    restart(page, sandbox, DIFFERENT[request.node.callspec.id])


def test_the_instance_restarts_from_firefox_whose_websockets_say_where_they_come_from(firefox_page, wheel):
    with Sandbox(wheel=wheel, name="Research-1", front=FrontOptions()) as sandbox:
        restart(firefox_page, sandbox, {"websocket-without-metadata"})


def test_a_person_whose_session_ends_with_the_restart_is_told_and_comes_back_from_the_console(page, wheel):
    with Sandbox(wheel=wheel, front=FrontOptions(sessions_survive_restart=False)) as sandbox:
        text = sandbox.volume / "notes.txt"
        text.write_text("first line\n")
        page.goto(f"{sandbox.lab_url}/tree/notes.txt")
        expect(banner(page)).to_be_visible()
        type_at_the_end(page, "second line, not saved\n")
        click_through(page)

        told = page.get_by_role("alertdialog", name="Restarting")
        expect(told).to_contain_text("You are signed out.", timeout=AWAY)
        expect(told.get_by_role("link", name="Open the AWS console")).to_be_visible()

        sandbox.wait_for("InService")
        answer = sandbox.aws.client("sagemaker").create_presigned_notebook_instance_url(NotebookInstanceName=sandbox.name)
        page.goto(answer["AuthorizedUrl"])
        expect_restarted(page)
        assert text.read_text() == "first line\nsecond line, not saved\n"
