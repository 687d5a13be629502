"""A restart from the click to the stop, in a small world of its own: an AWS that can refuse, tabs, a journal on a real disk."""

import asyncio
import sys
from datetime import datetime, timedelta, timezone

import pytest
from traitlets.config import Config

from jupyter_nb_updater.advice.hold import Holds
from jupyter_nb_updater.clock import to_text
from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.restart.coordinator import RestartCoordinator
from jupyter_nb_updater.restart.request import Request, TooLate
from jupyter_nb_updater.restart.return_path import ReturnPath
from jupyter_nb_updater.restart.runner import RestartRunner
from jupyter_nb_updater.restart.saving import Saving
from jupyter_nb_updater.work.tabs import Tabs

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
WAY = ["requested", "cleared", "saved", "armed", "accepted"]


class Aws:
    """One instance, and which of its operations fail."""

    def __init__(self):
        self.status, self.after_stop, self.armed, self.calls = "InService", "Stopping", None, []
        self.errors, self.platform, self.target, self.said = {}, None, None, None
        self.lacking = False

    def _do(self, operation):
        self.calls.append(operation)
        if error := self.errors.get(operation):
            raise error

    async def describe(self):
        self._do("describe")
        return Description(self.status, "arn", self.platform)

    async def lacks(self, lifecycle_config):
        return self.lacking

    async def stop(self):
        try:
            self._do("stop")
        finally:
            self.status = self.after_stop
        return "request-1"


class Path(ReturnPath):
    """Remembers what it was asked for, on the AWS of the test."""

    kind = "stack"
    migrates = True
    proof = "verified"

    async def verify(self):
        return self.proof

    async def arm(self, arn, restart, until, platform=None):
        self.sagemaker._do("arm")
        self.sagemaker.armed, self.sagemaker.target = restart, platform
        return "request-0"

    async def ended(self, restart):
        self.sagemaker._do("ended")
        return self.sagemaker.said

    async def disarm(self):
        self.sagemaker._do("disarm")
        self.sagemaker.armed = None


class World:
    """What else is on the instance: what runs, who has something open, what its disk does."""

    def __init__(self):
        self.running, self.strangers, self.rooms, self.disk = [], [], [], None
        self.holds, self.now, self.returned = Holds(), NOW, None

    async def losses(self):
        return list(self.running)

    async def unreported(self, reported):
        return list(self.strangers)

    async def unproven(self, seconds):
        return list(self.rooms)

    def sync(self):
        if self.disk:
            raise self.disk


@pytest.fixture
def world():
    return World()


@pytest.fixture
def aws():
    return Aws()


@pytest.fixture
def tabs():
    return Tabs()


@pytest.fixture
def journal(tmp_path):
    return Journal(directory=str(tmp_path))


@pytest.fixture
def start(aws, tabs, journal, world):
    """A server process: what it knows is in the journal and at AWS."""

    def coordinator(software=None):
        saving = Saving(tabs=tabs, sessions=world, rooms=world, sync=world.sync, round_seconds=0.2)
        runner = RestartRunner(
            sagemaker=aws,
            aws=aws,
            saving=saving,
            losses=world.losses,
            hold=world.holds.current,
            returned=lambda now: world.returned,
            software=lambda: software or {"jupyterlab": "4.5.11"},
            keep=lambda: None,
            now=lambda: world.now,
            return_path_class=Path,
            poll_seconds=0.01,
            settle_seconds=0.2,
            config=Config({"Moment": {"look_seconds": 0.1}, "Arming": {"retry_seconds": 0.01}}),
        )
        return RestartCoordinator(runner=runner, journal=journal, now=lambda: world.now, changed=lambda event, restart: None)

    return coordinator


def ask(*losses, **more):
    return Request(by="someone", losses=frozenset(losses), facts={"software": {"jupyterlab": "4.5.11"}}, **more)


