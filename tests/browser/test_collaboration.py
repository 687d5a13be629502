"""With jupyter-collaboration the server writes the documents, and neither the tab nor the server reports a failure.

The instance has no return path, so that nothing waits for what follows a stop.
"""

import json
import re
import resource
import uuid

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox

from ..mutants import mutant
from .pages import banner, leave, notebook_source, type_at_the_end, write_notebook

QUOTA = 64 * 1024
ROOM = re.compile("/api/collaboration/room/[a-z]+:(file|notebook):")
TRUSTING = {
    "labextension/src/saving/collaborative.ts": ("if (found !== null && isSame(inTab(), found)) {", "if (found !== null) {"),
    "jupyter_nb_updater/restart/save_round.py": ("        findings = await self._add_rooms(findings, rescued)\n", ""),
}
"""A mutant that trusts reports: the tab does not verify what it saved, and the server does not verify its rooms."""


@pytest.fixture(scope="module", params=["5", "3"], ids=["newest", "3"])
def shared(request, wheel):
    """Start an instance with jupyter-collaboration on which AWS refuses each stop, so that tests can repeat it."""
    with Sandbox(wheel=wheel, collaboration=request.param, return_path="manual") as sandbox:
        sandbox.faults.add("StopNotebookInstance", code="AccessDeniedException", message="the stop of a test")
        yield sandbox


@pytest.fixture(params=[None])
def server_saves_late(request, shared, page):
    """Save shared documents only so many seconds after a change, or never, and notice changes on disk only then."""
    settings = shared.home / ".jupyter" / "jupyter_server_config.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"YDocExtension": {"document_save_delay": request.param, "file_poll_interval": 0}}))
    restart_jupyter(shared)
    yield
    leave(page)  # it says good-bye to the server that it knows: the next one would wait for it
    settings.unlink()
    restart_jupyter(shared)


def restart_jupyter(sandbox):
    before = jupyter(sandbox)
    sandbox.run("systemctl", "restart", "jupyter-server")
    for _ in range(300):
        if jupyter(sandbox) not in (None, before):
            return
    raise AssertionError("Jupyter did not come back")


def jupyter(sandbox):
    """Return the process id of the running Jupyter server."""
    told = sandbox.run("jupyter", "server", "list", "--jsonlist").stdout
    return next((server["pid"] for server in json.loads(told or "[]")), None)


