"""A whole restart behind AWS's front door, and behind proxies that do more to requests than AWS was seen to do."""

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import FrontOptions, Sandbox

from .pages import banner, click_through, expect_restarted, state, type_at_the_end

FRONTS = {
    "as on AWS": FrontOptions(),
    "without Sec-Fetch-* and unknown headers, and with sockets that are cut every 12 s": FrontOptions(
        strip_fetch_metadata=True, strip_unknown_headers=True, cut_sockets_seconds=12.0
    ),
    "of an older image, slow and buffering": FrontOptions(allowed_origin="any", delay_seconds=0.1, buffer=True),
}


@pytest.fixture(params=FRONTS.values(), ids=FRONTS.keys())
def sandbox(request, wheel):
    with Sandbox(wheel=wheel, name="Research-1", front=request.param) as running:
        yield running


def test_the_instance_restarts_and_the_edits_are_back(page, sandbox):
    text = sandbox.volume / "notes.txt"
    text.write_text("first line\n")
    page.goto(f"{sandbox.lab_url}/tree/notes.txt")
    expect(banner(page)).to_be_visible()
    assert page.url == f"http://{sandbox.front.public_name}/lab/tree/notes.txt"
    type_at_the_end(page, "second line, not saved\n")
    before = state(page, sandbox)["server_id"]

    click_through(page)
    expect_restarted(page)

    assert text.read_text() == "first line\nsecond line, not saved\n"
    assert state(page, sandbox)["server_id"] != before
    expect(page.get_by_role("tab", name="notes.txt")).to_be_visible()