def kernel(identifier, *, busy=False, name="a.ipynb", since=None):
    return {"id": identifier, "kind": "kernel", "name": name, "detail": "python3", "busy": busy, "since": to_text(since)}


async def until(coordinator, *phases):
    async def reached():
        while coordinator.restart.phase not in phases:
            await asyncio.sleep(0.005)

    await asyncio.wait_for(reached(), 5)
    return [finding.code for finding in coordinator.restart.findings]


async def eventually(condition):
    async def true():
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(true(), 5)


def events(journal):
    return [record["event"] for record in journal.records()]


async def test_the_return_is_armed_before_the_stop_and_both_are_in_the_journal(start, aws, journal):
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "away")
    assert aws.calls.index("arm") < aws.calls.index("stop")
    assert (aws.armed, events(journal)) == (coordinator.restart.id, WAY)
    await coordinator.close()


async def test_a_document_that_is_not_proven_saved_stops_nothing(start, aws, tabs, journal):
    tab = tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "saving")
    documents = [{"path": "a.ipynb", "outcome": "failed", "detail": "disk full", "copy": None, "proof": None}]
    await eventually(lambda: tabs._round and coordinator.restart.phase == "saving")
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
    assert await until(coordinator, "refused") == ["document-not-saved"]
    assert not {"arm", "stop"} & set(aws.calls)
    assert journal.records()[-1]["documents"] == documents


async def test_a_silent_tab_stops_nothing_and_the_journal_says_what_it_had(start, aws, tabs, journal):
    tab = tabs.join(lambda message: None)
    tabs.hello(tab, {"tab": "t", "documents": [{"path": "notes.txt", "dirty": True}]})
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["tab-silent"]
    assert "stop" not in aws.calls
    assert journal.records()[-1]["documents"] == [{"outcome": "silent", "path": "notes.txt", "dirty": True}]


@pytest.mark.parametrize("code", ["access-denied", "throttled", "aws-error"])
async def test_a_refused_stop_is_told_and_disarmed(start, aws, code):
    aws.errors["stop"], aws.after_stop = AwsError(code, "StopNotebookInstance", "no"), "InService"
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "failed") == [code]
    await eventually(lambda: aws.armed is None)
    await coordinator.close()


async def test_a_lost_answer_to_a_stop_that_was_taken_is_no_failure(start, aws):
    aws.errors["stop"] = AwsError("unreachable", "StopNotebookInstance", "timed out")
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "away")
    assert aws.armed
    await coordinator.close()


async def test_a_return_stays_armed_when_the_instance_goes_down_after_all(start, aws):
    aws.errors["stop"] = AwsError("aws-error", "StopNotebookInstance", "internal failure")  # and yet it stops
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    await eventually(coordinator._disarming.done)
    assert aws.armed


async def test_disarming_goes_on_until_aws_can_be_reached(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("unreachable", "DeleteTags", "no")
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    await eventually(lambda: aws.calls.count("disarm") > 2)
    del aws.errors["disarm"]
    await eventually(lambda: aws.armed is None)


async def test_a_return_that_cannot_be_armed_stops_nothing(start, aws):
    aws.errors["arm"] = AwsError("access-denied", "AddTags", "no", "sagemaker:AddTags")
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "failed") == ["access-denied"]
    assert "stop" not in aws.calls
    await coordinator.close()


async def test_a_person_who_was_told_may_stop_without_a_return(start, aws):
    coordinator = start()
    coordinator._runner.return_path.proof = "missing"
    await coordinator.request(ask(without_return=True))
    await until(coordinator, "away")
    assert "arm" not in aws.calls
    await coordinator.close()


async def test_a_kernel_that_was_not_shown_refuses(start, aws, world):
    world.running = [kernel("kernel:2")]
    coordinator = start()
    await coordinator.request(ask("kernel:1"))
    assert await until(coordinator, "refused") == ["losses-not-confirmed"]
    assert "stop" not in aws.calls


