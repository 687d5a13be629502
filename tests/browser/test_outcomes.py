"""Every outcome of a document in a save round, in a real JupyterLab.

The instance is never stopped: AWS refuses the stop, so that a round in which everything is verified ends here as well.
"""

import hashlib
import json
import re
import shutil
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from jupyter_nb_updater.sandbox import Sandbox

from .pages import banner, eventually, notebook_source, tick_all_and_confirm, type_at_the_end, write_notebook

COPY = r"\.unsaved-\d{8}T\d{6}Z"
NOTHING = {"detail": "", "copy": None, "proof": None}
SAVES = 15_000  # milliseconds that a save may take

# What a test opens in one page is no matter of the next.
CLOSE_SESSIONS = """
async url => {
  const headers = {'X-XSRFToken': document.cookie.match('_xsrf=([^;]*)')[1]};
  const sessions = await (await fetch(url + 'api/sessions')).json();
  await Promise.all(sessions.map(({id}) => fetch(url + 'api/sessions/' + id, {method: 'DELETE', headers})));
}
"""


@pytest.fixture(scope="module")
def sandbox(wheel):
    with Sandbox(wheel=wheel) as sandbox:
        sandbox.faults.add("StopNotebookInstance", code="AccessDeniedException", message="not in this test")
        yield sandbox


@pytest.fixture
def page(shared_page, sandbox):
    yield shared_page
    shared_page.unroute_all(behavior="ignoreErrors")
    shared_page.evaluate(CLOSE_SESSIONS, sandbox.url)


@pytest.fixture
def open_page(page, sandbox, request):
    """Return a function that opens a file in JupyterLab in a new workspace."""

    def open_page(path):
        workspace = re.sub(r"\W", "-", request.node.name)
        page.goto(f"{sandbox.lab_url}/workspaces/{workspace}/tree/{quote(path)}")
        expect(banner(page)).to_be_visible()
        expect(page.get_by_role("tab", name=path.rsplit("/", 1)[-1])).to_be_visible()
        return page

    return open_page


def open_each(open_page, names):
    """Open files in one page, and return the page once for each, with that file in the foreground."""
    page = open_page(names[0])
    yield names[0], page
    for name in names[1:]:
        page.get_by_role("listitem", name=name).dblclick()
        expect(page.get_by_role("tab", name=name, selected=True)).to_be_visible()
        yield name, page


def journal(page, sandbox):
    return page.request.get(f"{sandbox.url}nb-updater/journal").json()["records"]


def save_round(page, sandbox, timeout=60_000):
    """Run a save round, and return its documents by path and the text of the dialog."""
    tick_all_and_confirm(page)
    refusal = page.get_by_role("alertdialog", name="Not restarted")
    expect(refusal).to_be_visible(timeout=timeout)
    words = refusal.inner_text()
    refusal.get_by_role("button", name="Close").click()
    expect(refusal).to_be_hidden()
    assert sandbox.status == "InService"
    last = next(record for record in reversed(journal(page, sandbox)) if record["event"] in {"saved", "refused"})
    return {document["path"]: document for document in last["documents"]}, words


def outcomes(documents):
    return {path: document["outcome"] for path, document in documents.items()}


def only(documents, path):
    assert set(documents) == {path}
    return documents[path]


def answer(page, path, method, handle):
    """Answer the requests of one method for one file in place of the server."""

    def route(route):
        return handle(route) if route.request.method == method else route.fallback()

    page.route(re.compile(rf".*/api/contents/{re.escape(quote(path))}(\?.*)?$"), route)


def is_dirty(page, sandbox, path):
    documents = page.request.get(f"{sandbox.url}nb-updater/state").json()["work"]["documents"]
    return {document["path"]: document["dirty"] for document in documents}.get(path)


