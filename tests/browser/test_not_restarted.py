"""Without proof that everything is saved nothing is stopped, and the text stays in the tab."""

import json
import resource

import pytest
from playwright.sync_api import expect

from .pages import banner, click_through, server_id, type_at_the_end, write_notebook

QUOTA = 64 * 1024


@pytest.fixture
def full_volume(sandbox):
    """Limit the size of files that the Jupyter server writes, like a full volume."""
    (running,) = json.loads(sandbox.run("jupyter", "server", "list", "--jsonlist").stdout)
    resource.prlimit(running["pid"], resource.RLIMIT_FSIZE, (QUOTA, QUOTA))


def test_a_document_that_does_not_fit_on_the_volume_is_named_and_nothing_stops(page, sandbox, request):
    text = sandbox.volume / "large notes.txt"
    text.write_text("small\n")
    page.goto(f"{sandbox.lab_url}/tree/large notes.txt")
    expect(banner(page)).to_be_visible()
    before = server_id(page, sandbox)
    request.getfixturevalue("full_volume")
    type_at_the_end(page, "x" * 2 * QUOTA + "the end of a long text")

    click_through(page)
    refusal = page.get_by_role("alertdialog", name="Not restarted")
    expect(refusal).to_contain_text("large notes.txt")
    expect(refusal).to_contain_text("File too large")
    refusal.get_by_role("button", name="Close").click()

    expect(refusal).to_be_hidden()
    expect(page.get_by_text("the end of a long text")).to_be_visible()
    assert sandbox.status == "InService"
    assert server_id(page, sandbox) == before
    assert "nb-updater:restart" not in sandbox.tags()
    type_at_the_end(page, ", and work goes on")
    expect(page.get_by_text("and work goes on")).to_be_visible()


def refuse_for_a_conflict(page, sandbox, text):
    """Change a file behind a tab with unsaved changes, ask for a restart, and return the dialog that refuses it."""
    text.write_text("theirs before\n")
    page.goto(f"{sandbox.lab_url}/tree/{text.name}")
    expect(banner(page)).to_be_visible()
    type_at_the_end(page, "mine")
    text.write_text("theirs after\n")
    click_through(page)
    return page.get_by_role("alertdialog", name="Not restarted")


def test_a_document_that_something_else_changed_is_named_and_not_overwritten(page, sandbox):
    text = sandbox.volume / "shared.txt"
    refusal = refuse_for_a_conflict(page, sandbox, text)
    expect(refusal).to_contain_text("shared.txt was changed or deleted on disk")
    refusal.get_by_role("button", name="Close").click()

    assert text.read_text() == "theirs after\n"
    expect(page.get_by_text("mine")).to_be_visible()
    assert sandbox.status == "InService"


def test_the_rescue_copy_opens_beside_its_file(page, sandbox):
    refusal = refuse_for_a_conflict(page, sandbox, sandbox.volume / "shared.txt")
    refusal.get_by_role("button", name="Open both").click()
    expect(refusal).to_be_hidden()

    tabs = page.get_by_role("main").get_by_role("tab")
    file, copy = tabs.filter(has_text="shared.txt"), tabs.filter(has_text="shared.unsaved-")
    expect(copy).to_be_visible()
    assert copy.bounding_box()["x"] > file.bounding_box()["x"] + 200  # in a half of its own, not behind it
    expect(page.locator(".cm-content:visible")).to_have_count(2)


def test_a_stop_that_aws_refuses_names_the_permission_and_the_user_works_on(page, sandbox):
    text = sandbox.volume / "notes.txt"
    text.write_text("before\n")
    message = (
        "User: arn:aws:sts::123456789012:assumed-role/notebook is not authorized to perform: sagemaker:StopNotebookInstance"
    )
    sandbox.faults.add("StopNotebookInstance", code="AccessDeniedException", message=message)
    page.goto(f"{sandbox.lab_url}/tree/notes.txt")
    type_at_the_end(page, "after\n")

    click_through(page)
    refusal = page.get_by_role("alertdialog", name="Not restarted")
    expect(refusal).to_contain_text("sagemaker:StopNotebookInstance")
    assert text.read_text() == "before\nafter\n"

    sandbox.faults.clear()
    refusal.get_by_role("button", name="Try again").click()
    sheet = page.get_by_role("dialog", name="Restart this notebook instance?")
    sheet.get_by_role("button", name="Save all and restart").click()
    expect(page.get_by_role("dialog", name="Restarted")).to_be_visible(timeout=120_000)


def test_a_notebook_that_is_open_in_a_page_without_us_is_named_and_nothing_stops(page, sandbox):
    write_notebook(sandbox.volume / "old tab.ipynb", "1")
    other = page.context.new_page()
    other.route("**/nb-updater/**", lambda route: route.abort())  # a page from before the extension was there
    other.route_web_socket("**/nb-updater/**", lambda socket: socket.close())
    other.goto(f"{sandbox.url}notebooks/old tab.ipynb")
    expect(other.get_by_text("Idle").first).to_be_attached()
    page.bring_to_front()
    page.goto(sandbox.lab_url)

    click_through(page)
    refusal = page.get_by_role("alertdialog", name="Not restarted")
    expect(refusal).to_contain_text("old tab.ipynb is open somewhere that cannot be asked to save")
    assert sandbox.status == "InService"
