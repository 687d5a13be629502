"""Times as a user writes them in a terminal."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.util.clock import duration, parse_when

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
SEOUL = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("18:00", "2026-11-23T18:00:00Z"),
        ("9:30", "2026-11-24T09:30:00Z"),
        ("14:00", "2026-11-24T14:00:00Z"),
        ("90m", "2026-11-23T15:30:00Z"),
        ("2026-11-25T00:00:00Z", "2026-11-25T00:00:00Z"),
    ],
)
def test_a_time_is_the_next_one_that_it_can_mean(text, time):
    assert parse_when(text, NOW, timezone.utc) == time


def test_a_time_without_a_date_is_the_persons_own():
    assert parse_when("23:30", NOW, SEOUL) == "2026-11-23T14:30:00Z"


@pytest.mark.parametrize("text", ["", "soon", "25:00", "18:60", "18", "2026-11-25", "90x"])
def test_anything_else_says_what_to_write(text):
    with pytest.raises(ValueError, match="18:00"):
        parse_when(text, NOW)


def test_a_duration_has_a_unit():
    assert duration("34d") == timedelta(days=34)
    with pytest.raises(ValueError, match="34d"):
        duration("34")
