"""A hold has a reason and an end."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.hold import Holds
from jupyter_nb_updater.util.request_error import MalformedRequest

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
SIX = NOW + timedelta(hours=4)


def held(**traits):
    holds = Holds(**traits)
    holds.set("ana", "training", SIX, NOW)
    return holds


def test_it_ends_by_itself():
    holds = held()
    assert holds.current(SIX - timedelta(seconds=1)).reason == "training"
    assert holds.current(SIX) is None


def test_it_can_be_ended_before():
    holds = held()
    holds.release()
    assert holds.current(NOW) is None


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=15)])
def test_it_ends_in_the_future_and_within_the_bound(until):
    with pytest.raises(MalformedRequest, match="hold"):
        Holds(max_days=14.0).set("ana", "", until, NOW)


def test_a_reason_is_one_line():
    assert Holds().set("ana", " a\nb  c " + "x" * 999, SIX, NOW).reason.startswith("a b c x")
    assert len(Holds().set("ana", "x" * 999, SIX, NOW).reason) == 200


def records(*events):
    return [{"event": event, **held().last.to_json()} for event in events]


@pytest.mark.parametrize(
    ("events", "remembered"),
    [(["held"], True), (["held", "released"], False), (["held", "booted"], False), (["held", "released", "held"], True)],
)
def test_it_is_remembered_until_it_is_ended_or_the_machine_boots(events, remembered):
    holds = Holds()
    holds.load_history(records(*events))
    assert (holds.current(NOW) is not None) == remembered


def test_a_broken_record_holds_nothing():
    holds = Holds()
    holds.load_history(
        [{"event": "held", "by": "ana"}, {"event": "held", "until": "soon", "since": "x", "by": "", "reason": ""}]
    )
    assert holds.current(NOW) is None
