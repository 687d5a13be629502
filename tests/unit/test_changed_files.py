"""Scheduled jobs, files and packages since the boot."""

import json
import logging
import os
import time
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.losses import cron as schedules
from jupyter_nb_updater.losses.cron import ScheduledJobs
from jupyter_nb_updater.losses.files import ChangedFiles, FirstSeen

LOG = logging.getLogger("test")
BOOTED = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
STARTED, NOW = BOOTED + timedelta(minutes=3), BOOTED + timedelta(minutes=4)
LATER = NOW + timedelta(days=1)


def test_new_is_what_came_after_our_server_first_ran_in_this_boot(tmp_path):
    path = tmp_path / "store" / "boot.json"
    assert FirstSeen(path, STARTED, LOG).read(BOOTED, NOW) == NOW
    assert FirstSeen(path, LATER, LOG).read(BOOTED + timedelta(seconds=1), LATER) == NOW


def test_the_next_boot_begins_anew(tmp_path):
    path = tmp_path / "boot.json"
    FirstSeen(path, STARTED, LOG).read(BOOTED, NOW)
    assert FirstSeen(path, LATER, LOG).read(LATER - timedelta(hours=1), LATER) == LATER


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 1, "booted": "yesterday", "first_seen": 1}', '{"format": 1, "booted": null}', '{"format": 2}'],
)
def test_a_broken_file_is_as_good_as_none(tmp_path, content):
    path = tmp_path / "boot.json"
    path.write_text(content)
    assert FirstSeen(path, STARTED, LOG).read(BOOTED, NOW) == NOW
    assert json.loads(path.read_text())["first_seen"] == "2026-11-23T09:04:00Z"


def test_on_a_volume_that_takes_nothing_it_counts_from_the_start_of_the_server(tmp_path):
    (tmp_path / "file").write_text("")
    assert FirstSeen(tmp_path / "file" / "boot.json", STARTED, LOG).read(BOOTED, NOW) == STARTED
    assert FirstSeen(tmp_path / "file" / "boot.json", STARTED, LOG).read(LATER, LATER) == LATER


def test_without_a_boot_time_it_counts_from_the_start_of_the_server(tmp_path):
    assert FirstSeen(tmp_path / "boot.json", STARTED, LOG).read(None, NOW) == STARTED


CRONTAB = """# m h dom mon dow command
MAILTO=""
PATH = /bin
0 3 * * *   python /home/ec2-user/nightly.py --date=today
@daily echo a=b

0 3 * * *   python /home/ec2-user/nightly.py --date=today
"""


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Create a folder for the machine's programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(schedules.shutil, "which", lambda name: str(folder / name) if (folder / name).exists() else None)

    def program(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return program


def test_the_jobs_of_a_crontab_are_told_line_by_line(commands):
    commands("crontab", f"cat <<'EOF'\n{CRONTAB}EOF")
    jobs = ScheduledJobs().losses()
    assert [(job["name"], job["detail"]) for job in jobs] == [
        ("0 3 * * * python /home/ec2-user/nightly.py --date=today", "crontab"),
        ("@daily echo a=b", "crontab"),
    ]
    assert len({job["id"] for job in jobs}) == 2
    assert ScheduledJobs().losses() == jobs


def test_the_jobs_of_at_are_told_by_their_number(commands):
    commands("atq", "printf '7\\tThu Nov 26 10:00:00 2026 a ec2-user\\n'")
    (job,) = ScheduledJobs().losses()
    assert (job["id"], job["name"], job["detail"]) == ("schedule:at:7", "7 Thu Nov 26 10:00:00 2026 a ec2-user", "at")


def test_a_user_without_a_crontab_and_a_machine_without_cron_have_none(commands):
    assert ScheduledJobs().losses() == []
    commands("crontab", "echo 'no crontab for ec2-user' >&2; exit 1")
    assert ScheduledJobs().losses() == []


def test_a_cron_that_does_not_answer_is_not_waited_for(commands):
    commands("crontab", "exec sleep 60")
    started = time.monotonic()
    with pytest.raises(schedules.subprocess.TimeoutExpired):
        ScheduledJobs(command_timeout_seconds=0.2).losses()
    assert time.monotonic() - started < 10


HOUR_AGO = datetime.now(timezone.utc) - timedelta(hours=1)
IN_AN_HOUR = datetime.now(timezone.utc) + timedelta(hours=1)


def put(path, size=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


def told(home, since=HOUR_AGO, **traits):
    files = ChangedFiles(**{"folders": ["~"], **traits})
    return [(found["name"], found["detail"], found["size"]) for found in files.losses(since, home / "SageMaker")]


def test_files_are_told_by_the_folder_they_are_in_the_biggest_first(home):
    put(home / "a.csv", 5)
    put(home / "data" / "deep" / "b.csv", 10)
    put(home / "data" / "c.csv", 20)
    assert told(home) == [("~/data", "2", 30), ("~/a.csv", "1", 5)]


def test_files_from_before_are_not_told(home):
    put(home / "a.csv")
    assert told(home, since=IN_AN_HOUR) == []


def test_an_unpacked_file_is_new_however_old_it_says_it_is(home):
    put(home / "a.csv")
    os.utime(home / "a.csv", (0, 0))
    assert told(home) == [("~/a.csv", "1", 1)]


def test_the_volume_is_not_looked_into_whatever_it_is_called(home, tmp_path):
    put(home / "SageMaker" / "kept.csv")
    assert told(home, folders=["~", str(tmp_path)], ignored=[]) == []


def test_links_are_not_followed(home, tmp_path):
    put(tmp_path / "elsewhere" / "a.csv")
    (home / "link").symlink_to(tmp_path / "elsewhere")
    (home / "loop").symlink_to(home)
    assert told(home) == []


def test_what_programs_keep_for_themselves_is_not_the_users(home):
    for path in (
        ".cache/x",
        ".local/share/jupyter/runtime/k.json",
        ".ipython/history.sqlite",
        "anaconda3/pkgs/y",
        ".bash_history",
    ):
        put(home / path)
    put(home / ".local" / "share" / "mine")
    assert told(home) == [("~/.local", "1", 1)]


def test_a_folder_of_folders_is_told_once(home):
    put(home / "tmp" / "x", 3)
    assert told(home, folders=["~", "~/tmp", "~"]) == [("~/tmp/x", "1", 3)]


def test_many_things_are_summed_up(home):
    for number in range(5):
        put(home / f"f{number}", 10 + number)
    assert told(home, max_listed=2) == [("~/f4", "1", 14), ("~/f3", "1", 13), ("other", "3", 33)]


def test_a_look_ends_in_bounded_time_and_says_so(home):
    for number in range(50):
        put(home / "data" / f"f{number}")
    ((_, detail, _), _) = told(home, max_entries=20)
    assert detail.startswith("more than ")
    assert told(home, max_seconds=-1.0) == [("other", "more than 0", 0)]


def test_a_folder_that_is_not_there_has_nothing(home):
    assert told(home, folders=["~/nowhere"]) == []
