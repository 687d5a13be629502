"""Values of our tags, written and parsed."""

from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.instance import tags

UNTIL = datetime(2026, 11, 23, 15, 2, 11, tzinfo=timezone.utc)


def test_an_armed_restart_is_its_id_and_its_expiry():
    assert tags.restart("r-1", UNTIL) == "r-1 2026-11-23T15:02:11Z"


def test_a_move_adds_the_platform():
    assert tags.restart("r-1", UNTIL, "notebook-al2023-v1") == "r-1 2026-11-23T15:02:11Z notebook-al2023-v1"


@pytest.mark.parametrize(
    "state",
    [
        tags.FleetState("advised", "2027-01-18T09:00:00Z", "2026-10-20T09:00:00Z", "2026-11-24T18:00:00Z"),
        tags.FleetState("current", "2027-01-18T09:00:00Z", "2026-10-20T09:00:00Z"),
        tags.FleetState("advised", "2027-01-18T09:00:00Z", "2026-10-20T09:00:00Z", None, "2"),
        tags.FleetState("advised", "2027-01-18T09:00:00Z", None, None, None, "2026-11-24T18:00:00Z"),
        tags.FleetState("unknown"),
    ],
)
def test_a_state_is_read_as_it_was_written(state):
    assert tags.FleetState.read(str(state)) == state


def test_what_a_newer_version_adds_is_left_out():
    assert tags.FleetState.read("due - - - - - more and more") == tags.FleetState("due")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("r-1 returned 2026-11-23T14:06:00Z", "returned"),
        ("r-1 failed-to-return 2026-11-23T14:06:00Z Failed", "failed-to-return"),
        ("r-0 returned 2026-11-20T14:06:00Z", None),
        ("r-1", None),
        ("", None),
        (None, None),
    ],
)
def test_how_a_return_ended_is_told_of_this_restart_alone(value, word):
    assert tags.ended(value, "r-1") == word


def test_a_tag_fits_into_what_aws_allows():
    longest = tags.restart("20261123T140211Z-abcdef", UNTIL, "notebook-al2023-v1")
    assert len(longest) <= 256
    time = "2026-11-23T15:02:11Z"
    assert len(str(tags.FleetState("advised", time, time, time, "99", time))) <= 256
