"""What is remembered of earlier advice, in this process and the next."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.adviser import Adviser, rollout_position
from jupyter_nb_updater.advice.hold import Holds, Person
from jupyter_nb_updater.advice.policy import Origin, Policy
from jupyter_nb_updater.advice.signal import Signal
from jupyter_nb_updater.signals.age import age
from jupyter_nb_updater.signals.maintenance import maintenance
from jupyter_nb_updater.util.request_error import MalformedRequest

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
STRICT = Policy(advised_days=7, interval_days=30, origin=Origin("organization", organization="Example Ltd"))


def judged(adviser, days, *more, now=NOW, organization=None):
    booted, policy = NOW - days * DAY, adviser.policy_in_force(organization)
    aged = age(booted, now, advised_days=policy.advised_days, interval_days=policy.interval_days)
    return adviser.advise([aged, maintenance("InService", now), *more], booted, None, policy, now)


def shown(adviser, advice, now=NOW, organization=None):
    return adviser.record_shown(advice, adviser.policy_in_force(organization), now)


def newer(subject="abc"):
    return Signal("fleet", "due", "fleet-newer", NOW, subject=subject)


def test_the_policy_of_the_organization_takes_the_place_of_the_configured_one():
    adviser = Adviser(advised_days=20.0)
    own = adviser.policy_in_force(None)
    assert (own.origin.kind, own.advised_days, own.interval_days) == ("configured", 20.0, 90.0)
    assert adviser.policy_in_force(STRICT) == STRICT


def test_the_defaults_are_the_advice_of_aws():
    assert Adviser().policy_in_force(None).origin.kind == "default"


def test_what_a_person_sees_is_told_to_the_journal_once():
    adviser = Adviser()
    advice = judged(adviser, 34)
    news = shown(adviser, advice)
    assert (news["ids"], news["deadline"], news["moved_from"]) == (
        ["age:2026-10-20T14:00:00Z"],
        "2027-01-18T14:00:00Z",
        None,
    )
    assert shown(adviser, judged(adviser, 34), NOW + DAY) is None


def test_what_is_only_said_quietly_was_not_shown():
    adviser = Adviser()
    assert shown(adviser, judged(adviser, 25)) is None


def test_a_stricter_policy_moves_the_deadline_and_says_so_until_the_boot():
    adviser = Adviser()
    shown(adviser, judged(adviser, 34))
    stricter = replace(STRICT, interval_days=40)
    moved = judged(adviser, 34, organization=stricter)
    assert (moved.deadline, moved.moved_from) == (NOW + 6 * DAY, NOW + 56 * DAY)
    news = shown(adviser, moved, organization=stricter)
    assert news["moved_from"] == "2027-01-18T14:00:00Z"
    assert judged(adviser, 34, organization=stricter).moved_from == NOW + 56 * DAY


def test_the_next_server_knows_what_was_shown_and_told():
    first, second = Adviser(), Adviser()
    news = shown(first, judged(first, 34))
    second.load_history([{"event": "shown", **news}])
    assert shown(second, judged(second, 34)) is None


def test_a_boot_begins_anew():
    first, second = Adviser(), Adviser()
    news = shown(first, judged(first, 34))
    second.load_history([{"event": "shown", **news}, {"event": "booted"}])
    assert shown(second, judged(second, 34)) is not None


def records(outcome, *ids):
    advice = {"reasons": [{"id": identifier, "deadline": None} for identifier in ids]}
    return [{"event": "requested", "advice": advice}, {"event": "booted"}, {"event": "returned", "outcome": outcome}]


def test_a_restart_that_changed_nothing_answers_for_good_what_it_was_made_for():
    adviser = Adviser()
    adviser.load_history(records("unchanged", "fleet:abc"))
    advice = judged(adviser, 0, newer())
    assert (advice.level, advice.stage, advice.ineffective) == ("current", "quiet", ("fleet:abc",))
    assert judged(adviser, 0, newer("def")).level == "advised"


def test_one_that_changed_something_may_be_followed_by_another():
    adviser = Adviser()
    adviser.load_history(records("updated", "fleet:abc"))
    assert judged(adviser, 0, newer()).level == "advised"


def test_what_was_current_in_between_asks_again():
    adviser = Adviser()
    adviser.load_history(records("unchanged", "maintenance:PendingMaintenance"))
    pending = maintenance("PendingMaintenance", NOW)
    aged = age(NOW, NOW, advised_days=30, interval_days=90)
    assert adviser.advise([aged, pending], NOW, None, Policy(), NOW).level == "current"
    judged(adviser, 0)
    assert adviser.advise([aged, pending], NOW, None, Policy(), NOW).level == "advised"


@pytest.mark.parametrize(
    "record", [{"ids": 7, "at": "x"}, {}, {"deadline": "soon", "limits": []}, {"advice": {"reasons": [3]}}]
)
@pytest.mark.parametrize("event", ["shown", "requested", "deferred"])
def test_a_record_that_makes_no_sense_is_left_out(event, record):
    adviser = Adviser()
    adviser.load_history([{"event": event, **record}])
    assert judged(adviser, 34).level == "advised"


def test_instances_are_spread_evenly_over_a_rollout_and_stay_where_they_are():
    places = [
        rollout_position(f"arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/n-{number}") for number in range(1000)
    ]
    assert all(0 <= where < 1 for where in places)
    assert 60 <= sum(where < 0.1 for where in places) <= 140
    assert rollout_position("n-1") == rollout_position("n-1")


def test_only_whom_the_organization_names_may_hold():
    holds, policy = Holds(), replace(STRICT, holders=("ana",), hold_days=60)
    assert holds.set(Person("ana", "ana"), "validated", NOW + 60 * DAY, NOW, policy).until == NOW + 60 * DAY
    with pytest.raises(MalformedRequest, match="Example Ltd allows only ana to place a hold"):
        holds.set(Person("bob", "bob"), "training", NOW + DAY, NOW, policy)
    with pytest.raises(MalformedRequest, match="at most 60 days"):
        holds.set(Person("ana", "ana"), "validated", NOW + 61 * DAY, NOW, policy)
