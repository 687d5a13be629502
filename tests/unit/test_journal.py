"""The journal survives what it records."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.restart.history import outcome
from jupyter_nb_updater.restart.recovery import SETTLED_PHASES, replay

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


def test_other_languages_are_read_as_they_were_written(journal):
    journal.append("saved", NOW, documents=[{"path": "실험.ipynb"}])
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


DEEP = 100_000


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\N{PILE OF POO}", "\u2028"], ids=ascii)
def test_whatever_text_comes_from_outside_is_recorded_in_ascii(journal, text):
    journal.append("requested", NOW, losses=[text])
    assert journal.path.read_bytes().isascii()
    assert journal.records()[0]["losses"] == [text]


def nested(depth):
    content = []
    for _ in range(depth):
        content = [content]
    return content


@pytest.mark.parametrize("facts", [nested(DEEP), {1, 2}, object()], ids=["deep", "set", "object"])
def test_what_cannot_be_written_as_json_is_logged_and_raises_nothing(journal, caplog, facts):
    assert not journal.try_append("shown", NOW, facts=facts)
    assert "Could not write the event 'shown' to the journal" in caplog.text
    assert journal.records() == []


@pytest.mark.parametrize(
    "line",
    [
        b"[" * DEEP,
        b'{"event": "requested", "findings": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"event": "requested", "documents": ' + b"[" * 400 + b"]" * 400 + b"}",
        b'{"event": "requested", "number": ' + b"9" * 5000 + b"}",
        b'{"event": "requested", "number": NaN}',
        b'{"event": "requested", "findings": 7}',
        b'{"event": "requested", "findings": [7]}',
        b'{"event": "requested", "findings": [{"code": ["x"]}]}',
        b'{"event": "requested", "software": [1]}',
        b'{"event": "requested", "software": {"python": {"a": 1}}}',
        b'{"event": "requested", "restart": 7}',
        b'{"event": "requested", "time": {}}',
        b'{"event": "returned", "outcome": []}',
        b'{"event": ["requested"]}',
    ],
    ids=lambda line: line[:60].decode(),
)
def test_a_malformed_line_is_left_out_and_breaks_nothing(journal, line):
    journal.append("requested", NOW, restart="r-1", software={"python": "3.10"})
    with journal.path.open("ab") as file:
        file.write(line + b"\n")
    journal.append("returned", NOW, restart="r-1", software={"python": "3.11"})
    records = journal.records()
    assert [record["event"] for record in records] == ["requested", "returned"]
    assert outcome(records)["outcome"] == "updated"
    assert replay(records).phase in SETTLED_PHASES | {"preflight"}
    json.dumps(records, allow_nan=False)
