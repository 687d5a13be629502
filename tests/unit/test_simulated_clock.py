"""The clock used for advice: the real one by default, or a linear function of it."""

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from traitlets import TraitError

from jupyter_nb_updater.state import StateDocument
from jupyter_nb_updater.util.clock import to_text
from jupyter_nb_updater.util.simulated_clock import MAX_UPTIME, MIN_SLEEP_SECONDS, AdviceClock, Simulation

NOW = datetime(2026, 11, 26, 14, 0, tzinfo=timezone.utc)
THEN = datetime(2027, 1, 15, 10, 0, tzinfo=timezone.utc)


def after(**passed):
    return timedelta(**passed)


@pytest.mark.parametrize(
    ("rate", "real", "told"),
    [
        (1.0, after(), after()),
        (1.0, after(hours=3), after(hours=3)),
        (3600.0, after(seconds=1), after(hours=1)),
        (3600.0, after(milliseconds=500), after(minutes=30)),
        (1120.0, after(seconds=540), after(days=7)),
        (3600.0, after(days=-34), after(days=-34)),  # an age stays what it is
        (3600.0, after(seconds=-1), after(seconds=-1)),
        (86400.0, after(days=1000), MAX_UPTIME),
    ],
)
def test_time_passes_at_the_rate_from_the_anchor_on_and_is_only_shifted_before_it(rate, real, told):
    assert Simulation(NOW, THEN, rate).at(NOW + real) == THEN + told


def test_it_never_runs_backwards():
    simulation = Simulation(NOW, THEN, 3600.0)
    moments = [simulation.at(NOW + timedelta(seconds=seconds / 4)) for seconds in range(-100, 100)]
    assert moments == sorted(moments)


def test_without_a_word_it_is_the_wall_clock():
    clock = AdviceClock(real=lambda: NOW + timedelta(milliseconds=3))
    assert (clock.now(), clock.booted(THEN), clock.booted(None), clock.to_json()) == (NOW, THEN, None, None)
    assert (clock.is_simulated, clock.real_seconds(60.0), clock.real_seconds(0.01)) == (False, 60.0, 0.01)


def test_a_machine_keeps_its_age_on_a_simulated_date_and_a_later_boot_is_a_boot():
    clock = AdviceClock(real=lambda: NOW, simulate_date=to_text(THEN), anchor=to_text(NOW), rate=3600.0)
    assert clock.booted(NOW - timedelta(days=34)) == THEN - timedelta(days=34)
    assert clock.booted(NOW + timedelta(seconds=24)) == THEN + timedelta(days=1)


@pytest.mark.parametrize("booted", [None, NOW - timedelta(days=3)])
def test_a_simulated_uptime_takes_the_place_of_the_real_one(booted):
    clock = AdviceClock(real=lambda: NOW, simulate_date=to_text(THEN), simulate_uptime="40d")
    assert clock.now() - clock.booted(booted) == timedelta(days=40)


def test_a_restart_answers_a_simulated_uptime():
    clock = AdviceClock(real=lambda: NOW + timedelta(hours=2), simulate_uptime="40d", anchor=to_text(NOW))
    assert clock.booted(NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


def test_a_fast_clock_is_looked_at_more_often_and_never_all_the_time():
    clock = AdviceClock(rate=1000.0)
    assert (clock.real_seconds(3600.0), clock.real_seconds(1.0)) == (3.6, MIN_SLEEP_SECONDS)


def test_it_goes_on_over_a_restart_of_the_server():
    told = {"simulate_date": to_text(THEN), "anchor": to_text(NOW), "rate": 60.0}
    first, second = (AdviceClock(real=lambda: NOW + timedelta(minutes=5), **told) for _ in range(2))
    assert first.now() == second.now() == THEN + timedelta(hours=5)


@pytest.mark.parametrize(
    "traits",
    [
        {"simulate_date": "tomorrow"},
        {"simulate_date": "2027-01-15"},
        {"simulate_date": "9999-01-01T00:00:00Z"},
        {"anchor": "1"},
        {"simulate_uptime": "long"},
        {"simulate_uptime": "999999d"},
        {"rate": 0.0},
        {"rate": float("inf")},
    ],
)
def test_what_makes_no_sense_is_refused(traits):
    with pytest.raises(TraitError):
        AdviceClock(**traits)


def test_everyone_is_told_that_it_is_simulated_and_that_time_passes_is_no_news():
    passed = [NOW]
    clock = AdviceClock(real=lambda: passed[0], simulate_date=to_text(THEN), anchor=to_text(NOW), rate=60.0)
    state = StateDocument(SimpleNamespace(now=lambda: passed[0]), clock)
    assert state.to_json()["advice"] is None
    state.update(advice={"level": "current"})
    first = state.to_json()
    passed[0] += timedelta(minutes=1)
    state.update(advice={"level": "current"})
    second = state.to_json()
    assert first["advice"] == {"level": "current", "clock": {"now": "2027-01-15T10:00:00Z", "rate": 60.0}}
    assert second["advice"]["clock"] == {"now": "2027-01-15T11:00:00Z", "rate": 60.0}
    assert first["revision"] == second["revision"]
    assert str(clock) == "simulated: 2027-01-15T11:00:00Z, 60 times as fast"


def test_a_real_clock_is_not_told_of():
    state = StateDocument(SimpleNamespace(now=lambda: NOW), AdviceClock())
    state.update(advice={"level": "current"})
    assert state.to_json()["advice"] == {"level": "current"}
