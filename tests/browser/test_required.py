"""A restart that a policy requires: without a click, everything is verified as saved, and the page reloads automatically."""

import json
import re
from datetime import datetime, timezone

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox
from tests.signed_policy import signed

from .pages import banner, refusal, type_at_the_end

SATURDAY = datetime(2026, 12, 5, 22, 0, tzinfo=timezone.utc)
QUICK = {"IdleWaiter": {"quiet_minutes": 0.05, "poll_seconds": 0.5}, "StateMonitor": {"watched_seconds": 1.0}}
WINDOW = {"timezone": "UTC", "days": ["sat"], "from": "22:30", "to": "04:00"}


@pytest.fixture
def required(wheel, tmp_path):
    """Start an instance after its deadline, whose restart window opens in half an hour of simulated time."""
    document = {
        "version": 1,
        "serial": 1,
        "issued": "2026-11-01T00:00:00Z",
        "expires": "2027-11-01T00:00:00Z",
        "organization": "Example Ltd",
        "mode": "require",
        "window": WINDOW,
        "grace_hours": 1,
        "age": {"advised_days": 30, "max_days": 33},
    }
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(document))
    traits = {**QUICK, **signed(path)}
    with Sandbox(wheel=wheel, policy=path, simulate_date=SATURDAY, time_scale=60.0, traits=traits) as sandbox:
        yield sandbox


def test_what_is_open_is_saved_and_the_instance_restarts_in_the_window_without_a_click(required, page):
    file = required.volume / "notes.txt"
    file.write_text("one\n")
    page.goto(f"{required.lab_url}/tree/notes.txt")
    expect(banner(page).get_by_role("status")).to_contain_text(re.compile("restarts automatically|Restart when idle"))
    type_at_the_end(page, "two")
    restarted = page.get_by_role("dialog", name="Restarted")
    expect(restarted).to_be_visible(timeout=180_000)
    expect(restarted).to_contain_text("4.6")
    assert file.read_text() == "one\ntwo"
    assert page.evaluate("sessionStorage.getItem('connection-error')") is None
    records = [json.loads(line) for line in (required.volume / ".nb-updater" / "journal.jsonl").read_text().splitlines()]
    (asked,) = [record for record in records if record["event"] == "scheduled"]
    assert (asked["by"], asked["when"]) == ("Example Ltd", "required")


def test_what_cannot_be_saved_refuses_it_in_words(required, page):
    file = required.volume / "notes.txt"
    file.write_text("one\n")
    page.goto(f"{required.lab_url}/tree/notes.txt")
    type_at_the_end(page, "two")
    page.route("**/api/contents/**", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    expect(page.get_by_text("The scheduled restart did not happen.")).to_be_visible(timeout=180_000)
    expect(refusal(page)).to_be_hidden()  # nobody asked for it here
    page.get_by_role("button", name="Details").click()
    expect(refusal(page)).to_contain_text("notes.txt")
    assert required.status == "InService"
    assert required.volume.joinpath("notes.txt").read_text() == "one\n"
