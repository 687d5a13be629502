"""One click restarts the instance, and the work is back."""

import json

import pytest
from playwright.sync_api import expect

from tests.wheels import write_wheel

from .pages import (
    AWAY,
    BUTTON,
    SHEET,
    banner,
    eventually,
    expect_restarted,
    notebook_source,
    server_id,
    type_at_the_end,
    type_in_a_terminal,
    write_notebook,
)

WAY = ["requested", "cleared", "saved", "armed", "accepted", "booted", "returned"]


@pytest.fixture
def small_wheel(tmp_path):
    """Build a package that can be installed without a network."""
    return write_wheel(tmp_path, "added-by-hand", files={"added_by_hand.py": ""})


def leave_things_behind(page, sandbox, small_wheel):
    """Create files and packages outside SageMaker/ from a terminal, which must be gone afterwards."""
    type_in_a_terminal(page, sandbox, f"pip install --no-index {small_wheel} && touch ~/left-behind.txt")
    eventually(page, (sandbox.home / "left-behind.txt").exists, 30)
    assert sandbox.run("python", "-c", "import added_by_hand").returncode == 0


def expect_only_the_volume_survived(sandbox):
    assert not (sandbox.home / "left-behind.txt").exists()
    assert sandbox.run("python", "-c", "import added_by_hand").returncode != 0


def expect_the_way_is_in_the_journal(sandbox):
    journal = sandbox.run("jupyter", "nb-updater", "journal", "--json")
    records = json.loads(journal.stdout)
    events = [record["event"] for record in records if record["event"] not in {"shown", "session-restored"}]
    assert events[: len(WAY)] == WAY
    times = [record["time"] for record in records]
    assert times == sorted(times)
    status = sandbox.run("jupyter", "nb-updater", "status")
    assert status.returncode == 0, status.stdout + status.stderr


def confirm(page, *saved, lost):
    banner(page).get_by_role("button", name=BUTTON).click()
    sheet = page.get_by_role("dialog", name=SHEET)
    for path in saved:
        expect(sheet).to_contain_text(path)
    expect(sheet).to_contain_text(lost)
    expect(sheet).to_contain_text("idle: its variables are lost")  # a kernel that has just started is busy at first
    sheet.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("alertdialog", name="Restarting")).to_be_visible()


def test_in_jupyterlab_a_notebook_and_a_text_file_come_back_with_their_edits(page, sandbox, small_wheel):
    notebook, text = sandbox.volume / "analysis.ipynb", sandbox.volume / "notes.txt"
    write_notebook(notebook, "answer = 6 * 7")
    text.write_bytes(b"first line\n")

    page.goto(f"{sandbox.lab_url}/tree/notes.txt")
    expect(banner(page)).to_be_visible()
    leave_things_behind(page, sandbox, small_wheel)
    type_at_the_end(page, "second line, not saved, 저장\n")
    page.get_by_role("listitem", name="analysis.ipynb").dblclick()
    expect(page.get_by_text("| Idle")).to_be_visible()
    type_at_the_end(page, "\nprint(answer)")
    before = server_id(page, sandbox)

    confirm(page, "analysis.ipynb", "notes.txt", lost="Kernel of analysis.ipynb")
    expect_restarted(page)

    assert text.read_bytes() == "first line\nsecond line, not saved, 저장\n".encode()
    assert notebook_source(notebook) == "answer = 6 * 7\nprint(answer)"
    assert server_id(page, sandbox) != before
    expect(page.get_by_role("tab", name="analysis.ipynb")).to_be_visible()
    expect(page.get_by_role("tab", name="notes.txt")).to_be_visible()
    expect_only_the_volume_survived(sandbox)
    expect_the_way_is_in_the_journal(sandbox)


def test_in_notebook_7_two_tabs_come_back_with_their_edits(page, sandbox, small_wheel):
    notebook, text = sandbox.volume / "analysis.ipynb", sandbox.volume / "notes.txt"
    write_notebook(notebook, "answer = 6 * 7")
    text.write_bytes(b"first line\n")

    other = page.context.new_page()
    other.goto(f"{sandbox.url}edit/notes.txt")
    expect(banner(other)).to_be_visible()
    leave_things_behind(other, sandbox, small_wheel)
    type_at_the_end(other, "second line, not saved\n")
    page.bring_to_front()
    page.goto(f"{sandbox.url}notebooks/analysis.ipynb")
    expect(banner(page)).to_be_visible()
    type_at_the_end(page, "\nprint(answer)")
    expect(page.get_by_text("Python 3 (ipykernel)").first).to_be_visible()
    before = server_id(page, sandbox)

    confirm(page, "analysis.ipynb", "notes.txt", lost="Kernel of analysis.ipynb")
    expect_restarted(page)

    assert text.read_bytes() == b"first line\nsecond line, not saved\n"
    assert notebook_source(notebook) == "answer = 6 * 7\nprint(answer)"
    assert server_id(page, sandbox) != before
    assert page.url.endswith("/notebooks/analysis.ipynb")
    expect(page.get_by_text("print(answer)")).to_be_visible()
    other.bring_to_front()
    expect(other.get_by_text("second line, not saved")).to_be_visible(timeout=AWAY)
    expect_only_the_volume_survived(sandbox)
    expect_the_way_is_in_the_journal(sandbox)
