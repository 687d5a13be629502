"""Three tabs in two browsers with unsaved work: one click saves and verifies all of it, and all tabs come back."""

import json

import pytest
from playwright.sync_api import expect

from .pages import banner, click_through, notebook_source, type_at_the_end, write_notebook

AWAY = 120_000


@pytest.fixture
def other_browser(page, chromium):
    """Open a second browser with its own cookies, storage and cache."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context
    context.close()


def saved_documents(sandbox):
    """Return the documents of the last complete round from the journal."""
    journal = sandbox.volume / ".nb-updater" / "journal.jsonl"
    records = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    (saved,) = [record for record in records if record["event"] == "saved"]
    return {document["path"]: document["outcome"] for document in saved["documents"]}


def test_one_click_saves_three_tabs_in_two_browsers_and_each_comes_back_to_its_document(page, sandbox, other_browser):
    write_notebook(sandbox.volume / "in lab.ipynb", "lab = 1")
    write_notebook(sandbox.volume / "in notebook.ipynb", "notebook = 1")
    (sandbox.volume / "notes.txt").write_text("first line\n")
    notebook, edit = other_browser.new_page(), other_browser.new_page()
    lab = page
    opened = [
        (lab, f"{sandbox.lab_url}/tree/in lab.ipynb", "\nprint(lab)"),
        (notebook, f"{sandbox.url}notebooks/in notebook.ipynb", "\nprint(notebook)"),
        (edit, f"{sandbox.url}edit/notes.txt", "second line, 둘째 줄\n"),
    ]
    for tab, url, text in opened:
        tab.bring_to_front()
        tab.goto(url)
        expect(banner(tab)).to_be_visible()
        expect(tab.locator(".cm-content:visible").last).to_be_visible()
        if url.endswith(".ipynb"):
            expect(tab.get_by_text("Python 3 (ipykernel)").first).to_be_visible()
        type_at_the_end(tab, text)

    lab.bring_to_front()
    click_through(lab)
    for tab in (lab, notebook, edit):
        expect(tab.get_by_role("alertdialog", name="Restarting")).to_be_visible()
        tab.evaluate("window.before = true")

    for tab, _, text in opened:
        tab.wait_for_function("!window.before", timeout=AWAY)  # a new page
        expect(banner(tab)).to_be_hidden()
        expect(tab.get_by_text(text.strip()).first).to_be_visible(timeout=AWAY)
    assert saved_documents(sandbox) == {"in lab.ipynb": "saved", "in notebook.ipynb": "saved", "notes.txt": "saved"}
    assert notebook_source(sandbox.volume / "in lab.ipynb") == "lab = 1\nprint(lab)"
    assert notebook_source(sandbox.volume / "in notebook.ipynb") == "notebook = 1\nprint(notebook)"
    assert (sandbox.volume / "notes.txt").read_text("utf-8") == "first line\nsecond line, 둘째 줄\n"
    assert notebook.url.endswith("/notebooks/in%20notebook.ipynb")
    assert edit.url.endswith("/edit/notes.txt")
