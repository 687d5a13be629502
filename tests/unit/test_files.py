"""Files on the volume are replaced atomically, and read only in a known format."""

import json
import logging
import os
import stat
import threading

import pytest

from jupyter_nb_updater.util import files
from jupyter_nb_updater.util.files import atomic_write, read_json, write_in_folder

LOG = logging.getLogger("test")


def test_a_file_is_replaced_and_nothing_else_is_left_in_its_folder(tmp_path):
    path = tmp_path / "new" / "folder" / "state.json"
    atomic_write(path, "old")
    atomic_write(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


def test_text_is_written_as_utf_8_with_the_given_permissions(tmp_path):
    atomic_write(tmp_path / "list.txt", "ä", mode=0o600)
    assert (tmp_path / "list.txt").read_bytes() == b"\xc3\xa4"
    assert stat.S_IMODE((tmp_path / "list.txt").stat().st_mode) == 0o600


def test_the_content_and_then_its_name_are_on_the_disk_when_it_returns(tmp_path, monkeypatch):
    synced, real = [], os.fsync

    def fsync(descriptor):
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    atomic_write(tmp_path / "state.json", "new")
    assert synced == ["file", "folder"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_content_and_no_other_file(tmp_path, monkeypatch, failing):
    path = tmp_path / "state.json"
    path.write_text("old")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, failing, full)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_its_target_is_unchanged(tmp_path):
    target, path = tmp_path / "target", tmp_path / "state.json"
    target.write_text("of somebody else")
    path.symlink_to(target)
    atomic_write(path, "ours")
    assert (target.read_text(), path.read_text(), path.is_symlink()) == ("of somebody else", "ours", False)


def test_an_existing_file_that_may_not_be_overwritten_stays(tmp_path):
    (tmp_path / "there").write_text("old")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(FileExistsError):
            write_in_folder(folder, "there", b"new", 0o644, overwrite=False)
        write_in_folder(folder, "missing", b"new", 0o644, overwrite=False)
    finally:
        os.close(folder)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"there": "old", "missing": "new"}


def test_two_threads_that_write_one_file_do_not_mix_their_contents(tmp_path):
    path, contents = tmp_path / "state.json", ["a" * 100_000, "b" * 100_000]

    def write(content):
        for _ in range(20):
            atomic_write(path, content)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_an_object_of_the_known_format_is_read(tmp_path):
    (tmp_path / "state.json").write_text(json.dumps({"format": 2, "name": "a"}))
    assert read_json(tmp_path / "state.json", 2, LOG) == {"format": 2, "name": "a"}


def test_a_file_that_does_not_exist_is_no_news(tmp_path, caplog):
    assert read_json(tmp_path / "state.json", 1, LOG) is None
    assert not caplog.records


@pytest.mark.parametrize(
    "content", ['{"format": 2}', '{"format": true}', '{"format": "1"}', "{}", "[]", "{", "[" * 100_000, "\xff", "null"]
)
def test_a_file_of_another_format_is_not_used_and_the_log_says_so(tmp_path, caplog, content):
    path = tmp_path / "state.json"
    path.write_text(content, "latin-1")
    assert read_json(path, 1, LOG) is None
    assert f"Ignoring {path}: " in caplog.text
    assert path.read_text("latin-1") == content


def test_a_file_that_is_too_large_is_not_read(tmp_path, caplog):
    path = tmp_path / "state.json"
    path.write_bytes(b" " * (files.MAX_JSON_BYTES + 1))
    assert read_json(path, 1, LOG) is None
    assert "larger than" in caplog.text
