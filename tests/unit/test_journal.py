"""The journal survives what it records."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.journal import Journal

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


@pytest.fixture
def journal(tmp_path):
    return Journal(directory=str(tmp_path / ".nb-updater"))


def test_a_journal_that_was_never_written_is_empty(journal):
    assert journal.records() == []


def test_a_record_says_when_and_what(journal):
    journal.append("requested", NOW, restart="r-1")
    assert journal.records() == [{"time": "2026-11-23T14:00:00Z", "event": "requested", "restart": "r-1"}]


def test_a_record_that_may_be_missing_is_written_or_logged(journal, caplog):
    assert journal.try_append("shown", NOW, stage="banner")
    assert [record["stage"] for record in journal.records()] == ["banner"]
    journal.path.unlink()
    journal.path.mkdir()
    assert not journal.try_append("shown", NOW, stage="banner")
    assert "Could not write the event 'shown' to the journal" in caplog.text


def test_it_is_kept_in_the_sagemaker_folder_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Journal().path == tmp_path / "SageMaker/.nb-updater/journal.jsonl"


def test_a_torn_last_line_is_left_out_and_the_next_record_is_whole(journal):
    journal.append("requested", NOW)
    with journal.path.open("ab") as file:
        file.write(b'{"time": "2026-11-23T14:00:00Z", "eve')
    journal.append("cleared", NOW)
    assert [record["event"] for record in journal.records()] == ["requested", "cleared"]


def test_lines_that_are_no_records_are_left_out(journal):
    journal.append("requested", NOW)
    with journal.path.open("ab") as file:
        file.write(b'[1]\n{"no": "event"}\n\xff\xfe\n')
    assert [record["event"] for record in journal.records()] == ["requested"]


def test_it_stays_bounded_and_keeps_the_file_before(journal):
    journal.max_bytes = 200
    for number in range(40):
        journal.append("requested", NOW, number=number)
    numbers = [record["number"] for record in journal.records()]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 39
    assert journal.path.stat().st_size + journal.previous.stat().st_size < 600


def test_other_languages_stay_readable_in_the_file(journal):
    journal.append("saved", NOW, documents=[{"path": "실험.ipynb"}])
    assert "실험.ipynb" in journal.path.read_text("utf-8")
    assert json.loads(journal.path.read_text("utf-8"))["documents"] == [{"path": "실험.ipynb"}]


def test_a_volume_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Journal(directory=str(tmp_path / "file" / "below")).append("requested", NOW)


def test_two_servers_that_write_at_once_leave_whole_lines(tmp_path):
    def write(server):
        own = Journal(directory=str(tmp_path))
        for number in range(50):
            own.append("deferred", NOW, server=server, number=number)

    with ThreadPoolExecutor() as servers:
        list(servers.map(write, range(2)))
    records = Journal(directory=str(tmp_path)).records()
    for server in range(2):
        assert [record["number"] for record in records if record["server"] == server] == list(range(50))