def limit_files(sandbox, size):
    """Limit the size of files that the Jupyter server writes, like a full volume."""
    resource.prlimit(jupyter(sandbox), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def open_lab(page, sandbox):
    """Open JupyterLab in a new workspace, without documents of other tests."""
    page.goto(f"{sandbox.lab_url}/workspaces/{uuid.uuid4().hex}")
    expect(banner(page)).to_be_visible()


def open_shared(page, path, shows):
    """Open a document from the file browser, and return its socket.

    jupyter-collaboration 3 does not share one opened by URL.
    """
    with page.expect_websocket(lambda socket: ROOM.search(socket.url)) as room:
        page.get_by_role("listitem", name=path).dblclick()
    expect(page.get_by_text(shows).last).to_be_visible()
    return room.value


def save_all_and_stop(page):
    banner(page).get_by_role("button", name="Save all and stop").click()
    sheet = page.get_by_role("dialog", name="Stop this notebook instance?")
    sheet.get_by_role("button", name="Save all and stop").click()


def refusal(page):
    return page.get_by_role("alertdialog", name="Not stopped")


def expect_all_was_proven(page):
    """Check that only the stop itself was refused."""
    expect(refusal(page)).to_contain_text("StopNotebookInstance")
    refusal(page).get_by_role("button", name="Close").click()


def test_a_shared_notebook_and_a_shared_text_are_saved_and_read_back(page, shared):
    text, notebook = shared.volume / "windows.txt", shared.volume / "shared.ipynb"
    text.write_bytes(b"first\r\nline\r\n")
    write_notebook(notebook, "x = 1")
    open_lab(page, shared)
    open_shared(page, "windows.txt", shows="first")
    open_shared(page, "shared.ipynb", shows="| Idle")
    type_at_the_end(page, "\nprint(x)")
    page.get_by_role("tab", name="windows.txt").click()
    type_at_the_end(page, "and typed just now")

    save_all_and_stop(page)
    expect_all_was_proven(page)
    assert b"and typed just now" in text.read_bytes()  # 3 counts each line end as two: it lands before the last one
    assert notebook_source(notebook) == "x = 1\nprint(x)"


def test_on_a_full_disk_the_shared_document_is_named_and_nothing_stops(page, shared):
    text = shared.volume / "large notes.txt"
    text.write_text("small\n")
    open_lab(page, shared)
    open_shared(page, "large notes.txt", shows="small")
    limit_files(shared, QUOTA)
    type_at_the_end(page, "x" * 2 * QUOTA + "the end of a long text")

    save_all_and_stop(page)
    expect(refusal(page)).to_contain_text("large notes.txt")
    expect(refusal(page)).to_contain_text("File too large")
    refusal(page).get_by_role("button", name="Close").click()
    expect(page.get_by_text("the end of a long text")).to_be_visible()
    assert shared.status == "InService"

    limit_files(shared, resource.RLIM_INFINITY)  # room was made
    save_all_and_stop(page)
    expect_all_was_proven(page)
    assert text.read_text().endswith("the end of a long text")


def test_what_was_typed_a_moment_before_the_tab_was_closed_is_saved(page, shared, server_saves_late):
    text = shared.volume / "closed.txt"
    text.write_text("before\n")
    open_lab(page, shared)
    other = page.context.new_page()
    open_lab(other, shared)
    with open_shared(other, "closed.txt", shows="before").expect_event("framesent", lambda sent: b"typed and left" in sent):
        type_at_the_end(other, "typed and left")
    leave(other)
    page.bring_to_front()

    save_all_and_stop(page)
    expect_all_was_proven(page)
    assert text.read_text() == "before\ntyped and left"


def test_what_something_else_wrote_is_not_overwritten(page, shared, server_saves_late):
    text = shared.volume / "both.txt"
    text.write_text("theirs before\n")
    open_lab(page, shared)
    open_shared(page, "both.txt", shows="theirs before")
    type_at_the_end(page, "mine")
    text.write_text("theirs after\n")

    save_all_and_stop(page)
    expect(refusal(page)).to_contain_text("both.txt was changed on disk by something else")
    assert text.read_text() == "theirs after\n"
    refusal(page).get_by_role("button", name="Close").click()
    expect(page.get_by_text("mine")).to_be_visible()


@pytest.mark.parametrize("server_saves_late", [5], indirect=True)
def test_what_was_typed_is_kept_beside_the_file_when_another_version_wins(page, shared, server_saves_late):
    text = shared.volume / "won.txt"
    text.write_text("theirs before\n")
    open_lab(page, shared)
    open_shared(page, "won.txt", shows="theirs before")
    type_at_the_end(page, "mine")
    text.write_text("theirs after\n")

    save_all_and_stop(page)
    expect(refusal(page)).to_contain_text("won.txt was changed or deleted on disk")
    (copy,) = shared.volume.glob("won.unsaved-*.txt")
    expect(refusal(page)).to_contain_text(copy.name)
    assert copy.read_text() == "theirs before\nmine"
    assert text.read_text() == "theirs after\n"


@pytest.mark.soak
def test_without_the_proof_the_text_would_be_lost(page, tmp_path, wheel):
    with Sandbox(wheel=mutant(tmp_path, TRUSTING, wheel), collaboration="5", return_path="manual") as sandbox:
        text = sandbox.volume / "large notes.txt"
        text.write_text("small\n")
        open_lab(page, sandbox)
        open_shared(page, "large notes.txt", shows="small")
        limit_files(sandbox, QUOTA)
        type_at_the_end(page, "x" * 2 * QUOTA + "the end of a long text")

        save_all_and_stop(page)
        sandbox.wait_for("Stopped")
        assert "the end of a long text" not in text.read_text()
