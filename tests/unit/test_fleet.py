"""The published state of an instance, read from its tags."""

from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.fleet import fleet_entry

LISTED = {"NotebookInstanceName": "research-1", "NotebookInstanceStatus": "InService"}


def tags(**values):
    return [{"Key": f"nb-updater:{name}", "Value": value} for name, value in values.items()]


def test_an_instance_is_told_as_it_said_itself():
    found = fleet_entry(
        LISTED, tags(state="advised 2027-01-18T09:00:00Z 2026-10-20T09:00:00Z", outcome="r-1 returned 2026-10-20T09:03:00Z")
    )
    assert (found.level, found.deadline, found.booted) == ("advised", "2027-01-18T09:00:00Z", "2026-10-20T09:00:00Z")
    assert found.outcome == "r-1 returned 2026-10-20T09:03:00Z"


@pytest.mark.parametrize("state", ["", "fine", "Advised x y", "unknown - -"])
def test_what_it_never_said_or_not_in_our_words_is_unknown(state):
    found = fleet_entry(LISTED, tags(state=state))
    assert found.level == "unknown"


def test_an_instance_without_us_is_unknown_and_not_current():
    assert fleet_entry(LISTED, []).level == "unknown"


def test_unknown_times_are_none():
    found = fleet_entry(LISTED, tags(state="current - -"))
    assert (found.level, found.deadline, found.booted) == ("current", None, None)


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
    found = fleet_entry({**LISTED, "NotebookInstanceStatus": status}, tags(restart=value))
    assert found.waits_for_return(datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)) is waits