async def test_a_document_that_something_else_has_open_stops_nothing(start, aws, world):
    world.strangers = ["old-tab.ipynb"]
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["session-not-reported"]
    assert "stop" not in aws.calls


async def test_a_room_that_is_not_saved_stops_nothing(start, aws, world):
    world.rooms = [("shared.ipynb", "no space left on device")]
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["room-not-saved"]
    assert "stop" not in aws.calls


async def test_a_disk_that_does_not_take_it_stops_nothing(start, aws, world):
    world.disk = OSError(5, "Input/output error")
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["volume-not-synced"]
    assert "stop" not in aws.calls


async def test_a_copy_beside_the_file_is_enough_only_if_the_person_says_so(start, aws, tabs):
    tab = tabs.join(lambda message: None)
    documents = [{"path": "a.txt", "outcome": "rescued", "copy": "a.unsaved-20261123T140000Z.txt"}]
    coordinator = start()
    for words, phase in ((), "refused"), (("rescued:a.txt",), "away"):
        await coordinator.request(ask(words=frozenset(words)))
        await eventually(lambda: tabs._round and coordinator.restart.phase == "saving")
        tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
        await until(coordinator, phase)
    await coordinator.close()


async def test_a_copy_that_is_enough_is_no_word_for_a_version_that_was_not_saved(start, aws, tabs):
    first, second = (tabs.join(lambda message: None) for _ in range(2))
    coordinator = start()
    await coordinator.request(ask(words=frozenset({"rescued:a.txt"})))
    await eventually(lambda: tabs._round and coordinator.restart.phase == "saving")
    for tab, outcome in ((first, "rescued"), (second, "failed")):
        documents = [{"path": "a.txt", "outcome": outcome, "copy": "a.unsaved-20261123T140000Z.txt"}]
        tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
    assert await until(coordinator, "refused") == ["document-not-saved"]
    assert "stop" not in aws.calls


@pytest.mark.parametrize(("words", "phase"), [((), "refused"), (("tab:1",), "away")])
async def test_a_page_that_lost_its_connection_takes_a_word(start, tabs, words, phase):
    tab = tabs.join(lambda message: None)
    tabs.hello(tab, {"tab": "1", "documents": [{"path": "a.txt", "dirty": True}]})
    tabs.leave(tab)
    coordinator = start()
    await coordinator.request(ask(words=frozenset(words)))
    await until(coordinator, phase)
    await coordinator.close()


