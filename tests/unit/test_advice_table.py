"""Signals, policy and time become advice, as a table of data; and properties for any input."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as some

from jupyter_nb_updater.advice.advise import advise
from jupyter_nb_updater.advice.hold import Hold
from jupyter_nb_updater.advice.model import LEVELS, AdviceContext, AnnouncedDeadline, defer
from jupyter_nb_updater.advice.policy import Policy, Wave, Window
from jupyter_nb_updater.advice.signal import SEVERITIES, Advisory, Signal
from jupyter_nb_updater.signals.age import age
from jupyter_nb_updater.signals.maintenance import maintenance

from . import advice_cases
from .advice_cases import NOW, moment

CASES = advice_cases.cases()
TIMES = {"deadline", "moved_from"}
ASKING = ("advised", "due", "overdue")


def told(advice, field, now, expected):
    value = getattr(advice, field)
    if field in TIMES:
        return value, moment(expected, now)
    return (list(value), expected) if isinstance(value, tuple) else (value, expected)


def test_there_are_at_least_sixty_cases_and_each_has_its_own_name():
    assert len({case["case"] for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_table(case):
    signals, context, policy, now = advice_cases.inputs(case)
    if "AGE" in context.shown:
        context = replace(context, shown={signals[0].id: context.shown["AGE"]})
    advice = advise(signals, context, policy, now)
    for field, expected in case["expect"].items():
        value, wanted = told(advice, field, now, expected)
        assert value == wanted, field


# Any input at all

FIRST, LAST = (datetime(year, 1, 1, tzinfo=timezone.utc) for year in (2024, 2032))
YEAR = timedelta(days=365)
near, far = (some.timedeltas(-end, end) for end in (timedelta(hours=2), timedelta(days=400)))
days = some.floats(0, 400)
moments = some.integers(int(FIRST.timestamp()), int(LAST.timestamp())).map(
    lambda when: datetime.fromtimestamp(when, timezone.utc)
)
windows = some.builds(
    lambda days, opens, closes, zone: Window(frozenset(days), opens, closes, ZoneInfo(zone), zone),
    some.sets(some.integers(0, 6), min_size=1),
    some.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    some.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    some.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
policies = some.builds(
    Policy,
    advised_days=days,
    interval_days=days,
    notice_days=some.floats(0, 60),
    grace_hours=some.floats(0, 200),
    service_levels=some.dictionaries(some.sampled_from(SEVERITIES), days),
    mode=some.sampled_from(["advise", "require"]),
    window=some.none() | windows,
    waves=some.lists(some.builds(Wave, some.floats(0, 1), some.timedeltas(timedelta(0), timedelta(days=60))), max_size=3).map(
        tuple
    ),
)
advisories = some.builds(
    Advisory,
    id=some.sampled_from("ABCDEF"),
    published=moments,
    severity=some.none() | some.sampled_from(SEVERITIES),
    exploited=some.booleans(),
)
listed = some.lists(advisories, max_size=4, unique_by=lambda advisory: advisory.id).map(tuple)
positions = some.floats(0, 1, exclude_max=True)
statuses = some.sampled_from(["InService", "PendingMaintenance", "Surprising"])


def signals_of(booted, policy, now, status, advisories):
    aged = age(booted, now, advised_days=policy.advised_days, interval_days=policy.interval_days)
    more = [Signal("os_release", "due", "os-advisories", now, advisories=advisories)] if advisories else []
    return [aged, maintenance(status, now), *more]


@given(booted=some.none() | moments, policy=policies, now=moments, status=statuses, found=listed, position=positions)
def test_nothing_is_ever_called_current_that_is_not_known(booted, policy, now, status, found, position):
    for gone in range(2):
        signals = signals_of(booted, policy, now, status, found)
        signals[gone] = replace(signals[gone], state="unknown")
        advice = advise(signals, AdviceContext(booted, rollout_position=position), policy, now)
        assert advice.level != "current"
        assert advice.stage != "none"


@settings(max_examples=200)
@given(
    booted=moments,
    policy=policies,
    start=moments,
    found=listed,
    position=positions,
    steps=some.lists(days, min_size=2, max_size=6),
)
def test_levels_only_rise_with_time(booted, policy, start, found, position, steps):
    last = -1
    for step in sorted(steps):
        now = start + timedelta(days=step)
        advice = advise(
            signals_of(booted, policy, now, "InService", found), AdviceContext(booted, rollout_position=position), policy, now
        )
        rank = LEVELS.index(advice.level)
        assert rank >= last
        last = rank


@settings(max_examples=200)
@given(booted=moments, policy=policies, now=moments, found=listed, more=advisories, position=positions)
def test_one_more_advisory_never_makes_it_later_nor_less_urgent(booted, policy, now, found, more, position):
    context = AdviceContext(booted, rollout_position=position)
    before = advise(signals_of(booted, policy, now, "InService", found), context, policy, now)
    after = advise(signals_of(booted, policy, now, "InService", (*found, more)), context, policy, now)
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)
    if before.level in ASKING and before.deadline is not None:
        assert after.deadline is not None
        assert after.deadline <= before.deadline


@settings(max_examples=200)
@given(policy=policies, now=moments, found=listed, replaced=listed, booted=moments)
def test_what_replaces_an_advisory_never_makes_it_later(policy, now, found, replaced, booted):
    def judged(advisories, announced):
        signals = signals_of(now, policy, now, "InService", advisories)[1:]
        return advise(signals, AdviceContext(now, announced=announced), policy, now)

    before = judged(found, None)
    if before.deadline is None:
        return
    after = judged(replaced, AnnouncedDeadline(before.deadline, policy.limits, "os_release"))
    if any(reason.source == "os_release" for reason in after.reasons):
        assert after.deadline is not None
        assert after.deadline <= before.deadline


@given(level=some.sampled_from(ASKING), left=some.none() | near | far)
def test_a_deferral_ends_at_the_deadline_at_the_latest_and_lies_ahead(level, left):
    deadline = None if left is None else NOW + left
    granted = defer(level, deadline, None, NOW)
    if granted is None:
        assert level == "overdue" or deadline <= NOW
    else:
        assert NOW < granted.until <= NOW + timedelta(days=1)
        assert deadline is None or granted.until <= deadline


@given(
    nearer=some.timedeltas(timedelta(seconds=1), timedelta(days=400)), more=some.timedeltas(timedelta(0), timedelta(days=400))
)
def test_a_deferral_is_never_longer_the_nearer_the_deadline_is(nearer, more):
    short, long = (defer("due", NOW + left, None, NOW).until for left in (nearer, nearer + more))
    assert short <= long


@settings(max_examples=200)
@given(
    booted=some.none() | moments,
    policy=policies,
    now=moments,
    status=statuses,
    found=listed,
    position=positions,
    held=moments,
)
def test_no_time_that_is_told_is_absurd(booted, policy, now, status, found, position, held):
    hold = Hold("ana", "", held, now) if held > now else None
    advice = advise(
        signals_of(booted, policy, now, status, found), AdviceContext(booted, hold=hold, rollout_position=position), policy, now
    )
    for told in (advice.deadline, advice.moved_from, *(when for _, when in advice.plan)):
        assert told is None or FIRST - YEAR < told < LAST + 8 * YEAR
    assert all(when >= now for _, when in advice.plan)
    assert advice.required <= (advice.level == "overdue" and hold is None)
    assert advice.level in ASKING or not advice.reasons


@given(policy=policies, now=moments, position=positions, found=listed)
def test_a_required_restart_is_in_the_window_and_past_the_deadline(policy, now, position, found):
    advice = advise(
        signals_of(now, policy, now, "InService", found), AdviceContext(now, rollout_position=position), policy, now
    )
    if advice.required:
        assert policy.mode == "require"
        assert advice.deadline <= now
        assert policy.window is None or policy.window.is_open(now)


@given(window=windows, now=moments)
def test_the_next_opening_is_in_the_window_and_not_in_the_past(window, now):
    opening = window.next(now)
    assert opening >= now
    assert window.is_open(opening) or opening == now
