"""Reopened terminals, and the file that lists them."""

import json
import os
from pathlib import Path

import pytest

from jupyter_nb_updater.restore.file_io import NotCopyable, load_state, save_state
from jupyter_nb_updater.restore.model import (
    MAX_REPORT_ENTRIES,
    NotRestored,
    Restored,
    RestoreReport,
    RestoreState,
    SavedTerminal,
    is_valid_terminal,
)
from jupyter_nb_updater.restore.terminals import TerminalRestorer, nearest_folder
from jupyter_nb_updater.util.files import with_tilde


def test_the_nearest_folder_is_the_one_that_exists_and_may_be_entered(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "file").write_text("")
    assert nearest_folder(str(tmp_path / "a")) == tmp_path / "a"
    assert nearest_folder(str(tmp_path / "a/gone/further")) == tmp_path / "a"
    assert nearest_folder(str(tmp_path / "file/x")) == tmp_path
    assert str(nearest_folder("/no-such-folder/x")) == "/"
    assert nearest_folder("") is None


def test_a_folder_is_written_as_a_person_does(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ec2-user")
    assert with_tilde(Path("/home/ec2-user/SageMaker/data")) == "~/SageMaker/data"
    assert with_tilde(Path("/home/ec2-user")) == "~"
    assert with_tilde(Path("/opt/ml")) == "/opt/ml"


@pytest.mark.parametrize(
    ("name", "folder", "sound"),
    [
        ("1", "/home/ec2-user", True),
        ("1", "", True),
        ("my_terminal", "/", True),
        ("../../evil", "/", False),
        ("", "/", False),
        ("a b", "/", False),
        ("1\n", "/", False),
        ("x" * 65, "/", False),
        ("1", "relative", False),
        ("1", "/home/../etc", False),
        ("1", "/home/\0", False),
        ("1", "/" + "x" * 5000, False),
    ],
)
def test_what_is_kept_of_a_terminal_is_checked(name, folder, sound):
    assert is_valid_terminal(SavedTerminal(name, folder)) is sound


class Manager:
    """The used part of jupyter_server_terminals' manager; listed names cannot be opened."""

    def __init__(self, *impossible):
        self.terminals, self.impossible = {}, impossible

    def create(self, **arguments):
        if arguments["name"] in self.impossible:
            raise OSError("out of pty devices")
        self.terminals[arguments["name"]] = arguments


async def test_each_is_opened_with_its_name_in_its_folder_and_what_cannot_be_is_told(tmp_path):
    manager = Manager("3")
    manager.terminals["2"] = "another one"
    gone = str(tmp_path / "gone")
    kept = [
        SavedTerminal("1", str(tmp_path)),
        SavedTerminal("2", "/"),
        SavedTerminal("3", "/"),
        SavedTerminal("4", gone),
        SavedTerminal("5", ""),
    ]
    back, missing = await TerminalRestorer(manager).reopen(kept)
    assert back == [Restored("terminal", "1", str(tmp_path)), Restored("terminal", "5", "")]
    assert missing == [
        NotRestored("terminal", "2", "exists", "/"),
        NotRestored("terminal", "3", "not-opened", "/"),
        NotRestored("terminal", "4", "folder-gone", gone),
    ]
    assert manager.terminals == {
        "1": {"name": "1", "cwd": str(tmp_path)},
        "2": "another one",
        "4": {"name": "4", "cwd": str(tmp_path)},
        "5": {"name": "5"},
    }


async def test_a_server_without_terminals_has_none_and_opens_none():
    assert TerminalRestorer(None).list_open() == ()
    assert await TerminalRestorer(None).reopen([SavedTerminal("1", "/")]) == (
        [],
        [NotRestored("terminal", "1", "no-terminals", "/")],
    )
    await TerminalRestorer(None).hang_up(60)


FULL = RestoreState(
    boot_id="b-1",
    files=("git", "aws"),
    terminals=(SavedTerminal("1", "/"), SavedTerminal("2", "")),
    not_saved=(NotRestored("files", "git", "secret", "~/.gitconfig"),),
    report=RestoreReport(
        (Restored("workspaces", "workspaces", count=6),), (NotRestored("terminal", "2", "folder-gone", "/x"),)
    ),
)


def test_what_is_remembered_is_read_again_as_it_was(tmp_path):
    save_state(tmp_path / "restore.json", FULL)
    assert load_state(tmp_path / "restore.json") == FULL
    assert [path.name for path in tmp_path.iterdir()] == ["restore.json"]


def test_where_there_is_none_nothing_is_remembered(tmp_path):
    assert load_state(tmp_path / "restore.json") == RestoreState()
    assert load_state(tmp_path / "no folder" / "restore.json") == RestoreState()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "broken"),
        ("{", "broken"),
        ("[]", "broken"),
        ("[" * 100_000, "broken"),
        ("\0", "broken"),
        ("{}", "unknown-format"),
        ('{"format": 2}', "unknown-format"),
        ('{"format": "1"}', "unknown-format"),
        ("x" * 300_000, "too-large"),
    ],
)
def test_a_file_that_cannot_be_understood_says_why(tmp_path, text, code):
    (tmp_path / "restore.json").write_text(text)
    with pytest.raises(NotCopyable) as caught:
        load_state(tmp_path / "restore.json")
    assert caught.value.code == code