async def test_a_late_disarm_does_not_take_the_return_of_the_next_restart(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("unreachable", "DeleteTags", "no")
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    await eventually(lambda: aws.calls.count("disarm") > 1)
    late = coordinator._disarming
    del aws.errors["stop"], aws.errors["disarm"]
    aws.after_stop = "InService"
    coordinator._runner.arming.retry_seconds = 0.3
    await coordinator.request(ask())
    await until(coordinator, "away")
    await eventually(late.done)
    assert aws.armed == coordinator.restart.id
    await coordinator.close()


async def test_an_instance_that_is_to_stay_down_is_not_stopped_while_an_earlier_restart_may_still_be_armed(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("access-denied", "DeleteTags", "no")
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    del aws.errors["stop"]
    await coordinator.request(ask(without_return=True))
    assert await until(coordinator, "failed") == ["access-denied"]
    del aws.errors["disarm"]
    await coordinator.request(ask(without_return=True))
    await until(coordinator, "away")
    assert aws.armed is None
    await coordinator.close()


async def test_something_that_begins_during_the_round_is_not_cut_off(start, aws, tabs, world):
    tab = tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask())
    await eventually(lambda: tabs._round and coordinator.restart.phase == "saving")
    world.running = [kernel("kernel:1", busy=True)]
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": []})
    assert await until(coordinator, "refused") == ["busy-not-confirmed"]


async def test_when_idle_waits_for_what_is_busy_and_then_restarts_by_itself(start, aws, world, journal):
    world.running = [kernel("kernel:1", busy=True, name="train.ipynb")]
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually(lambda: [reason["name"] for reason in coordinator.waiting_for] == ["train.ipynb"])
    world.running = [kernel("kernel:1", since=NOW - timedelta(hours=1))]
    await eventually(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    assert "stop" not in aws.calls
    world.now = NOW + timedelta(minutes=10)
    await until(coordinator, "away")
    assert events(journal) == ["scheduled", "begun", "cleared", "saved", "armed", "accepted"]
    await coordinator.close()


async def test_at_a_time_it_restarts_then_and_not_before(start, aws, world):
    coordinator = start()
    await coordinator.request(ask(when="2026-11-23T18:00:00Z"))
    await eventually(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["time"])
    world.now = NOW + timedelta(hours=4)
    await until(coordinator, "away")
    await coordinator.close()


async def test_a_hold_is_waited_for_until_it_ends_by_itself(start, aws, world):
    world.holds.set("ana", "training", NOW + timedelta(hours=4), NOW)
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["hold"])
    world.now = NOW + timedelta(hours=4)
    await eventually(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    await coordinator.close()


async def test_what_becomes_busy_at_the_last_moment_is_waited_for_again(start, aws, tabs, world):
    tab = tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask(when="2026-11-23T14:00:01Z"))
    world.now = NOW + timedelta(seconds=1)
    await eventually(lambda: tabs._round and coordinator.restart.phase == "saving")
    world.running = [kernel("kernel:1", busy=True)]
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": []})
    await until(coordinator, "waiting")
    assert "stop" not in aws.calls
    await coordinator.close()


async def test_what_is_waited_for_survives_a_restart_of_the_server(start, aws, world):
    world.running = [kernel("kernel:1", busy=True)]
    before = start()
    await before.request(ask(when="idle"))
    await before.close()
    after = start()
    await after.resume(booted=NOW - timedelta(days=34))
    await eventually(lambda: [reason["id"] for reason in after.waiting_for] == ["kernel:1"])
    await after.cancel()
    assert after.restart.phase == "idle"


async def test_what_cannot_be_seen_is_not_quiet(start, aws, world):
    async def blind():
        raise RuntimeError("no such process table")

    world.losses = blind
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["unknown"])
    await coordinator.close()


async def test_a_restart_that_waits_can_be_asked_for_at_once(start, aws, world, journal):
    world.running = [kernel("kernel:1", busy=True)]
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await coordinator.request(ask(words=frozenset({"kernel:1"})))
    await until(coordinator, "away")
    assert events(journal) == ["scheduled", *WAY]
    await coordinator.close()


async def test_a_move_to_another_platform_is_armed_with_the_return(start, aws, journal):
    aws.platform = "notebook-al2-v3"
    coordinator = start()
    await coordinator.request(ask(words=frozenset({"migration:notebook-al2023-v1"})))
    await until(coordinator, "away")
    assert aws.target == "notebook-al2023-v1"
    armed = next(record for record in journal.records() if record["event"] == "armed")
    assert armed["moves_to"] == "notebook-al2023-v1"
    await coordinator.close()


async def test_cancelling_while_it_is_armed_waits_for_the_answer_and_disarms(start, aws, journal):
    coordinator = start()
    answer = asyncio.Event()
    path = coordinator._runner.return_path
    arm = path.arm

    async def slowly(*what):
        await answer.wait()
        await arm(*what)

    path.arm = slowly
    await coordinator.request(ask())
    await until(coordinator, "arming")
    await coordinator.cancel()
    answer.set()
    await until(coordinator, "idle")
    await eventually(lambda: "disarm" in aws.calls)
    assert (aws.armed, "stop" in aws.calls, events(journal)[-1]) == (None, False, "cancelled")


