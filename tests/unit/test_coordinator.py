"""A restart from the click to the stop, in a small world of its own: an AWS that can refuse, tabs, a journal on a real disk."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.restart.coordinator import RestartCoordinator
from jupyter_nb_updater.restart.request import Request, TooLate
from jupyter_nb_updater.restart.return_path import ReturnPath
from jupyter_nb_updater.restart.runner import RestartRunner
from jupyter_nb_updater.work.tabs import Tabs

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
WAY = ["requested", "cleared", "saved", "armed", "accepted"]


class Aws:
    """One instance, and which of its operations fail."""

    def __init__(self):
        self.status, self.after_stop, self.armed, self.calls = "InService", "Stopping", None, []
        self.errors = {}

    def _do(self, operation):
        self.calls.append(operation)
        if error := self.errors.get(operation):
            raise error

    async def describe(self):
        self._do("describe")
        return Description(self.status, "arn")

    async def stop(self):
        try:
            self._do("stop")
        finally:
            self.status = self.after_stop
        return "request-1"


class Path(ReturnPath):
    """Remembers what it was asked for, on the AWS of the test."""

    kind = "stack"
    proof = "verified"

    async def verify(self):
        return self.proof

    async def arm(self, restart, until):
        self.sagemaker._do("arm")
        self.sagemaker.armed = restart

    async def disarm(self):
        self.sagemaker._do("disarm")
        self.sagemaker.armed = None


class Kernels:
    running = ()

    strangers = ()

    async def losses(self):
        return list(self.running)

    async def unreported(self, reported):
        return list(self.strangers)


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
def start(aws, tabs, journal):
    """A server process: what it knows is in the journal and at AWS."""

    def coordinator(software=None, kernels=None):
        runner = RestartRunner(
            sagemaker=aws,
            aws=aws,
            tabs=tabs,
            kernels=kernels or Kernels(),
            software=lambda: software or {"jupyterlab": "4.5.11"},
            keep=lambda: None,
            now=lambda: NOW,
            return_path_class=Path,
            poll_seconds=0.01,
            settle_seconds=0.2,
            round_seconds=0.2,
        )
        return RestartCoordinator(runner=runner, journal=journal, now=lambda: NOW, changed=lambda event, restart: None)

    return coordinator


def ask(*losses, without_return=False):
    facts = {"software": {"jupyterlab": "4.5.11"}}
    return Request(by="someone", losses=frozenset(losses), without_return=without_return, facts=facts)


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
    documents = [{"path": "a.ipynb", "outcome": "failed", "detail": "disk full"}]
    await eventually(lambda: tabs._round)
    tabs.report(tab, {"restart": coordinator.restart.id, "documents": documents})
    assert await until(coordinator, "refused") == ["document-not-saved"]
    assert not {"arm", "stop"} & set(aws.calls)
    assert journal.records()[-1]["documents"] == documents


async def test_a_silent_tab_stops_nothing(start, aws, tabs):
    tabs.join(lambda message: None)
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["tab-silent"]
    assert "stop" not in aws.calls


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


async def test_a_kernel_that_was_not_shown_refuses(start, aws):
    kernels = Kernels()
    kernels.running = [{"id": "kernel:2", "kind": "kernel", "name": "new.ipynb"}]
    coordinator = start(kernels=kernels)
    await coordinator.request(ask("kernel:1"))
    assert await until(coordinator, "refused") == ["losses-not-confirmed"]
    assert "stop" not in aws.calls


async def test_a_document_that_something_else_has_open_stops_nothing(start, aws):
    kernels = Kernels()
    kernels.strangers = ["old-tab.ipynb"]
    coordinator = start(kernels=kernels)
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["session-not-reported"]
    assert "stop" not in aws.calls


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
