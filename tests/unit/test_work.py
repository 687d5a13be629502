"""What is running, and the layout that is kept."""

from pathlib import Path

from jupyter_nb_updater.work import sessions as module
from jupyter_nb_updater.desk.layout import Layout, lab_folders
from jupyter_nb_updater.work.sessions import Sessions, unreported


def session(path, connections, kind="notebook"):
    return {"path": path, "type": kind, "kernel": {"id": path, "connections": connections}}


def test_a_notebook_that_is_open_where_no_tab_of_ours_is_is_named():
    assert unreported([session("ours.ipynb", 1), session("old tab.ipynb", 1)], {"ours.ipynb"}) == ["old tab.ipynb"]


def test_a_notebook_that_was_closed_with_its_kernel_running_is_held_by_nobody():
    assert unreported([session("closed.ipynb", 0)], set()) == []


def test_a_console_has_no_document():
    assert unreported([session("console-1", 1, "console"), {"path": "x", "type": "notebook", "kernel": None}], set()) == []


UNNAMED = "work/9257821b-fb94-4796-bc9b-542c6021ad44"


class Manager:
    """Tells other sessions at each look; the last ones for ever."""

    def __init__(self, *looks):
        self.looks = list(looks)

    def list_sessions(self):
        paths = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [session(path, 1) for path in paths]


async def strangers(monkeypatch, *looks, files=()):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0)
    return await Sessions(Manager(*looks), files.__contains__).unreported(set())


async def test_a_session_that_is_being_named_is_waited_for(monkeypatch):
    assert await strangers(monkeypatch, [UNNAMED], [UNNAMED], ["work/a.ipynb"]) == ["work/a.ipynb"]


async def test_a_session_that_a_closed_page_left_without_a_name_holds_nobody_up(monkeypatch):
    assert await strangers(monkeypatch, [UNNAMED]) == []
    assert await strangers(monkeypatch, [UNNAMED, "b.ipynb"]) == ["b.ipynb"]


async def test_a_file_that_is_called_like_that_is_a_document(monkeypatch):
    assert await strangers(monkeypatch, [UNNAMED], files=[UNNAMED]) == [UNNAMED]


def layout(tmp_path, **folders):
    return Layout(tmp_path / "store", lambda: folders)


def test_what_was_kept_is_laid_back_into_a_fresh_home(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    (before / "default.jupyterlab-workspace").write_text("{}")
    layout(tmp_path, workspaces=before).keep()
    layout(tmp_path, workspaces=after).lay_back()
    assert (after / "default.jupyterlab-workspace").read_text() == "{}"


def test_a_file_that_is_there_already_is_never_overwritten(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, text in ((before, "old"), (after, "new")):
        folder.mkdir()
        (folder / "w").write_text(text)
    layout(tmp_path, workspaces=before).keep()
    layout(tmp_path, workspaces=after).lay_back()
    assert (after / "w").read_text() == "new"


def test_what_is_no_longer_there_is_no_longer_kept(tmp_path):
    before = tmp_path / "before"
    before.mkdir()
    (before / "gone").write_text("")
    layout(tmp_path, workspaces=before).keep()
    (before / "gone").unlink()
    layout(tmp_path, workspaces=before).keep()
    assert list((tmp_path / "store/workspaces").iterdir()) == []


def test_large_files_and_links_are_left_out(tmp_path):
    before = tmp_path / "before"
    before.mkdir()
    (before / "large").write_bytes(b"x" * 2000)
    (before / "link").symlink_to("/etc/passwd")
    kept = layout(tmp_path, workspaces=before)
    kept.max_bytes = 1000
    kept.keep()
    assert list((tmp_path / "store/workspaces").iterdir()) == []


def test_a_volume_that_takes_nothing_does_not_stand_in_the_way(tmp_path):
    (tmp_path / "store").write_text("a file where the folder should be")
    kept = layout(tmp_path, workspaces=tmp_path)
    kept.keep()
    kept.lay_back()


def test_the_folders_are_those_of_the_running_jupyterlab():
    class Lab:
        workspaces_dir, user_settings_dir = "/w", "/s"

    assert lab_folders({"jupyterlab": {Lab()}}) == {"workspaces": Path("/w"), "user-settings": Path("/s")}
    assert lab_folders({}) == {}
