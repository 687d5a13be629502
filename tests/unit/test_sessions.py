"""Documents that other clients than our tabs have open."""

from types import SimpleNamespace

from jupyter_nb_updater.saving import sessions as module
from jupyter_nb_updater.saving.sessions import Sessions, unreported_paths


def session(path, connections, kind="notebook"):
    return {"path": path, "type": kind, "kernel": {"id": path, "connections": connections}}


def test_a_notebook_that_is_open_where_no_tab_of_ours_is_is_named():
    assert unreported_paths([session("ours.ipynb", 1), session("old tab.ipynb", 1)], {"ours.ipynb"}) == ["old tab.ipynb"]


def test_a_notebook_that_was_closed_with_its_kernel_running_is_held_by_nobody():
    assert unreported_paths([session("closed.ipynb", 0)], set()) == []


def test_a_console_has_no_document():
    assert (
        unreported_paths([session("console-1", 1, "console"), {"path": "x", "type": "notebook", "kernel": None}], set()) == []
    )


UNNAMED = "work/9257821b-fb94-4796-bc9b-542c6021ad44"


class Manager:
    """Returns other sessions at each call; the last ones forever."""

    def __init__(self, *looks):
        self.looks = list(looks)

    def list_sessions(self):
        paths = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [session(path, 1) for path in paths]


async def strangers(monkeypatch, *looks, files=()):
    monkeypatch.setattr(module, "NAMING_POLL_SECONDS", 0)
    return await Sessions(Manager(*looks), SimpleNamespace(file_exists=files.__contains__)).unreported(set())


async def test_a_session_that_is_being_named_is_waited_for(monkeypatch):
    assert await strangers(monkeypatch, [UNNAMED], [UNNAMED], ["work/a.ipynb"]) == ["work/a.ipynb"]


async def test_a_session_that_a_closed_page_left_without_a_name_holds_nobody_up(monkeypatch):
    assert await strangers(monkeypatch, [UNNAMED]) == []
    assert await strangers(monkeypatch, [UNNAMED, "b.ipynb"]) == ["b.ipynb"]


async def test_a_file_that_is_called_like_that_is_a_document(monkeypatch):
    assert await strangers(monkeypatch, [UNNAMED], files=[UNNAMED]) == [UNNAMED]
