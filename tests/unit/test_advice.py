"""Is a restart due? Rules in addition to the table of `test_advice_table.py`."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.advise import advise
from jupyter_nb_updater.advice.adviser import Adviser
from jupyter_nb_updater.advice.model import AdviceContext, Deferral, defer
from jupyter_nb_updater.advice.policy import Policy
from jupyter_nb_updater.advice.signal import Signal
from jupyter_nb_updater.signals.age import age
from jupyter_nb_updater.signals.maintenance import maintenance

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def at(days):
    return NOW - timedelta(days=days)


def aged(days, advised=30, interval=90):
    return [age(at(days), NOW, advised_days=advised, interval_days=interval), maintenance("InService", NOW)]


def judged(days, **traits):
    adviser = Adviser(**traits)
    policy = adviser.policy_in_force(None)
    return adviser.advise(aged(days, policy.advised_days, policy.interval_days), at(days), None, policy, NOW)


@pytest.mark.parametrize(
    ("days", "level", "code"),
    [
        (0, "current", "age-fresh"),
        (29.99, "current", "age-fresh"),
        (30, "advised", "age-over-advised"),
        (34, "advised", "age-over-advised"),
        (82.99, "advised", "age-over-advised"),
        (83, "due", "age-over-advised"),
        (89.99, "due", "age-over-advised"),
        (90, "overdue", "age-over-interval"),
        (3000, "overdue", "age-over-interval"),
    ],
)
def test_the_age_decides_by_the_intervals_of_aws(days, level, code):
    advice = judged(days)
    assert (advice.level, advice.signals[0].code) == (level, code)


def test_an_unknown_boot_time_is_unknown_and_never_current():
    unknown = [age(None, NOW, advised_days=30, interval_days=90), maintenance("InService", NOW)]
    advice = Adviser().advise(unknown, None, None, Policy(), NOW)
    assert (advice.level, advice.deadline) == ("unknown", None)


def test_no_signal_at_all_is_unknown():
    assert advise([], AdviceContext(at(1)), Policy(), NOW).level == "unknown"


def test_a_source_that_is_needed_and_did_not_answer_keeps_it_from_being_called_current():
    assert advise(aged(1)[:1], AdviceContext(at(1)), Policy(), NOW).level == "unknown"
    silent = [*aged(1)[:1], Signal("maintenance", "unknown", "maintenance-unreachable", NOW)]
    assert advise(silent, AdviceContext(at(1)), Policy(), NOW).level == "unknown"


def test_an_unknown_signal_does_not_silence_a_due_one():
    signals = [*aged(40)[:1], Signal("maintenance", "unknown", "maintenance-unreachable", NOW)]
    assert advise(signals, AdviceContext(at(40)), Policy(), NOW).level == "advised"


def test_the_deadline_runs_from_the_boot():
    assert judged(40, interval_days=60).deadline == NOW + 20 * DAY


def test_an_organization_may_be_stricter():
    assert judged(15, advised_days=7, interval_days=14).level == "overdue"


def test_a_boot_a_moment_in_the_future_has_no_negative_age():
    signal = age(NOW + timedelta(minutes=2), NOW, advised_days=30, interval_days=90)
    assert signal.evidence["days"] == 0


def test_a_reminder_comes_back_after_a_day_and_is_counted():
    first = defer("advised", NOW + 50 * DAY, None, NOW)
    second = defer("advised", NOW + 50 * DAY, first, NOW)
    assert (first, second.count) == (Deferral(NOW + DAY, 1, "advised"), 2)


def test_a_reminder_never_reaches_past_the_deadline():
    assert defer("due", NOW + timedelta(minutes=20), None, NOW).until == NOW + timedelta(minutes=20)


def test_an_overdue_restart_can_be_put_off_no_longer():
    assert defer("overdue", NOW - DAY, None, NOW) is None


def test_a_deferral_is_recalled_from_the_journal():
    adviser = Adviser()
    adviser.load_history([{"event": "deferred", "until": "2026-11-24T14:00:00Z", "count": 2, "level": "advised"}])
    assert adviser.deferral == Deferral(NOW + DAY, 2, "advised")


def test_a_restart_that_came_back_answers_the_deferral():
    adviser = Adviser()
    adviser.load_history([{"event": "deferred", "until": "2026-11-24T14:00:00Z", "count": 2}, {"event": "returned"}])
    assert adviser.deferral is None


def test_a_deferral_that_cannot_be_read_is_none():
    adviser = Adviser()
    adviser.load_history([{"event": "deferred", "until": "tomorrow", "count": 2}])
    assert adviser.deferral is None
