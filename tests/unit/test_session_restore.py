"""The whole session restore across boots: restored once, saved on every change, and blocking nothing."""

import json
import threading
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.restore.layout import LayoutFiles
from jupyter_nb_updater.restore.manager import SessionRestore
from jupyter_nb_updater.restore.model import NotSaved
from jupyter_nb_updater.restore.terminals import TerminalRestorer
from jupyter_nb_updater.state import StateDocument
from jupyter_nb_updater.util.clock import from_text
from jupyter_nb_updater.util.request_error import MalformedRequest

NOW = from_text("2026-11-23T14:00:00Z")
WORKSPACE = json.dumps(
    {
        "data": {
            "layout-restorer:data": {"main": {"dock": {"widgets": ["notebook:a.ipynb"]}}},
            "notebook:a.ipynb": {"data": {"path": "a.ipynb"}},
        },
        "metadata": {"id": "default"},
    }
)


class Manager:
    """A terminal manager whose shells are this process."""

    def __init__(self):
        self.terminals, self.made = {}, []

    def create(self, name, cwd=None):
        self.made.append((name, cwd))
        self.terminals[name] = SimpleNamespace(ptyproc=SimpleNamespace(pid="self"))


class Machine:
    """A volume that stays, and a home, a boot and a server that do not."""

    def __init__(self, path, monkeypatch):
        self.path, self.monkeypatch, self.boots, self.restores = path, monkeypatch, 0, []
        self.journal = Journal(directory=str(path / ".nb-updater"))
        self.file = path / ".nb-updater" / "restore.json"
        self.boot()

    def boot(self):
        self.boots += 1
        self.home = self.path / f"home-{self.boots}"
        (self.home / "workspaces").mkdir(parents=True)
        self.monkeypatch.setenv("HOME", str(self.home))
        self.start()

    def start(self):
        """Start a server; the previous one has ended."""
        for restore in self.restores:
            restore._lock.release()
        self.restores, self.terminals = [], Manager()
        self.restore = self.server(self.terminals)

    def server(self, terminals):
        lab = SimpleNamespace(workspaces_dir=str(self.home / "workspaces"), user_settings_dir=str(self.home / "user-settings"))
        extensions = SimpleNamespace(extension_apps={"jupyterlab": [lab]})
        app = SimpleNamespace(settings={"terminal_manager": terminals})
        server = SimpleNamespace(extension_manager=extensions, web_app=app, config_dir=str(self.home / ".jupyter"))
        self.state, boot = StateDocument(SimpleNamespace(now=lambda: NOW)), f"b-{self.boots}"
        context = SimpleNamespace(
            journal=self.journal,
            state=self.state,
            boot_clock=SimpleNamespace(read_id=lambda: boot),
            system_clock=SimpleNamespace(now=lambda: NOW),
        )
        restore = SessionRestore(server, context, hang_up_seconds=0.05)
        self.restores.append(restore)
        return restore

    @property
    def part(self):
        return self.state["restore"]

    def layout(self):
        return self.home / "workspaces/default.jupyterlab-workspace"

    async def work(self):
        """Create a session: a layout, a terminal, a file."""
        await self.restore.restore()
        self.layout().write_text(WORKSPACE)
        self.terminals.create("1")
        (self.home / ".gitconfig").write_text("[user]\n")
        await self.restore.choose_files({"files": ["git"]}, "ana")

    async def begin(self):
        await self.restore.restore()
        await self.restore.record_report()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path, monkeypatch)
    yield made
    made.start()


def events(machine):
    return [record for record in machine.journal.records() if record["event"] == "session-restored"]


async def test_after_a_boot_everything_is_back_and_that_is_told_and_recorded_once(machine, monkeypatch):
    await machine.work()
    machine.boot()
    await machine.begin()
    assert machine.layout().read_text() == WORKSPACE
    assert (machine.home / ".gitconfig").exists()
    ((name, folder),) = machine.terminals.made
    assert name == "1"
    assert folder is not None
    assert machine.part["enabled"] == ["git"]
    assert [(entry["kind"], entry["name"], entry["count"]) for entry in machine.part["restored"]] == [
        ("workspaces", "workspaces", 1),
        ("files", "git", 1),
        ("terminal", "1", 1),
    ]
    assert machine.part["not_restored"] == []
    (record,) = events(machine)
    assert record["restored"] == {"workspaces": 1, "files": 1, "terminal": 1}
    assert record["not_restored"] == []


async def test_another_server_of_the_same_boot_lays_nothing_back_and_tells_the_same(machine):
    await machine.work()
    machine.boot()
    await machine.begin()
    await machine.restore.refresh()
    before = machine.part
    machine.layout().unlink()
    machine.start()
    await machine.begin()
    assert machine.part == before
    assert machine.terminals.made == []
    assert not machine.layout().exists()
    assert len(events(machine)) == 1


async def test_a_boot_after_which_there_was_nothing_to_lay_back_is_not_recorded(machine):
    await machine.begin()
    assert (machine.part["restored"], machine.part["not_restored"]) == ([], [])
    assert machine.journal.records() == []


async def test_a_terminal_that_was_closed_does_not_come_back(machine):
    await machine.work()
    machine.terminals.terminals.clear()
    await machine.restore.refresh()
    machine.boot()
    await machine.begin()
    assert machine.terminals.made == []


async def test_no_more_terminals_are_opened_than_allowed(machine):
    await machine.restore.restore()
    for number in range(4):
        machine.terminals.create(str(number))
    machine.restore.save()
    machine.boot()
    machine.restore.max_terminals = 2
    await machine.begin()
    assert len(machine.terminals.made) == 2
    assert [entry["code"] for entry in machine.part["not_restored"]] == ["too-many"] * 2


