"""The states of a restart: allowed transitions, deadlines, and what a passed deadline means."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.restart.findings import Finding
from jupyter_nb_updater.restart.machine import (
    BOUNDS,
    CANCELLABLE,
    TRANSITIONS,
    UNCHANGED,
    Event,
    IllegalTransition,
    Restart,
    RestartOrder,
    next_state,
    overrun,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


ORDERS = {"requested", "scheduled"}


def run(*names, restart=None):
    restart = restart or Restart()
    for name in names:
        restart = next_state(restart, Event(name, order=RestartOrder("r-1") if name in ORDERS else None), NOW)
    return restart


def test_the_way_of_a_restart_that_works():
    assert run("requested", "cleared", "saved", "armed", "accepted", "booted", "returned").phase == "idle"


def test_the_request_names_the_restart_and_the_name_stays():
    assert run("requested", "cleared", "saved").id == "r-1"


@pytest.mark.parametrize("phase", sorted(BOUNDS))
def test_every_state_that_waits_has_a_deadline(phase):
    moves = [(before, name) for (before, name), after in TRANSITIONS.items() if after == phase]
    assert moves
    for before, name in moves:
        assert next_state(Restart(phase=before), Event(name), NOW).deadline == NOW + timedelta(seconds=BOUNDS[phase])


@pytest.mark.parametrize("phase", sorted(BOUNDS))
def test_every_passed_deadline_is_a_legal_move_that_names_the_state(phase):
    after = next_state(Restart(phase=phase), overrun(phase), NOW)
    assert after.phase in {"refused", "failed"}
    assert after.findings == (Finding("timeout", phase),)


@pytest.mark.parametrize("phase", sorted(BOUNDS))
def test_a_person_can_cancel_until_the_stop_is_asked_for(phase):
    assert ((phase, "cancelled") in TRANSITIONS) == (phase in CANCELLABLE)


@pytest.mark.parametrize("phase", sorted(BOUNDS))
def test_what_is_in_the_way_is_a_refusal_only_while_nothing_outside_has_changed(phase):
    assert (overrun(phase).name == "refused") == (phase in UNCHANGED)


def test_a_restart_that_waits_has_a_week_from_the_time_that_was_asked_for():
    at_six = RestartOrder("r-1", when="2026-11-23T18:00:00Z", asked=NOW)
    waits = next_state(Restart(), Event("scheduled", order=at_six), NOW)
    assert waits.deadline == NOW + timedelta(hours=4, days=7)


def test_waiting_again_gives_no_more_time():
    waits = next_state(Restart(), Event("scheduled", order=RestartOrder("r-1", when="idle", asked=NOW)), NOW)
    for _ in range(3):
        waits = next_state(next_state(waits, Event("begun"), NOW), Event("postponed"), NOW + timedelta(days=6))
    assert waits.deadline == NOW + timedelta(days=7)


@pytest.mark.parametrize("phase", ["idle", "waiting", "refused", "failed"])
def test_a_boot_that_nobody_asked_us_for_does_what_was_waited_for(phase):
    assert next_state(Restart(phase=phase), Event("booted"), NOW).phase == "idle"


def test_states_that_wait_for_a_person_have_no_deadline():
    assert run("requested", "refused").deadline is None


def test_what_cannot_happen_is_an_error():
    with pytest.raises(IllegalTransition, match="'armed' cannot happen while 'saving'"):
        run("requested", "cleared", "armed")


def test_a_refusal_keeps_its_findings_until_it_is_acknowledged():
    finding = Finding("document-not-saved", "a.ipynb")
    refused = next_state(run("requested", "cleared"), Event("refused", (finding,)), NOW)
    assert refused.findings == (finding,)
    assert run("acknowledged", restart=refused).findings == ()


def test_a_second_try_is_a_new_restart():
    refused = run("requested", "refused")
    assert next_state(refused, Event("requested", order=RestartOrder("r-2")), NOW).id == "r-2"
