"""Warnings about the next start, which block nothing."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.restart.risks import Risk, RiskFacts, RiskLimits, RiskMonitor, last_return, risks, start_seconds
from jupyter_nb_updater.util.clock import to_text

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
LIMITS = RiskLimits(slow_start_seconds=240.0, nearly_full_bytes=200 << 20, cooldown=30 * MINUTE)


def told(start=None, free=None, returned=None):
    return risks(RiskFacts(start, "/volume", free, returned), LIMITS, NOW)


def test_what_is_not_known_is_no_risk():
    assert told() == []


@pytest.mark.parametrize(("seconds", "told_of"), [(12, []), (239, []), (240, [Risk("start-was-slow", "240", "300")])])
def test_a_start_that_came_near_the_five_minutes_of_aws_is_told(seconds, told_of):
    assert told(start=seconds) == told_of


def test_a_volume_without_room_is_told_in_whole_mebibytes():
    assert told(free=200 << 20) == []
    assert told(free=(200 << 20) - 1) == [Risk("volume-nearly-full", "/volume", str(199 << 20))]


@pytest.mark.parametrize(("ago", "is_told"), [(0, True), (29, True), (30, False), (-1, False)])
def test_a_return_of_a_moment_ago_is_told_but_none_that_lies_ahead(ago, is_told):
    returned = NOW - ago * MINUTE
    assert told(returned=returned) == ([Risk("restarted-recently", to_text(returned))] if is_told else [])


def test_everything_is_told_at_once():
    assert [risk.code for risk in told(299, 0, NOW)] == ["start-was-slow", "volume-nearly-full", "restarted-recently"]


def records(*events):
    return [{"time": to_text(NOW + number * MINUTE), "event": event} for number, event in enumerate(events)]


def test_the_last_return_is_the_one_that_counts():
    assert last_return(records("requested", "returned", "requested", "returned", "acknowledged")) == NOW + 3 * MINUTE


@pytest.mark.parametrize("content", [[], records("booted", "refused"), [{"event": "returned"}, {"event": "booted"}]])
def test_a_journal_without_a_return_that_can_be_read_says_none(content):
    assert last_return(content) is None


def noted(**content):
    return json.dumps({"time": to_text(NOW), "seconds": 251, **content})


def test_the_script_s_own_note_is_believed_of_this_boot_only():
    assert start_seconds(noted(), NOW - MINUTE) == 251
    assert start_seconds(noted(), None) == 251
    assert start_seconds(noted(), NOW + MINUTE) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", noted(seconds="long"), noted(seconds=None), noted(time="noon")])
def test_a_note_that_cannot_be_read_is_none(text):
    assert start_seconds(text, None) is None


def test_the_monitor_reads_the_note_and_the_volume_and_remembers_the_return(tmp_path):
    (tmp_path / "on-start.json").write_text(noted())
    monitor = RiskMonitor(tmp_path, nearly_full_bytes=1 << 60)
    monitor.load_history(records("returned"))
    assert [risk.code for risk in monitor.risks(None, NOW)] == ["start-was-slow", "volume-nearly-full", "restarted-recently"]
    assert (monitor.returned_recently(NOW), monitor.returned_recently(NOW + 31 * MINUTE)) == (NOW, None)


def test_before_anything_was_written_the_volume_is_looked_at_all_the_same(tmp_path):
    monitor = RiskMonitor(tmp_path / "SageMaker" / ".nb-updater", nearly_full_bytes=1 << 60)
    assert [risk.code for risk in monitor.risks(None, NOW)] == ["volume-nearly-full"]
