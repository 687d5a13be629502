"""What a page or a program may request."""

from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.restart.request import Consent, parse_restart
from jupyter_nb_updater.util.request_error import MalformedRequest

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


def test_an_empty_request_is_one_for_now_that_accepts_nothing():
    request = parse_restart(None, NOW)
    assert (request.when, request.consent, request.without_return) == ("now", Consent(), False)


@pytest.mark.parametrize("when", ["now", "idle", "2026-11-23T18:00:00Z", "2026-12-23T14:00:00Z"])
def test_it_may_be_for_now_for_idle_or_for_a_time(when):
    assert parse_restart({"when": when}, NOW).when == when


@pytest.mark.parametrize(
    "body",
    [
        [],
        "now",
        {"when": "soon"},
        {"when": 7},
        {"when": None},
        {"when": ["now"]},
        {"when": "2026-11-23T14:00:00Z"},
        {"when": "2027-11-23T14:00:00Z"},
        {"losses": "all"},
        {"losses": [7]},
        {"confirmed": {"kernel:1": True}},
        {"without_return": 1},
    ],
    ids=str,
)
def test_what_cannot_be_understood_says_what_to_write(body):
    with pytest.raises(MalformedRequest, match="must be"):
        parse_restart(body, NOW)


@pytest.mark.parametrize("name", ["losses", "confirmed"])
def test_the_ids_of_a_request_are_bounded(name):
    """Three requests with 200,000 ids replaced both files of the journal."""
    assert getattr(parse_restart({name: ["x" * 1000] * 100}, NOW).consent, name)
    for ids in ([str(number) for number in range(200_000)], ["x" * 5000], [f"{number}{'x' * 4000}" for number in range(100)]):
        with pytest.raises(MalformedRequest, match=f'"{name}"'):
            parse_restart({name: ids}, NOW)
