"""JupyterLab's layout and settings: what is saved and restored, and that failures block nothing."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.restore.layout import LayoutFiles, lab_folders, open_documents
from jupyter_nb_updater.restore.model import NotRestored, Restored

DOCK = {
    "type": "split-area",
    "children": [
        {"type": "tab-area", "currentIndex": 0, "widgets": ["notebook:a.ipynb", "terminal:1"]},
        {"type": "tab-area", "currentIndex": 1, "widgets": ["editor:src/b.py", "console:c", "launcher:0", "no-entry:x"]},
    ],
}
DATA = {
    "layout-restorer:data": {"main": {"dock": DOCK, "current": "notebook:a.ipynb"}, "left": {"widgets": ["filebrowser"]}},
    "notebook:a.ipynb": {"data": {"path": "a.ipynb", "factory": "Notebook"}},
    "editor:src/b.py": {"data": {"path": "src/b.py", "factory": "Editor"}},
    "editor:closed.py": {"data": {"path": "closed.py", "factory": "Editor"}},
    "terminal:1": {"data": {"name": "1"}},
    "console:c": {"data": {"path": "c", "name": "c"}},
}


def workspace(data=None, name="default"):
    return json.dumps({"data": DATA if data is None else data, "metadata": {"id": name}})


@pytest.fixture
def home(tmp_path):
    """Create a home folder that is new at every boot, and a volume that stays."""

    class Home:
        def __init__(self):
            self.boots = 0
            self.boot()

        def boot(self):
            self.boots += 1
            self.path = tmp_path / f"home-{self.boots}"
            lab = SimpleNamespace(
                workspaces_dir=str(self.path / "workspaces"), user_settings_dir=str(self.path / "user-settings")
            )
            extensions = SimpleNamespace(extension_apps={"jupyterlab": [lab]})
            server = SimpleNamespace(extension_manager=extensions, config_dir=str(self.path))
            self.layout = LayoutFiles(tmp_path / "store", server)

        def write(self, name, text):
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            return path

        def read(self, name):
            return (self.path / name).read_text()

    return Home()


LAYOUT = "workspaces/default-37a8.jupyterlab-workspace"
THEME = "user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"


def test_what_was_kept_is_restored_to_a_fresh_home(home):
    files = {
        LAYOUT: workspace(),
        THEME: '{"theme": "JupyterLab Dark"} // mine',
        "labconfig/page_config.json": '{"lockedExtensions": {}}',
        "nbconfig/notebook.d/cells.json": "{}",
        "custom/custom.css": "body {}",
    }
    for name, text in files.items():
        home.write(name, text)
    assert home.layout.save() == []
    home.boot()
    restored, failed = home.layout.restore()
    assert {name: home.read(name) for name in files} == files
    assert failed == []
    assert {(thing.kind, thing.name): thing.count for thing in restored} == {
        ("workspaces", "workspaces"): 2,
        ("settings", "user-settings"): 1,
        ("settings", "labconfig"): 1,
        ("settings", "nbconfig"): 1,
        ("settings", "custom"): 1,
    }


def test_what_is_there_already_and_the_same_is_back_too(home):
    home.write(LAYOUT, workspace())
    home.layout.save()
    home.boot()
    home.write(LAYOUT, workspace())  # by the script that runs before Jupyter starts
    assert home.layout.restore() == ([Restored("workspaces", "workspaces", count=2)], [])


def test_a_file_that_is_there_already_is_never_overwritten(home):
    home.write(THEME, "old")
    home.layout.save()
    home.boot()
    home.write(THEME, "new")
    assert home.layout.restore() == ([], [NotRestored("settings", "user-settings", "exists", THEME.partition("/")[2])])
    assert home.read(THEME) == "new"


def test_what_is_no_longer_there_is_no_longer_kept(home, tmp_path):
    gone = home.write(LAYOUT, workspace())
    home.layout.save()
    gone.unlink()
    home.layout.save()
    assert list((tmp_path / "store/workspaces").iterdir()) == []


def test_what_could_not_be_laid_back_is_kept_for_the_next_boot(home):
    home.write(THEME, "{}")
    home.layout.save()
    home.boot()
    home.path.mkdir()
    (home.path / "user-settings").symlink_to("/nonexistent/nowhere")
    restored, failed = home.layout.restore()
    assert (restored, [entry.code for entry in failed]) == ([], ["not-plain"])
    home.layout.save(failed)
    home.boot()
    home.layout.restore()
    assert home.read(THEME) == "{}"


def test_nothing_is_written_when_nothing_has_changed(home, tmp_path):
    home.write(LAYOUT, workspace())
    home.layout.save()
    kept = tmp_path / "store" / LAYOUT
    before = kept.stat()
    home.layout.save()
    home.boot()
    home.write(LAYOUT, workspace())
    home.layout.save()  # by the next server: it reads and compares
    assert kept.stat() == before


def test_the_newest_one_is_kept(home):
    home.write(LAYOUT, workspace({}))
    home.layout.save()
    home.write(LAYOUT, workspace())
    home.layout.save()
    home.boot()
    home.layout.restore()
    assert home.read(LAYOUT) == workspace()


@pytest.mark.parametrize(
    "torn",
    [
        "",
        "{",
        "[]",
        '{"data": {}}',
        '{"data": {}, "metadata": {}}',
        '{"data": 7, "metadata": {"id": "default"}}',
        "[" * 100_000,
    ],
)
def test_a_layout_that_jupyterlab_could_not_load_is_neither_kept_nor_laid_back(home, tmp_path, torn):
    home.write(LAYOUT, workspace())
    home.layout.save()
    home.write(LAYOUT, torn)  # somebody is writing it at this moment
    assert [entry.code for entry in home.layout.save()] == ["broken"]
    assert (tmp_path / "store" / LAYOUT).read_text() == workspace()
    (tmp_path / "store" / LAYOUT).write_text(torn)
    home.boot()
    restored, failed = home.layout.restore()
    assert (restored, [entry.code for entry in failed]) == ([], ["broken"])
    assert not (home.path / LAYOUT).exists()


def test_only_files_of_the_right_names_are_laid_back(home, tmp_path):
    names = (
        "workspaces/evil.py",
        "custom/custom.js",
        "custom/other.css",
        "user-settings/x/jupyter_server_config.py",
        "serverconfig/x.json",
    )
    for name in names:
        planted = tmp_path / "store" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_text("{}")
    assert home.layout.restore() == ([], [])
    assert not home.path.exists()


def test_a_link_on_the_volume_is_not_followed(home, tmp_path):
    (tmp_path / "secret").write_text("{}")
    store = tmp_path / "store/user-settings"
    store.mkdir(parents=True)
    (store / "a.jupyterlab-settings").symlink_to(tmp_path / "secret")
    (store / "b.jupyterlab-settings").mkdir()
    os.mkfifo(store / "c.jupyterlab-settings")
    restored, failed = home.layout.restore()
    assert (restored, [entry.code for entry in failed]) == ([], ["not-plain"] * 3)


@pytest.mark.parametrize("link", ["store", "store/user-settings"])
def test_a_folder_of_copies_that_is_a_link_leads_nowhere(home, tmp_path, link):
    precious = tmp_path / "elsewhere" / ("." if "/" in link else "user-settings") / "precious.jupyterlab-settings"
    precious.parent.mkdir(parents=True)
    precious.write_text("{}")
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(tmp_path / "elsewhere")
    assert {entry.code for entry in home.layout.restore()[1]} == {"not-plain"}
    home.write(THEME, "{}")
    home.layout.save()
    assert [path.name for path in (tmp_path / "elsewhere").rglob("*.*")] == ["precious.jupyterlab-settings"]


def test_a_folder_in_the_home_that_is_a_link_is_not_written_through(home, tmp_path):
    home.write(THEME, "{}")
    home.layout.save()
    home.boot()
    (home.path / "user-settings").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (home.path / "user-settings/@jupyterlab").symlink_to(tmp_path / "elsewhere")
    assert [entry.code for entry in home.layout.restore()[1]] == ["not-plain"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_links_pipes_and_large_files_are_left_out_and_told(home, tmp_path):
    home.write("user-settings/large.jupyterlab-settings", "x" * 2000)
    (home.path / "user-settings/link.jupyterlab-settings").symlink_to("/etc/passwd")
    os.mkfifo(home.path / "user-settings/pipe.jupyterlab-settings")
    home.layout.max_bytes = 1000
    assert [(entry.code, entry.detail.partition(".")[0]) for entry in home.layout.save()] == [
        ("too-large", "large"),
        ("not-plain", "link"),
        ("not-plain", "pipe"),
    ]
    assert not (tmp_path / "store/user-settings").exists()


def test_there_are_bounds_on_how_many_and_how_much(home, tmp_path):
    for number in range(5):
        home.write(f"user-settings/{number}.jupyterlab-settings", "x" * 100)
    home.layout.max_files, home.layout.max_total_bytes = 4, 250
    assert [entry.code for entry in home.layout.save()] == ["too-many", "too-large", "too-large"]
    assert sorted(path.name[0] for path in (tmp_path / "store/user-settings").iterdir()) == ["0", "1"]


def test_what_stands_where_a_copy_belongs_gives_way(home, tmp_path):
    home.write(THEME, "{}")
    (tmp_path / "store" / THEME / "a" / "folder").mkdir(parents=True)
    (tmp_path / "store/workspaces").write_text("a file where a folder should be")
    home.write(LAYOUT, workspace())
    home.layout.save()
    assert home.layout.save() == []
    assert (tmp_path / "store" / THEME).read_text() == "{}"
    assert (tmp_path / "store" / LAYOUT).read_text() == workspace()


def test_a_volume_that_takes_nothing_does_not_stand_in_the_way(home, tmp_path):
    (tmp_path / "store").write_text("a file where the folder should be")
    home.write(THEME, "{}")
    assert [entry.code for entry in home.layout.save()] == ["not-written"]
    assert home.layout.restore() == ([], [])


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(home, tmp_path):
    home.write(THEME, "{}")
    home.layout.save()
    (home.path / "user-settings").rename(tmp_path / "aside")
    (home.path / "user-settings").symlink_to("user-settings")  # round in circles: that stops root as well
    assert [entry.code for entry in home.layout.save()] == ["not-readable"]
    assert (tmp_path / "store" / THEME).exists()


def test_the_folders_are_those_of_the_running_jupyterlab_or_notebook():
    class Lab:
        workspaces_dir, user_settings_dir = "/w", "/s"

    beside = {name: Path("/c") / name for name in ("labconfig", "nbconfig", "custom")}
    found = {"workspaces": Path("/w"), "user-settings": Path("/s"), **beside}
    assert lab_folders({"jupyterlab": {Lab()}}, Path("/c")) == lab_folders({"notebook": {Lab()}}, Path("/c")) == found
    assert lab_folders({}, Path("/c")) == {}


def test_documents_are_what_is_open_in_the_main_area_and_has_a_path():
    assert open_documents(workspace().encode()) == {"a.ipynb", "src/b.py"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"layout-restorer:data": None},
        {"layout-restorer:data": {"main": [["notebook:x"]]}, "notebook:x": {"data": {"path": 7}}},
        {"layout-restorer:data": {"main": {"widgets": {"a": 1}}}, "notebook:x": "path"},
    ],
)
def test_a_layout_that_makes_no_sense_has_no_documents(data):
    assert open_documents(workspace(data).encode()) == set()
