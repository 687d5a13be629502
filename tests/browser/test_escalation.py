"""Advice is displayed according to its level: nothing, a status bar item, the banner, a countdown."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox

from .pages import BUTTON, banner, change, type_at_the_end, unfold

WHY = "Why restart this notebook instance?"

# When the buttons of the banner were taken out of reach, and when they were back.
WATCH_THE_BUTTON = """
window.reach = [];
new MutationObserver(records => {
  for (const {target} of records) {
    if (target.textContent === '%s') reach.push([target.getAttribute('aria-disabled'), performance.now()]);
  }
}).observe(document, {subtree: true, attributeFilter: ['aria-disabled']});
"""


@pytest.fixture(scope="module")
def soon(wheel):
    """Start an instance five days before a restart is recommended."""
    with Sandbox(wheel=wheel, uptime=timedelta(days=25)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def near(wheel):
    """Start an instance a few hours before the deadline."""
    with Sandbox(wheel=wheel, traits={"Adviser": {"interval_days": 34.1}}) as sandbox:
        yield sandbox


def item(page, text):
    """Return the status bar item with this text."""
    return page.get_by_role("button", name=re.compile(text))


def at_rest(page):
    """Wait until the page has loaded and received the state."""
    expect(page.get_by_role("menuitem", name="File")).to_be_visible()
    page.wait_for_load_state("networkidle")


def hold(page, sandbox):
    until = datetime.now(timezone.utc) + timedelta(hours=1)
    body = {"until": until.strftime("%Y-%m-%dT%H:%M:%SZ"), "reason": "training until the evening"}
    assert change(page, sandbox, "PUT", "hold", body) == 200


def test_what_comes_soon_is_a_quiet_item_that_says_why(page, soon):
    page.goto(soon.lab_url)
    item(page, "Restart recommended from").click()
    why = page.get_by_role("dialog", name=WHY)
    age = unfold(why, "Time since the last start")
    expect(age).to_contain_text("This instance has run for 25 days. AWS recommends a restart at least every 30 days.")
    comes = why.get_by_role("list", name="If you do nothing")
    expect(comes).to_contain_text("A restart is recommended.")
    expect(comes).to_contain_text("Nothing else happens automatically.")
    expect(why.get_by_role("region", name="Policy")).to_contain_text("AWS recommendation (no policy configured)")
    expect(banner(page)).to_be_hidden()


def test_a_page_without_a_status_bar_says_nothing_of_what_comes_soon(page, soon):
    page.goto(soon.notebook_url)
    at_rest(page)
    expect(banner(page)).to_be_hidden()
    assert item(page, "Restart recommended from").count() == 0


@pytest.mark.parametrize("path", ["lab", "tree"])
def test_near_the_deadline_the_banner_counts_down_beside_what_is_announced(page, near, path):
    page.goto(near.url + path)
    expect(banner(page).get_by_role("status")).to_contain_text("Restart due.")
    expect(banner(page).get_by_role("timer")).to_have_text(re.compile(r"^((2|1) hr ?)?(\d+ min )?left$"))
    expect(banner(page).get_by_role("status")).not_to_contain_text("left")
    expect(banner(page).get_by_role("button", name="Remind me later")).to_have_attribute("title", "Hide for an hour")


def test_a_banner_that_has_just_appeared_takes_no_click_for_a_moment(page, near):
    page.add_init_script(WATCH_THE_BUTTON % BUTTON)
    page.goto(near.lab_url)
    restart = banner(page).get_by_role("button", name=BUTTON)
    expect(restart).to_be_enabled()
    changes = page.evaluate("reach")
    (first, began), (last, ended) = changes[0], changes[-1]
    assert (first, last) == ("true", "false")
    assert ended - began > 1000  # a busy page sees its beginning late; that it is 1500 is for the clock of arming.test.ts


def test_a_held_instance_is_quiet_in_jupyterlab_and_why_ends_the_hold(page, near):
    page.goto(near.lab_url)
    expect(banner(page)).to_be_visible()
    hold(page, near)
    quiet = item(page, "^On hold until ")
    expect(quiet).to_be_visible()
    expect(banner(page)).to_be_hidden()
    page.reload()
    at_rest(page)
    expect(banner(page)).to_be_hidden()
    quiet.click()
    why = page.get_by_role("dialog", name=WHY)
    expect(why).to_contain_text("training until the evening")
    why.get_by_role("button", name="End the hold").click()
    expect(why).to_be_hidden()
    expect(banner(page).get_by_role("timer")).to_contain_text("left")
    expect(quiet).to_be_hidden()


def test_a_held_instance_keeps_its_banner_where_there_is_no_status_bar(page, near):
    page.goto(near.notebook_url)
    expect(banner(page)).to_be_visible()
    hold(page, near)
    expect(banner(page).get_by_role("status")).to_contain_text("On hold until")
    expect(banner(page).get_by_role("timer")).to_be_hidden()
    banner(page).get_by_role("button", name="End the hold").click()
    expect(banner(page).get_by_role("status")).to_contain_text("Restart due.")


def test_a_new_level_is_shown_to_whoever_put_the_last_one_off_and_takes_no_word_out_of_their_hands(page, wheel):
    due_after = timedelta(seconds=75)
    notice = timedelta(days=90 - 34) - due_after
    traits = {"Adviser": {"notice_days": notice / timedelta(days=1)}, "StateMonitor": {"watched_seconds": 1.0}}
    with Sandbox(wheel=wheel, traits=traits) as sandbox:
        (sandbox.volume / "notes.txt").write_text("first\n")
        page.goto(f"{sandbox.lab_url}/tree/notes.txt")
        expect(banner(page).get_by_role("status")).to_contain_text("Restart recommended.")
        banner(page).get_by_role("button", name="Remind me later").click()
        expect(banner(page)).to_be_hidden()
        expect(item(page, "^Reminder (at|on) ")).to_be_visible()

        type_at_the_end(page, "second ")
        expect(banner(page).get_by_role("status")).to_contain_text("Restart due.", timeout=150_000)
        page.keyboard.insert_text("third")  # nothing was clicked in between: the focus is where it was
        page.keyboard.press("Enter")
        expect(page.locator(".cm-content:visible").last).to_contain_text("second third")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert sandbox.status == "InService"