async def test_without_a_journal_nothing_is_armed(start, aws, journal, tmp_path):
    (tmp_path / "file").write_text("")
    journal.directory = str(tmp_path / "file" / "below")
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["journal-not-written"]
    assert not {"arm", "stop"} & set(aws.calls)


async def test_cancelling_in_the_middle_of_the_round_stops_nothing(start, aws, tabs, journal):
    tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "saving")
    await coordinator.cancel()
    assert coordinator.restart.phase == "idle"
    await asyncio.gather(coordinator._task, return_exceptions=True)
    assert (events(journal)[-1], "stop" in aws.calls) == ("cancelled", False)


async def test_two_clicks_at_once_are_one_restart(start, journal):
    coordinator = start()
    outcomes = await asyncio.gather(coordinator.request(ask()), coordinator.request(ask()), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), TooLate]
    await until(coordinator, "away")
    assert events(journal).count("requested") == 1
    await coordinator.close()


async def test_it_is_too_late_to_cancel_once_the_stop_was_asked_for(start):
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "away")
    with pytest.raises(TooLate):
        await coordinator.cancel()
    await coordinator.close()


async def test_a_stop_that_aws_took_but_does_not_carry_out_is_told(start, aws):
    aws.after_stop = "InService"
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "failed") == ["stop-not-carried-out"]
    await eventually(lambda: aws.armed is None)


async def test_after_the_boot_the_return_is_verified_disarmed_and_told(start, aws, journal):
    before = start()
    await before.request(ask())
    await until(before, "away")
    await before.close()

    aws.status = "InService"
    after = start(software={"jupyterlab": "4.6.6"})
    await after.resume(booted=NOW + timedelta(minutes=3))
    await until(after, "idle")
    assert events(journal) == [*WAY, "booted", "returned"]
    assert after.outcome["changes"] == [{"name": "jupyterlab", "before": "4.5.11", "after": "4.6.6"}]
    await eventually(lambda: aws.armed is None)
    await after.cancel()
    assert (after.outcome, start().outcome) == (None, None)


async def back(start, aws, booted):
    """A restart that has come back, with its machine up at this time."""
    before = start()
    await before.request(ask())
    await until(before, "away")
    await before.close()
    aws.status = "InService"
    after = start(software={"jupyterlab": "4.6.6"})
    await after.resume(booted=booted)
    await until(after, "idle")
    return after


@pytest.mark.parametrize(
    ("minutes", "said", "word"),
    [
        (3, None, "updated"),
        (61, None, "failed-to-return"),
        (3, "failed-to-return", "failed-to-return"),
        (61, "returned", "updated"),
    ],
)
async def test_a_return_that_was_not_ours_is_told_and_is_in_the_journal(start, aws, journal, minutes, said, word):
    aws.said = said
    after = await back(start, aws, NOW + timedelta(minutes=minutes))
    assert after.outcome["outcome"] == word
    assert (journal.records()[-1]["outcome"], journal.records()[-1]["return"]) == (word, said)
    later = start()
    await later.resume(booted=NOW + timedelta(minutes=minutes))
    assert later.outcome == after.outcome


async def test_a_return_path_that_cannot_be_asked_does_not_hold_the_return_up(start, aws, journal):
    aws.errors["ended"] = AwsError("access-denied", "ListTags", "no", "sagemaker:ListTags")
    after = await back(start, aws, NOW + timedelta(minutes=3))
    assert (after.outcome["outcome"], journal.records()[-1]["return"]) == ("updated", None)


async def test_how_long_it_usually_takes_is_known_after_the_first_return(start, aws):
    assert start().usual_seconds is None
    after = await back(start, aws, NOW + timedelta(minutes=3))
    assert after.usual_seconds == 0  # the clock of this world stands still
    later = start()
    await later.resume(booted=NOW)
    assert later.usual_seconds == 0


async def test_the_journal_has_the_requests_of_aws_by_their_ids(start, journal):
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "away")
    assert [record.get("request_id") for record in journal.records()[-2:]] == ["request-0", "request-1"]
    await coordinator.close()


