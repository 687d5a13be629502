"""The restart's states: legal moves, deadlines, and what a passed deadline means."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.restart.findings import Finding
from jupyter_nb_updater.restart.machine import (
    BOUNDS,
    CANCELLABLE,
    RUNNING,
    TRANSITIONS,
    Event,
    IllegalTransition,
    Restart,
    next_state,
    overrun,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)


def run(*names, restart=None):
    restart = restart or Restart()
    for name in names:
        restart = next_state(restart, Event(name, id="r-1"), NOW)
    return restart


def test_the_way_of_a_restart_that_works():
    assert run("requested", "cleared", "saved", "armed", "accepted", "booted", "returned").phase == "idle"


def test_the_request_names_the_restart_and_the_name_stays():
    assert run("requested", "cleared", "saved").id == "r-1"


@pytest.mark.parametrize("phase", sorted(RUNNING))
def test_every_state_that_waits_has_a_deadline(phase):
    moves = [(before, name) for (before, name), after in TRANSITIONS.items() if after == phase]
    assert moves
    for before, name in moves:
        assert next_state(Restart(phase=before), Event(name), NOW).deadline == NOW + timedelta(seconds=BOUNDS[phase])


@pytest.mark.parametrize("phase", sorted(RUNNING))
def test_every_passed_deadline_is_a_legal_move_that_names_the_state(phase):
    after = next_state(Restart(phase=phase), overrun(phase), NOW)
    assert after.phase in {"refused", "failed"}
    assert after.findings == (Finding("timeout", phase),)


@pytest.mark.parametrize("phase", sorted(RUNNING))
def test_a_person_can_cancel_only_before_anything_outside_has_changed(phase):
    assert ((phase, "cancelled") in TRANSITIONS) == (phase in CANCELLABLE)


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
    assert next_state(refused, Event("requested", id="r-2"), NOW).id == "r-2"
