"""After a start the journal tells the state of the restart in progress."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.restart import recovery
from jupyter_nb_updater.restart.findings import Finding
from jupyter_nb_updater.restart.history import outcome, usual_seconds
from jupyter_nb_updater.restart.recovery import decide, last_sign_of_life, left_armed, replay
from jupyter_nb_updater.util.clock import to_text

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def journal(*events, **facts):
    return [
        {"time": to_text(NOW + number * MINUTE), "event": event, "restart": "r-1", "findings": [], **facts}
        for number, event in enumerate(events)
    ]


UNTIL_STOP = ("requested", "cleared", "saved", "armed")


def test_an_empty_journal_leaves_nothing_to_do():
    restart = replay([])
    assert restart.phase == "idle"
    assert decide(restart, NOW) is None


def test_a_boot_after_the_stop_is_the_return():
    restart = replay(journal(*UNTIL_STOP, "accepted"))
    assert decide(restart, NOW + 10 * MINUTE).name == "booted"


def test_a_machine_that_went_down_before_the_answer_was_written_has_returned_too():
    restart = replay(journal(*UNTIL_STOP))
    assert decide(restart, NOW + 10 * MINUTE).name == "booted"


def test_a_server_that_started_again_on_a_machine_that_is_going_down_goes_on_watching():
    restart = replay(journal(*UNTIL_STOP, "accepted"))
    assert decide(restart, NOW - 1000 * MINUTE) is None
    assert restart.phase == "away"


@pytest.mark.parametrize(
    ("events", "event"),
    [
        (("requested",), "refused"),
        (("requested", "cleared"), "refused"),
        (("requested", "cleared", "saved"), "failed"),
        (UNTIL_STOP, "failed"),
    ],
)
def test_a_crash_before_the_stop_was_taken_is_told_and_undone(events, event):
    decided = decide(replay(journal(*events)), NOW - 1000 * MINUTE)
    assert (decided.name, decided.findings[0].code) == (event, "interrupted")


WAITING = {"when": "2026-11-23T18:00:00Z", "by": "ana"}


def test_a_restart_that_waits_goes_on_waiting_after_a_restart_of_the_server():
    restart = replay(journal("scheduled", **WAITING))
    assert (restart.phase, restart.order.when, restart.order.by) == ("waiting", WAITING["when"], "ana")
    assert decide(restart, NOW - MINUTE, NOW) is None


@pytest.mark.parametrize("events", [("scheduled",), ("requested", "refused"), (*UNTIL_STOP, "failed"), ("deferred",)])
def test_a_boot_that_nobody_asked_us_for_settles_everything(events):
    records = journal(*events, when="idle")
    assert decide(replay(records), NOW + 60 * MINUTE, last_sign_of_life(records)).name == "booted"
    assert decide(replay(records), NOW - 60 * MINUTE, last_sign_of_life(records)) is None


def test_a_first_start_has_nothing_to_settle():
    assert decide(replay([]), NOW, last_sign_of_life([])) is None


@pytest.mark.parametrize("when", ["soon", 7, ["idle"]])
def test_a_time_that_cannot_be_read_is_not_waited_for(when):
    assert replay(journal("scheduled", when=when)).phase == "idle"


def test_an_unknown_boot_time_is_no_return():
    assert decide(replay(journal(*UNTIL_STOP, "accepted")), None) is None


def test_findings_are_remembered():
    finding = Finding("access-denied", "StopNotebookInstance", "no", "sagemaker:StopNotebookInstance")
    records = journal(*UNTIL_STOP) + journal("failed", findings=[finding.to_json()])
    assert replay(records).findings == (finding,)


def test_records_of_other_things_and_broken_ones_change_nothing():
    records = [
        {"event": "deferred", "time": to_text(NOW)},
        *journal("requested"),
        {"event": "saved"},
        {"event": "cleared", "time": "x"},
    ]
    assert replay(records).phase == "preflight"


def test_what_was_armed_last_may_still_be_armed_whatever_came_of_it():
    records = journal("requested", "cleared", "saved", "armed", "accepted", "booted", "returned", "acknowledged")
    assert left_armed(records) == ("r-1", NOW + 2 * MINUTE)


def test_a_server_that_died_while_arming_has_armed():
    assert left_armed(journal("requested", "cleared", "saved")) == ("r-1", NOW + 2 * MINUTE)


@pytest.mark.parametrize(
    "records", [[], journal("requested", "cleared"), journal(*UNTIL_STOP, stops_only=True), [{"event": "saved"}]]
)
def test_nothing_is_left_of_what_was_never_armed(records):
    assert left_armed(records) is None


def test_the_outcome_compares_the_software_and_measures_the_time():
    records = journal("requested", software={"jupyterlab": "4.5.11"}) + [
        {"time": to_text(NOW + 3 * MINUTE), "event": "returned", "software": {"jupyterlab": "4.6.6"}}
    ]
    told = outcome(records)
    assert (told["outcome"], told["seconds"]) == ("updated", 180)
    assert told["changes"] == [{"name": "jupyterlab", "before": "4.5.11", "after": "4.6.6"}]


def test_a_restart_that_waited_is_measured_from_its_beginning():
    records = journal("scheduled", "begun", software={"a": "1"}) + journal("returned", software={"a": "2"})
    assert outcome(records)["requested"] == to_text(NOW + MINUTE)


def test_a_restart_that_changed_nothing_says_so():
    records = journal("requested", software={"a": "1"}) + journal("returned", software={"a": "1"})
    assert outcome(records)["outcome"] == "unchanged"


def test_an_acknowledged_outcome_is_told_no_more():
    assert outcome(journal("requested", "returned", "acknowledged")) is None


def test_a_restart_that_has_not_returned_has_no_outcome():
    assert outcome(journal("requested", "cleared")) is None


@pytest.mark.parametrize(
    ("before", "now", "is_new"), [("a", "b", True), ("a", "a", False), (None, "b", None), ("a", None, None)]
)
def test_a_boot_is_known_by_its_name_where_it_has_one(before, now, is_new):
    records = [{"event": "accepted", "boot": before}, {"event": "held"}]
    assert recovery.is_new_boot(records, now) is is_new


@pytest.mark.parametrize("booted", [NOW - 2000 * MINUTE, NOW + 2000 * MINUTE, None])
def test_a_clock_that_jumped_hides_no_return_and_makes_none_up(booted):
    restart = replay(journal(*UNTIL_STOP, "accepted"))
    assert decide(restart, booted, is_new=True).name == "booted"
    assert decide(restart, booted, is_new=False) is None


def came_back(seconds, *, machine=None, armed=None, **returned):
    """Return the journal of a restart that was verified so many seconds after the click."""
    at = to_text(NOW + timedelta(seconds=seconds))
    return [
        *journal("requested", "cleared", "saved", software={"a": "1"}),
        *journal("armed", **{"until": to_text(NOW + 60 * MINUTE), **(armed or {})}),
        *journal("accepted"),
        {"time": at, "event": "booted", "restart": "r-1", "machine": at if machine is None else machine},
        {"time": at, "event": "returned", "restart": "r-1", "software": {"a": "2"}, **returned},
    ]


def test_a_machine_that_came_up_when_the_request_was_void_was_started_by_somebody_else():
    told = outcome(came_back(3601))
    assert (told["outcome"], told["expected"]) == ("failed-to-return", to_text(NOW + 60 * MINUTE))
    assert told["changes"] == [{"name": "a", "before": "1", "after": "2"}]
    assert outcome(came_back(3600))["outcome"] == "updated"


def test_a_return_that_is_still_tried_after_the_expiry_is_ours():
    armed = {"void": to_text(NOW + timedelta(days=1))}
    assert outcome(came_back(2 * 86400, armed=armed))["outcome"] == "failed-to-return"
    assert outcome(came_back(7200, armed=armed))["outcome"] == "updated"


@pytest.mark.parametrize(
    ("said", "seconds", "word"), [("failed-to-return", 600, "failed-to-return"), ("returned", 7200, "updated")]
)
def test_the_return_path_s_own_word_goes_before_the_clock(said, seconds, word):
    assert outcome(came_back(seconds, **{"return": said}))["outcome"] == word


def test_a_restart_that_only_stops_did_not_fail_to_return():
    assert outcome(came_back(86400, armed={"stops_only": True, "until": None}))["outcome"] == "updated"


@pytest.mark.parametrize("machine", ["", "soon", 7])
def test_a_boot_time_that_is_not_known_accuses_nobody(machine):
    assert outcome(came_back(86400, machine=machine))["outcome"] == "updated"


def test_what_the_journal_says_came_of_it_stands():
    assert outcome(came_back(600, outcome="failed-to-return"))["outcome"] == "failed-to-return"


def test_a_boot_after_the_stop_says_when_the_machine_came_up():
    event = decide(replay(journal(*UNTIL_STOP, "accepted")), NOW + 10 * MINUTE)
    assert event.facts == {"machine": to_text(NOW + 10 * MINUTE)}


def test_how_long_it_usually_takes_is_the_middle_of_the_last_few():
    assert usual_seconds([]) is None
    assert usual_seconds(came_back(200)) == 200
    seconds = [9000, 100, 240, 250, 260, 3000]
    records = [record for number in seconds for record in came_back(number, machine=to_text(NOW + 5 * MINUTE))]
    assert usual_seconds(records) == 250


def test_nobody_s_return_and_a_return_by_somebody_else_say_nothing_of_the_usual_time():
    assert usual_seconds(came_back(7200)) is None
    assert usual_seconds(came_back(300, stops_only=True)) is None
    assert usual_seconds(journal("requested", "refused", "acknowledged", "deferred")) is None
