"""A volume of an earlier version: nothing is misread or destroyed, and a restart in progress is recognized.

``first_volume`` was written by the code of commit 272cf13, before the files had their present names and formats.
"""

import logging
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.cli.journal import _line
from jupyter_nb_updater.instance.boot_time import BootClock
from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.losses.files import FirstSeen
from jupyter_nb_updater.org_policy.store import DocumentStore
from jupyter_nb_updater.packages.added import BootId, load_baseline
from jupyter_nb_updater.packages.package import Package
from jupyter_nb_updater.packages.reinstaller import ReinstallPreferences, load_preferences
from jupyter_nb_updater.packages.requirements import PackageLists
from jupyter_nb_updater.restart.recovery import decide, left_armed, replay
from jupyter_nb_updater.restore.manager import SessionRestore
from jupyter_nb_updater.saving.open_pages import OpenPages
from jupyter_nb_updater.saving.tabs import Tabs
from jupyter_nb_updater.state import StateDocument

LOG = logging.getLogger("test")
NOW = datetime(2026, 11, 23, 14, 10, tzinfo=timezone.utc)
BOOT = BootId("6b0f7f0e-0000-4000-8000-000000000001", NOW - timedelta(days=34, minutes=10))
POLICY_URL = "https://policies.example.com/policy.json"


@pytest.fixture
def volume(tmp_path):
    """Create our folder on the volume as an earlier version wrote it."""
    folder = tmp_path / "SageMaker" / ".nb-updater"
    shutil.copytree(Path(__file__).parent / "first_volume", folder)
    return folder


@pytest.fixture
def content(volume):
    """Return a function that returns the current content of every file."""
    names = [path.relative_to(volume) for path in volume.rglob("*") if path.is_file()]
    return lambda: {str(name): (volume / name).read_bytes() for name in names}


@pytest.fixture
def session(volume, tmp_path, monkeypatch):
    """Create the session restore of a server that starts on this volume, with its state document."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    lab = SimpleNamespace(workspaces_dir=str(home / "workspaces"), user_settings_dir=str(home / "user-settings"))
    server = SimpleNamespace(
        extension_manager=SimpleNamespace(extension_apps={"jupyterlab": [lab]}),
        web_app=SimpleNamespace(settings={}),
        config_dir=str(home / ".jupyter"),
    )
    clock = SimpleNamespace(now=lambda: NOW)
    context = SimpleNamespace(
        journal=Journal(directory=str(volume)),
        state=StateDocument(clock),
        boot_clock=BootClock(id_path=str(tmp_path / "unknown")),
        system_clock=clock,
    )
    return SessionRestore(server, context), context.state, home


async def test_the_layout_is_restored_and_the_earlier_state_and_copies_stay(session, content):
    restore, state, home = session
    before = content()
    await restore.restore()
    await restore.record_report()
    await restore.refresh()
    await restore.close()
    assert (home / "workspaces" / "default-37a8.jupyterlab-workspace").exists()
    assert state["restore"]["enabled"] == []  # the choice is in a file of another name, and is not guessed from it
    assert not (home / ".gitconfig").exists()
    after = content()
    del before["journal.jsonl"], after["journal.jsonl"]  # appended to
    assert after == before


def test_the_earlier_preferences_are_no_consent_to_reinstall_and_stay(volume, content):
    before = content()
    assert load_preferences(volume / "packages" / "preferences.json", LOG) == ReinstallPreferences()
    assert content() == before


def test_the_baseline_has_kept_its_format(volume):
    found = load_baseline(volume / "packages" / "baseline.json", BOOT, LOG)
    assert found is not None
    assert list(found.environments.values()) == [frozenset({"pip==24.0", "numpy=2.1.0"})]


def test_the_lists_of_packages_are_read_without_a_format(volume):
    (listed,) = PackageLists(volume / "packages").read().values()
    assert listed.packages == (Package("tabulate", "0.9.0"), Package("r-base", "4.3", "conda"))
    assert listed.dismissed == (Package("polars", "1.0"),)


def test_a_list_of_a_later_format_is_left_alone_and_the_log_says_so(volume, caplog):
    path = volume / "packages" / "python3.txt"
    path.write_text(path.read_text().replace("# environment", "# format: 2\n# environment"))
    before = path.read_text()
    lists = PackageLists(volume / "packages")
    assert lists.read() == {}
    assert f"Ignoring {path}" in caplog.text
    assert path.read_text() == before


async def test_the_earlier_list_of_open_pages_is_not_used_and_the_log_says_so(volume, caplog):
    tabs = Tabs()
    await OpenPages(tabs, volume / "pages.json").load()
    assert tabs.open_pages() == {}
    assert f"Ignoring {volume / 'pages.json'}: " in caplog.text


def test_the_earlier_time_of_the_first_start_is_not_used_and_the_log_says_so(volume, caplog):
    assert FirstSeen(volume / "boot.json", NOW, LOG).read(BOOT.at, NOW) == NOW
    assert f"Ignoring {volume / 'boot.json'}: " in caplog.text


def test_the_earlier_store_of_the_policy_is_in_another_folder_and_stays(volume, content):
    before = content()
    store = DocumentStore(volume / "org_policy", LOG)
    assert (store.load(POLICY_URL), store.min_serial(POLICY_URL)) == (None, None)
    assert content() == before


def test_a_policy_store_without_a_format_is_not_used_and_the_log_says_so(volume, caplog):
    store = DocumentStore(volume / "organisation", LOG)
    assert (store.load(POLICY_URL), store.min_serial(POLICY_URL)) == (None, None)
    assert f"Ignoring {volume / 'organisation' / 'document.json'}: " in caplog.text
    assert f"Ignoring {volume / 'organisation' / 'serial.json'}: " in caplog.text


def test_a_restart_that_was_under_way_is_followed_and_its_return_is_disarmed(volume):
    records = Journal(directory=str(volume)).records()
    restart = replay(records)
    assert (restart.phase, restart.id) == ("away", "20261123T140000Z-4f2a9c")
    assert decide(restart, NOW).name == "booted"
    armed = left_armed(records)
    assert armed is not None
    assert armed[0] == "20261123T140000Z-4f2a9c"


def test_records_of_earlier_event_names_are_kept_and_can_be_shown(volume):
    records = Journal(directory=str(volume)).records()
    assert len(records) == 13
    lines = [_line(record) for record in records]
    assert [line for line in lines if "unknown content" in line] == []
    assert "desk laid back" in lines[2]
