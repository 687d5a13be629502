"""When did this machine boot, and is that plausible?"""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.instance.boot_time import BootClock, btime, plausible

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


def test_the_boot_time_is_the_line_btime():
    assert btime("cpu 1 2 3\nbtime 1790000000\nprocesses 7\n") == 1790000000


@pytest.mark.parametrize("text", ["", "cpu 1\n", "btime\n", "btime soon\n"])
def test_without_a_readable_line_there_is_no_boot_time(text):
    assert btime(text) is None


def test_a_boot_in_the_future_is_not_believed():
    assert plausible((NOW + timedelta(hours=1)).timestamp(), NOW) is None


def test_a_boot_before_the_service_existed_is_not_believed():
    assert plausible(0, NOW) is None


def test_a_clock_that_is_a_little_ahead_is_believed():
    booted = NOW + timedelta(minutes=1)
    assert plausible(booted.timestamp(), NOW) == booted


@pytest.mark.parametrize("seconds", [1e300, float("inf"), float("nan"), -1e300])
def test_absurd_numbers_are_not_believed(seconds):
    assert plausible(seconds, NOW) is None


def test_it_reads_the_configured_file(tmp_path):
    path = tmp_path / "stat"
    path.write_text(f"btime {int((NOW - timedelta(days=34)).timestamp())}\n")
    assert BootClock(stat_path=str(path)).read(NOW) == NOW - timedelta(days=34)


def test_without_that_file_the_operating_system_is_asked(tmp_path):
    now = datetime.now(timezone.utc)
    booted = BootClock(stat_path=str(tmp_path / "none")).read(now)
    assert booted is not None
    assert booted <= now


def test_a_boot_has_a_name_where_the_kernel_gives_one(tmp_path):
    path = tmp_path / "boot_id"
    path.write_text("3f0b…\n", "utf-8")
    assert BootClock(id_path=str(path)).read_id() is None
    path.write_text("3f0b\n", "ascii")
    assert BootClock(id_path=str(path)).read_id() == "3f0b"
    assert BootClock(id_path=str(tmp_path / "none")).read_id() is None
