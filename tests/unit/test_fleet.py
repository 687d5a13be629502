"""The published state of an instance, read from its tags and judged by the reader."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.policy import Policy
from jupyter_nb_updater.fleet import fleet_entry
from jupyter_nb_updater.instance.tags import FleetState
from jupyter_nb_updater.util.clock import to_text

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LISTED = {"NotebookInstanceName": "research-1", "NotebookInstanceStatus": "InService", "LastModifiedTime": NOW - 10 * DAY}


def tags(**values):
    return [{"Key": f"nb-updater:{name}", "Value": value} for name, value in values.items()]


def told(level="current", deadline=None, booted=NOW - 10 * DAY, held=None, reported=NOW - HOUR):
    """Return the tag of an instance that started ten days ago."""
    return tags(state=str(FleetState(level, to_text(deadline), to_text(booted), to_text(held), None, to_text(reported))))


def seen(state, limits=None, **listed):
    return fleet_entry({**LISTED, **listed}, state, NOW, limits)


def test_an_instance_is_told_as_it_said_itself():
    found = seen(
        [*told("advised", deadline=NOW + 50 * DAY), *tags(outcome="r-1 returned 2026-10-20T09:03:00Z")],
    )
    assert (found.level, found.doubt, found.reported) == ("advised", None, "2026-11-23T13:00:00Z")
    assert (found.deadline, found.booted) == ("2027-01-12T14:00:00Z", "2026-11-13T14:00:00Z")
    assert found.outcome == "r-1 returned 2026-10-20T09:03:00Z"
    assert seen(told()).level == "current"


@pytest.mark.parametrize("state", ["", "fine", "Advised x y", "unknown - -", "current - -", "current - - - - yesterday"])
def test_what_it_never_said_or_not_in_our_words_is_unknown(state):
    assert seen(tags(state=state)).level == "unknown"


def test_an_instance_without_us_is_unknown_and_not_current():
    found = seen([])
    assert (found.level, found.doubt) == ("unknown", "not-reported")


def test_an_undated_word_is_never_current_however_it_was_written():
    """The tag that a reviewer wrote with the role of an instance, and the one that a removed extension leaves behind."""
    assert seen(tags(state="current - 2020-01-01T00:00:00Z")).level == "unknown"
    assert seen(tags(state="current 2027-01-18T09:00:00Z 2026-11-13T14:00:00Z")).doubt == "report-implausible"


@pytest.mark.parametrize(
    ("reported", "doubt"),
    [
        (NOW + timedelta(minutes=14), None),
        (NOW + timedelta(minutes=16), "report-implausible"),
        (NOW - 2 * DAY, None),
        (NOW - 2 * DAY - timedelta(seconds=1), "report-outdated"),
        (NOW - 300 * DAY, "report-outdated"),
        (None, "report-implausible"),
    ],
)
def test_a_word_is_believed_for_two_days_and_not_from_the_future(reported, doubt):
    found = seen(told(reported=reported), LastModifiedTime=NOW - 400 * DAY)
    assert (found.doubt, found.level) == (doubt, "unknown" if doubt else found.level)


@pytest.mark.parametrize(
    ("days", "level"), [(29.9, "current"), (30.0, "advised"), (89.9, "advised"), (90.0, "overdue"), (2500.0, "overdue")]
)
def test_the_uptime_is_judged_again_and_only_ever_makes_it_worse(days, level):
    booted = NOW - days * DAY
    assert seen(told(booted=booted)).level == level
    assert seen(told("overdue", booted=NOW - DAY)).level == "overdue"
    assert seen(told("due", booted=booted)).level == ("overdue" if level == "overdue" else "due")


def test_the_uptime_is_judged_by_the_limits_of_the_reader():
    assert seen(told(booted=NOW - 40 * DAY), Policy(advised_days=60.0)).level == "current"
    assert seen(told(booted=NOW - 40 * DAY), Policy(advised_days=14.0, interval_days=35.0)).level == "overdue"


def test_a_deadline_that_has_passed_since_is_overdue():
    assert seen(told("due", deadline=NOW - timedelta(minutes=1))).level == "overdue"
    assert seen(told("due", deadline=NOW + timedelta(minutes=1))).level == "due"


def test_a_boot_after_the_last_start_that_aws_knows_is_no_start():
    """A reboot of the operating system installs nothing; a made-up boot does not either."""
    assert seen(told(booted=NOW - DAY), LastModifiedTime=NOW - 45 * DAY).level == "advised"
    assert seen(told(booted=NOW - DAY), LastModifiedTime=NOW - DAY - timedelta(minutes=10)).level == "current"


@pytest.mark.parametrize(
    ("status", "doubt"), [("InService", "started-since"), ("Stopped", None), ("Pending", None), ("Updating", None)]
)
def test_what_was_said_before_the_last_start_is_no_word_about_what_runs_now(status, doubt):
    found = seen(told(reported=NOW - 3 * HOUR), NotebookInstanceStatus=status, LastModifiedTime=NOW - HOUR)
    assert (found.doubt, found.level) == (doubt, "unknown" if doubt else "current")


def test_an_instance_that_reports_while_it_starts_is_believed():
    found = seen(told(booted=NOW - HOUR, reported=NOW - HOUR), LastModifiedTime=NOW - HOUR + timedelta(minutes=10))
    assert (found.doubt, found.level) == (None, "current")


def test_times_that_are_none_are_left_out():
    found = seen(tags(state="advised never \x1b[31m soon ⁷⁷ 2026-11-23T13:00:00Z"))
    assert (found.deadline, found.booted, found.held, found.level) == (None, None, None, "unknown")


@pytest.mark.parametrize(
    ("status", "value", "waits"),
    [
        ("InService", "r-1 2026-11-23T15:00:00Z", True),
        ("InService", "r-1 2026-11-23T13:00:00Z", False),
        ("Stopped", "r-1 2026-11-23T13:00:00Z notebook-al2023-v1", True),  # the stack may be at its tenth attempt
        ("InService", "nonsense", False),
        ("Stopped", "", False),
    ],
)
def test_an_instance_waits_for_its_return_until_that_is_void(status, value, waits):
    assert seen(tags(restart=value), NotebookInstanceStatus=status).waits_for_return(NOW) is waits