async def test_nothing_is_written_when_nothing_has_changed(machine):
    await machine.work()
    before = machine.file.stat()
    await machine.restore.refresh()
    assert machine.file.stat() == before


async def test_what_could_not_be_kept_is_told_after_the_boot(machine):
    await machine.work()
    (machine.home / ".config/git").mkdir(parents=True)
    (machine.home / ".config/git/config").write_text("[http]\n\textraheader = SECRET\n")
    await machine.restore.refresh()
    assert machine.part["not_restored"] == []
    machine.boot()
    await machine.begin()
    assert [(entry["name"], entry["code"]) for entry in machine.part["not_restored"]] == [("git", "secret")]


async def test_at_the_end_of_the_server_the_terminals_count_that_were_open_before_it(machine):
    await machine.work()
    machine.terminals.create("2")
    machine.restore.snapshot_terminals()
    machine.terminals.terminals.clear()  # their own extension ends them
    await machine.restore.close()
    machine.boot()
    await machine.begin()
    assert [name for name, _ in machine.terminals.made] == ["1", "2"]


@pytest.mark.parametrize(
    "body", [None, [], {}, {"files": "git"}, {"files": ["evil"]}, {"files": [7]}, {"files": [["git"]]}, {"files": [], "x": 1}]
)
async def test_a_choice_that_is_not_offered_is_refused(machine, body):
    await machine.restore.restore()
    with pytest.raises(MalformedRequest, match="git, aws, history, ipython"):
        await machine.restore.choose_files(body, "ana")
    assert machine.part["enabled"] == []


async def test_who_has_chosen_what_is_recorded_and_what_is_switched_off_leaves_the_volume(machine):
    await machine.work()
    assert (machine.path / ".nb-updater/files/git/.gitconfig").exists()
    await machine.restore.choose_files({"files": []}, "bob")
    assert not (machine.path / ".nb-updater/files/git").exists()
    await machine.restore.choose_files({"files": []}, "bob")  # nothing new
    chosen = [(record["by"], record["files"]) for record in machine.journal.records()]
    assert chosen == [("ana", ["git"]), ("bob", [])]
    assert machine.part["enabled"] == []


async def test_a_desk_of_a_newer_version_is_left_alone_and_told(machine):
    await machine.work()
    machine.file.write_text('{"format": 2, "more": true}')
    machine.boot()
    await machine.begin()
    assert [(entry["name"], entry["code"]) for entry in machine.part["not_restored"]] == [("restore.json", "unknown-format")]
    machine.layout().write_text(WORKSPACE.replace("a.ipynb", "b.ipynb"))
    await machine.restore.refresh()
    with pytest.raises(NotSaved):
        await machine.restore.choose_files({"files": ["git"]}, "ana")
    assert machine.file.read_text() == '{"format": 2, "more": true}'
    assert "b.ipynb" not in next((machine.path / ".nb-updater/layout").rglob("*.jupyterlab-workspace")).read_text()


@pytest.mark.parametrize("text", ["{", "", "[]", "\xff"])
async def test_of_a_desk_that_is_broken_the_layout_comes_back_and_nothing_is_lost(machine, text):
    await machine.work()
    machine.file.write_text(text)
    machine.boot()
    await machine.begin()
    assert machine.layout().exists()
    assert [(entry["name"], entry["code"]) for entry in machine.part["not_restored"]] == [("restore.json", "broken")]
    await machine.restore.refresh()
    assert (machine.path / ".nb-updater/files/git/.gitconfig").exists()  # switched on again, it is there at the next boot
    assert json.loads(machine.file.read_text())["format"] == 1


async def test_a_folder_in_place_of_the_file_is_told_and_stops_nobody(machine):
    await machine.work()
    machine.file.unlink()
    machine.file.mkdir()
    machine.boot()
    await machine.begin()
    assert machine.layout().exists()
    await machine.restore.refresh()
    with pytest.raises(NotSaved):
        await machine.restore.choose_files({"files": ["git"]}, "ana")


async def test_only_one_server_of_a_volume_keeps_the_desk(machine):
    await machine.work()
    other = machine.server(Manager())
    await other.restore()
    assert machine.part["enabled"] == ["git"]
    await other.refresh()
    with pytest.raises(NotSaved):
        await other.choose_files({"files": []}, "bob")
    machine.boot()
    await machine.begin()
    assert [name for name, _ in machine.terminals.made] == ["1"]


@pytest.mark.parametrize(("part", "function"), [(LayoutFiles, "restore"), (TerminalRestorer, "reopen"), (LayoutFiles, "save")])
async def test_a_fault_of_ours_raises_nothing_and_loses_nothing(machine, monkeypatch, part, function):
    await machine.work()
    kept = machine.file.read_text()
    machine.boot()

    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(part, function, broken)
    await machine.begin()
    if function != "save":
        assert [entry["code"] for entry in machine.part["not_restored"]] == ["failed"]
        assert events(machine) == []
    await machine.restore.refresh()
    await machine.restore.close()
    assert json.loads(machine.file.read_text())["terminals"] == json.loads(kept)["terminals"]
    monkeypatch.undo()
    assert (machine.path / ".nb-updater/layout/workspaces/default.jupyterlab-workspace").exists()


async def test_a_disk_that_hangs_is_waited_for_a_bounded_time(machine, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(LayoutFiles, "restore", lambda _: release.wait(10) and ([], []))
    machine.restore.restore_timeout_seconds = 0.1
    await machine.begin()
    assert [entry["code"] for entry in machine.part["not_restored"]] == ["failed"]
    release.set()