async def test_a_refusal_of_aws_is_in_the_journal_with_its_id(start, aws, journal):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no", None, "request-7"), "InService"
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    assert journal.records()[-1]["request_id"] == "request-7"
    await coordinator.close()


async def test_the_journal_has_what_was_lost_and_how_the_person_agreed(start, world, journal):
    world.running = [kernel("kernel:1"), kernel("kernel:2", busy=True, name="b.ipynb")]
    coordinator = start()
    await coordinator.request(ask("kernel:1", words=frozenset({"kernel:2"})))
    await until(coordinator, "away")
    (saved,) = [record for record in journal.records() if record["event"] == "saved"]
    assert [(loss["name"], loss["busy"], loss["consent"]) for loss in saved["lost"]] == [
        ("a.ipynb", False, "seen"),
        ("b.ipynb", True, "named"),
    ]
    await coordinator.close()


async def returned_although(aws, start, trouble):
    """A server that is back, and whose return AWS does not take back."""
    before = start()
    await before.request(ask())
    await until(before, "away")
    await before.close()
    aws.status, aws.errors["disarm"] = "InService", trouble
    after = start()
    await after.resume(booted=NOW + timedelta(minutes=3))
    await eventually(lambda: aws.calls.count("disarm") > 1)
    assert aws.armed
    return after


THROTTLED = AwsError("throttled", "DeleteSchedule", "no")


async def test_a_return_that_is_still_armed_after_the_boot_is_taken_back_although_somebody_stops_the_instance(start, aws):
    after = await returned_although(aws, start, THROTTLED)
    aws.status = "Stopping"  # on purpose, by somebody in the console: it must not be started again
    del aws.errors["disarm"]
    await eventually(lambda: aws.armed is None)
    await after.close()


async def test_a_return_that_the_server_could_not_take_back_is_taken_back_by_the_next_one(start, aws, world):
    await (await returned_although(aws, start, THROTTLED)).close()
    del aws.errors["disarm"]
    world.now = NOW + timedelta(minutes=30)
    later = start()
    await later.resume(booted=NOW + timedelta(minutes=3))
    await eventually(lambda: aws.armed is None)
    await later.close()


async def test_a_return_that_is_void_by_now_is_left_alone(start, aws, world):
    await (await returned_although(aws, start, THROTTLED)).close()
    aws.calls.clear()
    world.now = NOW + timedelta(hours=2)
    later = start()
    await later.resume(booted=NOW + timedelta(minutes=3))
    await later.close()
    assert aws.calls == []


async def test_a_server_on_a_machine_that_is_going_down_leaves_its_return_armed(start, aws):
    before = start()
    await before.request(ask())
    await until(before, "away")
    await before.close()
    aws.calls.clear()
    after = start()
    await after.resume(booted=NOW - timedelta(days=34))
    await eventually(lambda: len(aws.calls) > 3)
    await after.close()
    assert set(aws.calls) == {"describe"}


async def test_a_crash_while_armed_is_undone_at_the_next_start(start, aws, journal):
    for event in ("requested", "cleared", "saved", "armed"):
        journal.append(event, NOW, restart="r-1")
    aws.armed = "r-1"
    coordinator = start()
    await coordinator.resume(booted=NOW - timedelta(days=34))
    assert [finding.code for finding in coordinator.restart.findings] == ["interrupted"]
    await eventually(lambda: aws.armed is None)


async def test_a_bug_of_ours_ends_in_words_with_nothing_stopped(start, aws):
    coordinator = start()
    coordinator._runner._keep = lambda: 1 / 0
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["unexpected"]
    assert "stop" not in aws.calls


