"""A hold has a reason and an end."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.hold import Holds, Person
from jupyter_nb_updater.advice.policy import Policy
from jupyter_nb_updater.util.request_error import MalformedRequest

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
ANA = Person("Ana", "ana")
SIX = NOW + timedelta(hours=4)


def held(**traits):
    holds = Holds(**traits)
    holds.set(ANA, "training", SIX, NOW)
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
        Holds(max_days=14.0).set(ANA, "", until, NOW)


def test_a_reason_is_one_line():
    assert Holds().set(ANA, " a\nb  c " + "x" * 999, SIX, NOW).reason.startswith("a b c x")
    assert len(Holds().set(ANA, "x" * 999, SIX, NOW).reason) == 200


@pytest.mark.parametrize(
    ("by", "owner", "may"),
    [
        (Person("Ana", "ana"), "", True),
        (Person("ana", ""), "", False),  # a name that somebody typed
        (Person("ana", "ben"), "", False),
        (Person("", ""), "ana", True),
        (Person("Ben", "ben"), "ana", True),
        (Person("", ""), "", False),
        (Person("Ben", "ben"), "ben", False),
    ],
)
def test_an_organization_allows_only_who_is_proven(by, owner, may):
    policy = Policy(holders=("ana",))
    if may:
        assert Holds().set(by, "", SIX, NOW, policy, owner).verified == bool(by.login)
    else:
        with pytest.raises(MalformedRequest, match="allows only ana"):
            Holds().set(by, "", SIX, NOW, policy, owner)


def test_an_empty_name_in_a_document_is_nobody():
    with pytest.raises(MalformedRequest):
        Holds().set(Person(), "", SIX, NOW, Policy(holders=("",)))


def test_it_is_remembered_whether_a_login_proved_who_it_was():
    for by in (ANA, Person("Ana")):
        holds = Holds()
        holds.load_history([{"event": "held", **Holds().set(by, "training", SIX, NOW).to_json()}])
        assert holds.current(NOW).verified == bool(by.login)


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
