"""The banner and what it opens, as a user reads them; nothing restarts here."""

import json

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox

from .pages import BUTTON, SHEET, banner, unfold


@pytest.fixture(scope="module")
def sandbox(wheel):
    with Sandbox(wheel=wheel) as sandbox:
        yield sandbox


@pytest.mark.alone
@pytest.mark.parametrize("path", ["lab", "tree"])
def test_the_banner_is_there_within_three_seconds_of_the_page(page, sandbox, path):
    page.goto(sandbox.url + path)  # the first page of a fresh server also loads all of its own files
    expect(banner(page)).to_be_visible()
    page.reload(wait_until="load")
    expect(banner(page)).to_be_visible(timeout=3_000)
    expect(banner(page).get_by_role("status")).to_contain_text("34 days")


def test_why_shows_the_evidence_and_where_it_comes_from(page, sandbox):
    page.goto(sandbox.lab_url)
    banner(page).get_by_role("button", name="Why?").click()
    why = page.get_by_role("dialog")
    expect(why).to_contain_text("34 days")
    age = unfold(why, "Time since the last start")
    expect(age.get_by_role("link").first).to_have_attribute("href", "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html")


def test_escape_and_cancel_leave_everything_as_it_was(page, sandbox):
    page.goto(sandbox.lab_url)
    banner(page).get_by_role("button", name=BUTTON).click()
    sheet = page.get_by_role("dialog", name=SHEET)
    expect(sheet.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    banner(page).get_by_role("button", name=BUTTON).click()
    expect(sheet.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(sheet).to_be_hidden()
    records = json.loads(sandbox.run("jupyter", "nb-updater", "journal", "--json").stdout)
    assert {record["event"] for record in records} <= {"shown"}


def test_without_a_return_path_the_button_says_stop_and_the_sheet_says_who_starts_it(page, wheel):
    with Sandbox(wheel=wheel, return_path="none") as sandbox:
        page.goto(sandbox.lab_url)
        banner(page).get_by_role("button", name="Save all and stop").click()
        sheet = page.get_by_role("dialog", name="Stop this notebook instance?")
        expect(sheet).to_contain_text("aws sagemaker start-notebook-instance --notebook-instance-name Research-1")


def test_an_instance_that_the_stack_would_not_start_is_stopped_only_as_such(page, wheel):
    often = {"StateMonitor": {"tick_seconds": 1, "poll_seconds": 1, "watched_seconds": 1}}
    with Sandbox(wheel=wheel, traits=often) as sandbox:
        page.goto(sandbox.lab_url)
        expect(banner(page).get_by_role("button", name=BUTTON)).to_be_visible()
        events = sandbox.aws.client("events")
        pattern = json.loads(events.describe_rule(Name="nb-updater-return")["EventPattern"])
        pattern["detail"]["NotebookInstanceName"] = [{"wildcard": "analysis-*"}]
        events.put_rule(Name="nb-updater-return", EventPattern=json.dumps(pattern))
        banner(page).get_by_role("button", name="Save all and stop").click()
        expect(page.get_by_role("dialog", name="Stop this notebook instance?")).to_contain_text("start-notebook-instance")
        told = sandbox.run("jupyter", "nb-updater", "restart", "--accept-losses")
        assert (told.returncode, "Nothing is set up to start the instance again (stack)" in told.stdout) == (4, True)
        assert sandbox.status == "InService"


def test_the_reminder_comes_another_day(page, wheel):
    with Sandbox(wheel=wheel) as sandbox:
        page.goto(sandbox.lab_url)
        banner(page).get_by_role("button", name="Remind me later").click()
        expect(banner(page)).to_be_hidden()
        page.reload()
        expect(page.get_by_role("menuitem", name="File")).to_be_visible()
        expect(banner(page)).to_be_hidden()


def test_on_a_machine_that_is_no_notebook_instance_the_page_is_as_if_we_were_not_there(page, wheel):
    with Sandbox(wheel=wheel, traits={"InstanceMetadata": {"path": "/nonexistent/resource-metadata.json"}}) as sandbox:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.goto(sandbox.lab_url)
        expect(page.get_by_role("menuitem", name="File")).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect(banner(page)).to_be_hidden()
        assert not [url for url in asked if "/nb-updater/" in url]
        told = sandbox.run("jupyter", "nb-updater", "status")
        assert (told.returncode, "not a SageMaker notebook instance" in told.stdout) == (3, True)