def test_something_else_in_its_place_is_not_read(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "restore.json")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "link", "pipe"):
        with pytest.raises(NotCopyable, match="not-plain"):
            load_state(tmp_path / name)


def test_what_makes_no_sense_in_it_is_left_out(tmp_path):
    content = {
        "format": 1,
        "boot_id": 7,
        "files": ["git", 7, None, {}],
        "terminals": [
            {"name": "1", "folder": "/a"},
            {"name": "1", "folder": "/b"},
            {"name": "../x", "folder": "/"},
            {"name": "2", "folder": "/home/../../etc"},
            {"name": 3, "folder": "/"},
            {"name": "4"},
            "5",
            None,
        ],
        "not_saved": "nothing",
        "report": {"restored": [{"kind": "files"}, {"kind": "files", "name": 7}, 7], "not_restored": {"x": 1}},
    }
    (tmp_path / "restore.json").write_text(json.dumps(content))
    assert load_state(tmp_path / "restore.json") == RestoreState(files=("git",), terminals=(SavedTerminal("1", "/b"),))


def test_only_what_is_of_an_earlier_boot_is_restored():
    assert FULL.is_from_earlier_boot("b-2")
    assert not FULL.is_from_earlier_boot("b-1")
    assert FULL.is_from_earlier_boot(None)
    assert RestoreState().is_from_earlier_boot("b-1")


def test_the_journal_gets_kinds_codes_and_counts_and_nothing_else():
    many = RestoreReport(
        (Restored("workspaces", "workspaces", count=6), Restored("settings", "a", count=2), Restored("settings", "b", count=3)),
        (
            NotRestored("files", "git", "exists", "~/a"),
            NotRestored("files", "aws", "exists", "~/b"),
            NotRestored("terminal", "1", "exists"),
        ),
    )
    assert many.counts() == {
        "restored": {"workspaces": 6, "settings": 5},
        "not_restored": [{"kind": "files", "code": "exists", "count": 2}, {"kind": "terminal", "code": "exists", "count": 1}],
    }


def test_what_is_told_is_bounded():
    many = RestoreReport(tuple(Restored("terminal", str(number)) for number in range(200)))
    assert len(many.to_json()["restored"]) == MAX_REPORT_ENTRIES
    assert (
        len(RestoreReport.from_json({"restored": [{"kind": "a", "name": str(number)} for number in range(200)]}).restored)
        == MAX_REPORT_ENTRIES
    )
