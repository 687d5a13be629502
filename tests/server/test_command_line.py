"""``jupyter nb-updater …`` as called by a script: output and exit code."""

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_nb_updater.cli.base import ExitCode
from jupyter_nb_updater.util.clock import to_text

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs the command on a notebook instance with a given uptime. AWS is unreachable."""
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "key",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-1"
    (tmp_path / "metadata.json").write_text(json.dumps({"ResourceArn": arn, "ResourceName": "research-1"}))

    def command(*words, days=0.0, seconds=60):
        (tmp_path / "stat").write_text(f"btime {int(time.time() - days * 86400)}\n")
        machine = {
            "InstanceMetadata": {"path": str(tmp_path / "metadata.json")},
            "BootClock": {"stat_path": str(tmp_path / "stat")},
            "OsReleaseSource": {"dnf": str(tmp_path / "dnf")},
        }
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "jupyter_nb_updater_config.json").write_text(json.dumps(machine | {"Aws": {"max_attempts": 1}}))
        line = [sys.executable, "-m", "jupyter_nb_updater.cli.app", *words]
        return subprocess.run(line, capture_output=True, text=True, timeout=seconds, check=False, cwd=tmp_path)

    return command


@pytest.mark.parametrize(
    ("days", "code", "words"),
    [
        (1, ExitCode.UNKNOWN, "update status unknown"),  # AWS, which may have maintenance for it, does not answer
        (34, ExitCode.DUE, "restart recommended"),
        (91, ExitCode.DUE, "restart overdue"),
    ],
)
def test_status_says_in_words_and_by_its_exit_code_whether_a_restart_is_due(run, days, code, words):
    told = run("status", days=days)
    assert told.returncode == code
    assert told.stdout.startswith(f"research-1 (eu-west-1): {words}")
    assert "AWS status  unknown: DescribeNotebookInstance" in told.stdout


def test_a_clock_that_cannot_be_believed_is_unknown(run):
    told = run("status", days=-400)
    assert (told.returncode, "update status unknown" in told.stdout) == (ExitCode.UNKNOWN, True)


def test_status_names_the_hold(run, tmp_path):
    folder = tmp_path / "SageMaker" / ".nb-updater"
    folder.mkdir(parents=True)
    now = datetime.now(timezone.utc)
    since, until = to_text(now - timedelta(hours=1)), to_text(now + timedelta(hours=1))
    held = {"time": since, "event": "held", "by": "Kim", "reason": "validation", "since": since, "until": until}
    (folder / "journal.jsonl").write_text(json.dumps(held) + "\n")
    told = run("status", days=34)
    assert f"hold        by Kim (not verified) until {until}: validation" in told.stdout
    assert json.loads(run("status", "--json", days=34).stdout)["hold"]["by"] == "Kim"
    assert "hold  " not in run("status", "--simulate-date=2035-01-15T10:00:00Z").stdout


def test_status_can_be_asked_for_another_day(run):
    told = run("status", "--json", "--simulate-date=2027-01-15T10:00:00Z", "--simulate-uptime=40d", days=1)
    content = json.loads(told.stdout)
    assert (told.returncode, content["level"], content["deadline"]) == (ExitCode.DUE, "advised", "2027-03-06T10:00:00Z")
    assert content["clock"] == {"now": "2027-01-15T10:00:00Z", "rate": 1.0}
    assert "clock       simulated: 20" in run("status", "--simulate-uptime=40d").stdout
    assert "clock" not in run("status").stdout


def test_status_reports_as_json_too(run):
    told = run("status", "--json", days=34)
    content = json.loads(told.stdout)
    assert (told.returncode, content["level"], content["signals"][0]["code"]) == (ExitCode.DUE, "advised", "age-over-advised")


def test_an_organization_can_configure_the_days(run):
    assert run("status", "--Adviser.advised_days=7", days=8).returncode == ExitCode.DUE


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("unheard-of",),
        ("status", "extra"),
        ("status", "--Adviser.advised_days=soon"),
        ("demo", "--port=abc"),
        ("lifecycle",),
        ("restart", "--when=soon"),
        ("hold", "--until=soon"),
        ("hold", "--until=18:00", "--release"),
    ]
    + [("lifecycle", "render"), ("demo", "--uptime=long"), ("demo", "--policy=x"), ("demo", "--simulate-date=soon")]
    + [
        ("status", "--simulate-date=soon"),
        ("status", "--simulate-uptime=long"),
        ("status", "--simulate-date=9999-01-01T00:00:00Z"),
    ]
    + [("policy",), ("policy", "check"), ("policy", "simulate", "a.json", "b.json"), ("policy", "show", "a.json")]
    + [("stack",), ("stack", "deploy"), ("stack", "deploy", "--region=eu-west-1", "--poll-seconds=99")],
)
def test_a_command_line_that_is_wrong_ends_with_two(run, words):
    told = run(*words)
    assert told.returncode == ExitCode.USAGE
    assert "Traceback" not in told.stderr


def test_an_empty_journal_says_where_it_would_be(run):
    told = run("journal")
    assert (told.returncode, told.stdout.strip().endswith("SageMaker/.nb-updater/journal.jsonl.")) == (ExitCode.CURRENT, True)
    assert json.loads(run("journal", "--json").stdout) == []


def test_the_journal_is_told_line_by_line(run, tmp_path):
    folder = tmp_path / "SageMaker" / ".nb-updater"
    folder.mkdir(parents=True)
    finding = {"code": "document-not-saved", "subject": "a.ipynb", "detail": "failed", "action": None}
    record = {"time": "2026-11-23T14:00:00Z", "event": "refused", "restart": "r-1", "findings": [finding]}
    (folder / "journal.jsonl").write_text(json.dumps(record) + "\n")
    assert run("journal").stdout.split() == [
        "2026-11-23T14:00:00Z",
        "r-1",
        "refused",
        "a.ipynb",
        "could",
        "not",
        "be",
        "saved:",
        "the",
        "reason",
        "is",
        "unknown",
    ]


@pytest.mark.parametrize(
    ("facts", "is_listed"),
    [
        ({"policy": ["x"]}, True),
        ({"advice": "good"}, True),
        ({"lost": [{}]}, True),
        ({"findings": 7}, False),  # without the form of a record
        ({"restart": ["r"]}, False),
    ],
)
def test_a_line_that_makes_no_sense_breaks_nothing(run, tmp_path, facts, is_listed):
    folder = tmp_path / "SageMaker" / ".nb-updater"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text(json.dumps({"time": None, "event": "refused", **facts}) + "\n")
    told = run("journal")
    assert (told.returncode, "refused" in told.stdout, told.stderr) == (ExitCode.CURRENT, is_listed, "")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {
                "event": "requested",
                "by": "ana",
                "when": "now",
                "version": "0.1.0",
                "policy": {"advised_days": 30.0, "interval_days": 90.0},
                "advice": {"level": "advised", "signals": [{"code": "age-over-advised"}]},
            },
            (
                "by ana; when: now; version 0.1.0; policy: restart recommended after 30 days, at the latest after 90 days; "
                "advice: restart recommended (running longer than recommended)"
            ),
        ),
        (
            {"event": "saved", "lost": [{"name": "a.ipynb", "kind": "kernel", "consent": "seen"}]},
            "all open documents are saved; lost: kernel a.ipynb (confirmed)",
        ),
        (
            {"event": "armed", "until": "2026-11-23T15:00:00Z", "request_id": "r"},
            "a start after the stop is arranged; until 2026-11-23T15:00:00Z; AWS request r",
        ),
        ({"event": "returned", "return": None, "outcome": "failed-to-return"}, "did not start again automatically"),
    ],
)
def test_the_journal_says_who_by_which_limits_what_was_lost_and_what_came_of_it(run, tmp_path, facts, words):
    folder = tmp_path / "SageMaker" / ".nb-updater"
    folder.mkdir(parents=True)
    record = {"time": "2026-11-23T14:00:00Z", "restart": "r-1", "findings": [], **facts}
    (folder / "journal.jsonl").write_text(json.dumps(record) + "\n")
    assert run("journal").stdout.rstrip().endswith(f"{facts['event']:<12}  {words}")


@pytest.mark.parametrize("command", ["restart", "hold"])
def test_without_a_running_server_it_says_what_is_missing(run, command):
    told = run(command)
    assert (told.returncode, "No Jupyter server" in told.stderr) == (ExitCode.FAILED, True)


TIMES = {"issued": "2026-11-20T09:00:00Z", "expires": "2099-02-18T09:00:00Z"}
DOCUMENT = {"version": 1, "serial": 7, "organization": "Example Bank", **TIMES, "age": {"advised_days": 10, "max_days": 20}}


@pytest.fixture
def document(tmp_path):
    """Return a function that writes a policy document to a file."""

    def write(name="organization.json", **fields):
        path = tmp_path / name
        path.write_text(json.dumps({**DOCUMENT, **fields}))
        return str(path)

    return write


def test_a_document_that_would_be_taken_is_told_so(run, document):
    told = run("policy", "check", document(message="Restart, please."))
    assert (told.returncode, told.stderr) == (ExitCode.CURRENT, "")
    assert ": valid" in told.stdout
    assert "Restart, please." in told.stdout


def test_every_problem_of_a_document_is_told_with_its_place(run, document):
    told = run("policy", "check", document(mode="force", link="javascript:alert(1)", notice_days=-1))
    assert told.returncode == ExitCode.FAILED
    assert [line.strip().partition(":")[0] for line in told.stdout.splitlines()[1:]] == ["link", "notice_days", "mode"]
    content = json.loads(run("policy", "check", "--json", document(mode="force")).stdout)
    assert (content["code"], content["problems"][0].startswith("mode: ")) == ("schema", True)


def test_a_document_that_is_not_newer_than_the_one_before_is_told_so(run, document):
    before = document("before.json")
    assert run("policy", "check", document(serial=8, message="x"), "--previous", before).returncode == ExitCode.CURRENT
    told = run("policy", "check", document(message="x"), "--previous", before)
    assert (told.returncode, "serial" in told.stdout) == (ExitCode.FAILED, True)
    assert run("policy", "check", before, "--previous", "/no/such").returncode == ExitCode.USAGE


def test_a_document_for_others_is_told_so(run, document):
    path = document(audience=["dev"])
    told = run("policy", "check", path)
    assert (told.returncode, "only for instances with this PolicyManager.audience: dev" in told.stdout) == (0, True)
    assert run("policy", "check", path, "--audience", "dev").returncode == ExitCode.CURRENT
    told = run("policy", "check", path, "--audience", "prod")
    assert (told.returncode, "is for dev, but this instance is prod" in told.stdout) == (ExitCode.FAILED, True)


@pytest.mark.parametrize("place", ["/no/such/file.json", "http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "s3://bucket/key"])
def test_a_document_that_is_not_to_be_had_is_told_in_words(run, place):
    told = run("policy", "check", place)
    assert (told.returncode, "Traceback" in told.stderr) == (ExitCode.FAILED, False)
    assert len(told.stdout.splitlines()) == 2


def test_a_document_is_tried_out_over_time(run, document):
    words = ("--at=2026-12-01T00:00:00Z", "--booted=5d", "--until=20d", "--step=5d", "--json")
    told = run("policy", "simulate", document(), *words)
    rows = json.loads(told.stdout)
    assert [(row["at"][:10], row["level"]) for row in rows] == [
        ("2026-12-01", "current"),
        ("2026-12-06", "advised"),
        ("2026-12-11", "due"),
        ("2026-12-16", "overdue"),
        ("2026-12-21", "overdue"),
    ]
    assert rows[0]["deadline"] == "2026-12-16T00:00:00Z"
    table = run("policy", "simulate", document(), *words[:-1]).stdout.splitlines()
    assert (len(table), table[0].split()[:3]) == (6, ["at", "level", "shown"])


@pytest.mark.parametrize("word", ["--step=0d", "--at=soon", "--booted=2099-01-01T00:00:00Z", "--until=x"])
def test_a_time_of_a_trial_that_is_none_is_told(run, document, word):
    told = run("policy", "simulate", document(), word)
    assert (told.returncode, "Traceback" in told.stderr) == (ExitCode.USAGE, False)


def test_what_is_in_force_is_told_with_where_it_comes_from(run, tmp_path):
    told = run("policy", "show")
    assert (told.returncode, told.stdout.startswith("In force: AWS recommendation")) == (ExitCode.CURRENT, True)
    assert run("policy", "show", "--Adviser.advised_days=7").stdout.startswith("In force: local configuration")
    told = run("policy", "show", f"--PolicyManager.url={(tmp_path / 'a.json').as_uri()}", "--json")
    assert (json.loads(told.stdout)["policy"]["origin"]["kind"], told.returncode) == ("default", ExitCode.CURRENT)