async def test_of_two_servers_on_one_volume_one_restarts_and_the_other_is_told_so(start, aws, journal):
    one, other = start(), start()
    await one.resume(booted=NOW - timedelta(days=34))
    await other.resume(booted=NOW - timedelta(days=34))
    asked = await asyncio.gather(one.request(ask()), other.request(ask()), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in asked) == ["NoneType", "TooLate"]
    await until(one if asked[0] is None else other, "away")
    assert events(journal) == WAY
    assert aws.calls.count("arm") == aws.calls.count("stop") == 1
    for server in (one, other):
        await server.close()


async def test_a_second_server_that_starts_meanwhile_takes_nothing_back(start, aws, tabs, journal):
    tab = tabs.join(lambda message: None)
    one = start()
    await one.request(ask())
    await eventually(lambda: tabs._round and one.restart.phase == "saving")
    second = start()
    await second.resume(booted=NOW - timedelta(days=34))
    assert second.restart.phase == "idle"
    tabs.report(tab, {"restart": one.restart.id, "documents": []})
    await until(one, "away")
    third = start()
    await third.resume(booted=NOW - timedelta(days=34))
    assert (events(journal), aws.armed) == (WAY, one.restart.id)
    for server in (one, second, third):
        await server.close()


async def test_a_restart_that_waits_on_another_server_is_one_too(start, world):
    world.running = [kernel("kernel:1", busy=True)]
    one, other = start(), start()
    await one.request(ask(when="idle"))
    with pytest.raises(TooLate):
        await other.request(ask("kernel:1", words=frozenset({"kernel:1"})))
    await one.cancel()
    await other.request(ask(words=frozenset({"kernel:1"})))
    await until(other, "away")
    for server in (one, other):
        await server.close()


async def test_a_return_that_is_still_being_disarmed_is_not_armed_by_another_server(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("unreachable", "DeleteTags", "no")
    one, other = start(), start()
    await one.request(ask())
    await until(one, "failed")
    with pytest.raises(TooLate):
        await other.request(ask())
    del aws.errors["stop"], aws.errors["disarm"]
    await eventually(one._disarming.done)
    await other.request(ask())
    await until(other, "away")
    assert aws.armed == other.restart.id
    for server in (one, other):
        await server.close()


async def test_what_a_server_left_behind_that_was_killed_is_undone_by_the_one_that_is_asked_next(start, aws, journal):
    one, other = start(), start()
    await other.resume(booted=NOW - timedelta(days=34))
    for event in ("requested", "cleared", "saved", "armed"):
        journal.append(event, NOW, restart="r-1")
    aws.armed = "r-1"  # `one` is gone, and the operating system has taken its lock back
    await other.request(ask())
    await until(other, "away")
    assert events(journal) == ["requested", "cleared", "saved", "armed", "failed", *WAY]
    assert aws.armed == other.restart.id
    for server in (one, other):
        await server.close()


HOLD = "import sys, time; from jupyter_nb_updater.restart.turn import Turn; print(Turn(sys.argv[1]).take()); time.sleep(60)"


async def test_a_process_that_is_killed_holds_nobody_up(start, tmp_path):
    command = [sys.executable, "-u", "-c", HOLD, str(tmp_path / "restart.lock")]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert await process.stdout.readline() == b"True\n"
    server = start()
    with pytest.raises(TooLate):
        await server.request(ask())
    process.kill()
    await process.wait()
    await server.request(ask())
    await until(server, "away")
    await server.close()


async def test_an_instance_that_could_not_start_again_is_not_stopped(start, aws):
    aws.lacking = True
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["lifecycle-config-missing"]
    assert not {"arm", "stop"} & set(aws.calls)


async def test_a_restart_that_nobody_watches_does_not_follow_right_upon_a_return(start, aws, world):
    world.returned = NOW
    coordinator = start()
    await coordinator.request(ask(when=to_text(NOW + timedelta(seconds=1))))
    world.now = NOW + timedelta(minutes=1)
    assert await until(coordinator, "refused") == ["restarted-recently"]
    await coordinator.request(ask())
    await until(coordinator, "away")
    await coordinator.close()