def test_a_document_that_nobody_touched_is_clean_and_not_written(open_page, sandbox):
    text = sandbox.volume / "clean.txt"
    text.write_text("as it was\n")
    page = open_page("clean.txt")
    expect(page.get_by_text("as it was")).to_be_visible()
    before = text.stat()

    documents, words = save_round(page, sandbox)
    assert only(documents, "clean.txt") == {**NOTHING, "path": "clean.txt", "outcome": "clean"}
    assert "clean.txt" not in words
    assert (text.stat().st_mtime_ns, text.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_document_that_only_something_else_wrote_is_stale_and_no_obstacle(open_page, sandbox):
    text = sandbox.volume / "stale.txt"
    text.write_text("before\n")
    page = open_page("stale.txt")
    expect(page.get_by_text("before")).to_be_visible()
    text.write_text("written by a program\n")

    documents, words = save_round(page, sandbox)
    found = only(documents, "stale.txt")
    assert (found["outcome"], found["detail"][:5]) == ("clean", "stale")
    assert "stale.txt" not in words
    assert text.read_text() == "written by a program\n"


def test_text_typed_while_a_save_was_in_flight_is_a_lost_edit_and_saved(open_page, sandbox):
    text = sandbox.volume / "lost edit.txt"
    text.write_text("")
    page = open_page("lost edit.txt")
    held = []
    answer(page, "lost edit.txt", "PUT", held.append)
    type_at_the_end(page, "typed before the save, ")
    page.keyboard.press("Control+s")
    eventually(page, lambda: held)
    page.keyboard.insert_text("typed while it was in flight")
    held[0].continue_()
    page.unroute_all()
    eventually(page, lambda: is_dirty(page, sandbox, "lost edit.txt") is False)  # jupyterlab#17365
    assert text.read_text() == "typed before the save, "

    documents, _ = save_round(page, sandbox)
    assert only(documents, "lost edit.txt")["outcome"] == "saved"
    assert text.read_text() == "typed before the save, typed while it was in flight"


def test_unsaved_text_is_saved(open_page, sandbox):
    text = sandbox.volume / "saved.txt"
    text.write_text("one\n")
    page = open_page("saved.txt")
    type_at_the_end(page, "two\n")

    documents, words = save_round(page, sandbox)
    proof = hashlib.sha256((sandbox.volume / "saved.txt").read_bytes()).hexdigest()
    assert only(documents, "saved.txt") == {**NOTHING, "path": "saved.txt", "outcome": "saved", "proof": proof}
    assert "saved.txt" not in words
    assert text.read_text() == "one\ntwo\n"


def rescued(documents, path, sandbox):
    """Return the rescue copy that was reported."""
    found = documents[path]
    assert found["outcome"] == "rescued", found
    stem, dot, extension = path.rpartition(".")
    assert re.fullmatch(rf"{re.escape(stem)}{COPY}(-\d+)?{re.escape(dot + extension)}", found["copy"])
    return sandbox.volume / found["copy"]


def test_a_conflict_leaves_the_file_and_puts_ours_beside_it_once(open_page, sandbox):
    text = sandbox.volume / "folder" / "conflict #1 100%.txt"
    text.parent.mkdir()
    text.write_text("before\n")
    path = "folder/conflict #1 100%.txt"
    page = open_page(path)
    type_at_the_end(page, "mine\n")
    text.write_text("theirs\n")

    documents, words = save_round(page, sandbox)
    copy = rescued(documents, path, sandbox)
    assert (copy.read_text(), text.read_text()) == ("before\nmine\n", "theirs\n")
    assert copy.name in words
    expect(page.get_by_text("mine")).to_be_visible()

    documents, words = save_round(page, sandbox)
    assert rescued(documents, path, sandbox) == copy
    assert len(list(text.parent.glob("*.txt"))) == 2


def test_a_notebook_in_conflict_is_rescued_as_a_notebook(open_page, sandbox):
    notebook = sandbox.volume / "분석.ipynb"
    write_notebook(notebook, "mine = 1")
    page = open_page("분석.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible()
    type_at_the_end(page, " + 1")
    notebook.write_text("<<<<<<< HEAD\n{}\n")  # as a merge leaves it: no notebook any more

    documents, words = save_round(page, sandbox)
    copy = rescued(documents, "분석.ipynb", sandbox)
    (cell,) = json.loads(copy.read_text("utf-8"))["cells"]
    assert "".join(cell["source"]) == "mine = 1 + 1"
    assert copy.name in words
    assert notebook.read_text() == "<<<<<<< HEAD\n{}\n"


def test_a_file_that_was_deleted_is_not_brought_back_but_its_only_copy_is_kept(open_page, sandbox):
    text = sandbox.volume / "deleted.txt"
    text.write_text("only here now\n")
    page = open_page("deleted.txt")
    eventually(page, (sandbox.volume / ".ipynb_checkpoints" / "deleted-checkpoint.txt").exists)  # the last step of opening
    text.unlink()

    documents, _ = save_round(page, sandbox)
    assert rescued(documents, "deleted.txt", sandbox).read_text() == "only here now\n"
    assert not text.exists()


def test_a_file_that_was_deleted_under_unsaved_changes_is_saved_again(open_page, sandbox):
    text = sandbox.volume / "deleted too early.txt"
    text.write_text("one\n")
    page = open_page("deleted too early.txt")
    type_at_the_end(page, "two\n")
    text.unlink()

    documents, _ = save_round(page, sandbox)
    assert only(documents, "deleted too early.txt")["outcome"] == "saved"
    assert text.read_text() == "one\ntwo\n"


def test_a_file_whose_folder_vanished_is_told_so(open_page, sandbox):
    text = sandbox.volume / "vanishing" / "notes.txt"
    text.parent.mkdir()
    text.write_text("one\n")
    page = open_page("vanishing/notes.txt")
    type_at_the_end(page, "two\n")
    eventually(page, (text.parent / ".ipynb_checkpoints" / "notes-checkpoint.txt").exists)
    shutil.rmtree(text.parent)

    documents, words = save_round(page, sandbox)
    found = only(documents, "vanishing/notes.txt")
    assert (found["outcome"], found["detail"]) == ("failed", "folder: vanishing is no longer there")
    assert "vanishing/notes.txt could not be saved: its folder is gone" in words


def test_a_file_that_may_not_be_written_is_read_only(open_page, sandbox):
    text = sandbox.volume / "read-only.txt"
    text.write_text("one\n")

    def locked(route):  # the server of the sandbox may run as root, to whom every file is writable
        response = route.fetch()
        route.fulfill(response=response, json=response.json() | {"writable": False})

    page = open_page("read-only.txt")
    type_at_the_end(page, "two\n")
    answer(page, "read-only.txt", "GET", locked)

    documents, words = save_round(page, sandbox)
    assert only(documents, "read-only.txt")["outcome"] == "read-only"
    assert "read-only.txt has unsaved changes, but the file is read-only" in words
    assert text.read_text() == "one\n"
    assert not list(sandbox.volume.glob("read-only.unsaved-*"))


def test_a_save_that_the_server_refuses_fails_in_its_words(open_page, sandbox):
    text = sandbox.volume / "failed.txt"
    text.write_text("one\n")
    page = open_page("failed.txt")
    type_at_the_end(page, "two\n")
    refused = {"status": 500, "json": {"message": "No space left on device"}}
    answer(page, "failed.txt", "PUT", lambda route: route.fulfill(**refused))

    documents, words = save_round(page, sandbox)
    found = only(documents, "failed.txt")
    assert (found["outcome"], found["detail"]) == ("failed", "no-space: No space left on device")
    assert "failed.txt could not be saved: the volume is full" in words
    assert "No space left on device" in words
    expect(page.get_by_role("dialog", name="File Save Error")).to_be_hidden()


def test_a_save_that_does_not_end_is_a_timeout(open_page, sandbox):
    (sandbox.volume / "timeout.txt").write_text("one\n")
    page = open_page("timeout.txt")
    type_at_the_end(page, "two\n")
    answer(page, "timeout.txt", "PUT", lambda route: None)

    documents, words = save_round(page, sandbox, timeout=60_000 + SAVES)
    assert only(documents, "timeout.txt")["outcome"] == "timeout"
    assert "timeout.txt could not be saved in time" in words


def test_a_save_that_is_swallowed_is_unverified(open_page, sandbox):
    text = sandbox.volume / "unverified.txt"
    text.write_text("one\n")
    page = open_page("unverified.txt")
    type_at_the_end(page, "two\n")
    told = page.request.get(f"{sandbox.url}api/contents/unverified.txt?content=0").json()
    answer(page, "unverified.txt", "PUT", lambda route: route.fulfill(json=told))

    documents, words = save_round(page, sandbox)
    assert only(documents, "unverified.txt")["outcome"] == "unverified"
    assert "unverified.txt was saved, but the file does not hold what you see" in words
    assert text.read_text() == "one\n"


def test_unsaved_settings_are_named_although_they_are_no_document(open_page, sandbox):
    text = sandbox.volume / "beside.txt"
    text.write_text("one\n")
    page = open_page("beside.txt")
    page.keyboard.press("Control+,")
    page.get_by_role("button", name="JSON Settings Editor").click()
    page.get_by_role("tab", name="Code Completion").click()
    expect(page.get_by_text("System Defaults")).to_be_visible()
    type_at_the_end(page, "// a remark that is not saved")
    expect(page.get_by_role("button", name="Save User Settings")).to_be_enabled()

    documents, words = save_round(page, sandbox)
    assert only(documents, "beside.txt")["outcome"] == "clean"
    assert "Advanced Settings Editor" in words


def test_a_notebook_and_its_text_view_lose_nothing(open_page, sandbox):
    notebook = sandbox.volume / "twice.ipynb"
    write_notebook(notebook, "in_the_notebook = 1")
    page = open_page("twice.ipynb")
    expect(page.get_by_text("| Idle")).to_be_visible()
    type_at_the_end(page, " + 1")
    page.get_by_role("listitem", name="twice.ipynb").click(button="right")
    page.get_by_text("Open With", exact=True).hover()
    page.get_by_text("Editor", exact=True).click()
    expect(page.get_by_text('"nbformat"')).to_be_visible()
    type_at_the_end(page, "  ")

    _, words = save_round(page, sandbox)
    copies = list(sandbox.volume.glob("twice.unsaved-*.ipynb"))
    texts = [path.read_text() for path in (notebook, *copies)]
    assert any("in_the_notebook = 1 + 1" in text for text in texts)
    assert any(text.endswith("}  ") for text in texts)
    assert [copy.name in words for copy in copies] == [True]


KINDS = {
    "crlf.txt": (b"one\r\ntwo\r\n", b"one\r\ntwo\r\nmore"),
    "bom.txt": (b"\xef\xbb\xbfone\n", b"\xef\xbb\xbfone\nmore"),
    "empty.txt": (b"", b"more"),
    "no-extension": (b"one\n", b"one\nmore"),
    "100% #1? 한글.py": (b"one\n", b"one\nmore"),
}


def test_every_kind_of_text_comes_back_as_it_was(open_page, page, sandbox):
    for name, (before, _) in KINDS.items():
        (sandbox.volume / name).write_bytes(before)
    for _, opened in open_each(open_page, list(KINDS)):
        type_at_the_end(opened, "more")

    documents, _ = save_round(page, sandbox)
    assert outcomes(documents) == dict.fromkeys(KINDS, "saved")
    assert {name: (sandbox.volume / name).read_bytes() for name in KINDS} == {name: after for name, (_, after) in KINDS.items()}


def test_a_conflict_in_a_file_with_windows_line_ends_keeps_them(open_page, sandbox):
    text = sandbox.volume / "windows.txt"
    text.write_bytes(b"one\r\n")
    page = open_page("windows.txt")
    type_at_the_end(page, "two\n")
    text.write_bytes(b"theirs\r\n")

    documents, _ = save_round(page, sandbox)
    assert rescued(documents, "windows.txt", sandbox).read_bytes() == b"one\r\ntwo\r\n"


def test_a_text_that_jupyterlab_cannot_open_does_not_hold_up_the_round(page, sandbox):
    (sandbox.volume / "latin-1.txt").write_bytes("Straße\n".encode("latin-1"))
    page.goto(f"{sandbox.lab_url}/workspaces/latin-1/tree/latin-1.txt")
    told = page.get_by_role("dialog", name="File Load Error for latin-1.txt")
    expect(told).to_contain_text("is not UTF-8 encoded")
    told.get_by_role("button").last.click()  # "Close", and "Dismiss" in JupyterLab 4.0

    documents, words = save_round(page, sandbox)
    assert [found["outcome"] for found in documents.values()] in ([], ["clean"])
    assert "latin-1.txt" not in words


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
LOOKED_AT = {"pixel.png": PIXEL, "table.csv": b"a,b\n1,2\n", "film.mp4": b"\0\0\0\x18ftypmp42"}


def test_what_is_only_looked_at_is_clean(open_page, page, sandbox):
    for name, content in LOOKED_AT.items():
        (sandbox.volume / name).write_bytes(content)
    assert [name for name, _ in open_each(open_page, list(LOOKED_AT))] == list(LOOKED_AT)

    documents, _ = save_round(page, sandbox)
    assert {path: (found["outcome"], found["detail"]) for path, found in documents.items()} == dict.fromkeys(
        LOOKED_AT, ("clean", "")
    )
    assert {name: (sandbox.volume / name).read_bytes() for name in LOOKED_AT} == LOOKED_AT


def notebook_of(minor, major=4):
    """Return a notebook in an older format."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    if major == 3:
        cell = {"cell_type": "code", "input": ["x = 1"], "language": "python", "metadata": {}, "outputs": []}
        body = {"worksheets": [{"cells": [cell], "metadata": {}}], "metadata": kernel}
    else:
        cell = {"cell_type": "code", "metadata": {}, "source": ["x = 1"], "outputs": [], "execution_count": None}
        body = {"cells": [cell | ({"id": "only"} if minor >= 5 else {})], "metadata": kernel}
    return json.dumps({**body, "nbformat": major, "nbformat_minor": minor})


def test_a_notebook_of_any_format_is_clean_until_it_is_edited_and_saved_then(open_page, page, sandbox):
    versions = {f"format {major}.{minor}.ipynb": (major, minor) for major, minor in ((3, 0), (4, 0), (4, 2), (4, 4), (4, 5))}
    for name, (major, minor) in versions.items():
        (sandbox.volume / name).write_text(notebook_of(minor, major))
    for name, opened in open_each(open_page, list(versions)):
        if versions[name][0] == 3:
            opened.get_by_role("dialog", name="Notebook converted").get_by_role("button", name="Ok").click()
        expect(opened.get_by_text("| Idle")).to_be_visible()
        type_at_the_end(opened, " + 1")

    documents, _ = save_round(page, sandbox)
    assert outcomes(documents) == dict.fromkeys(versions, "saved")
    assert {notebook_source(sandbox.volume / name) for name in versions} == {"x = 1 + 1"}

    documents, _ = save_round(page, sandbox)
    assert outcomes(documents) == dict.fromkeys(versions, "clean")
