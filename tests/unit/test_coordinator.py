"""A restart from the click to the stop: one at a time, journaled first, canceled as long as possible."""

import asyncio
from types import SimpleNamespace

import pytest

from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.restart.request import TooLate
from tests.wait import eventually_async

from .restarts import WAY, ask, events, kernel, until


async def test_the_return_is_armed_before_the_stop_and_both_are_in_the_journal(start, aws, journal):
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "away")
    assert aws.calls.index("arm") < aws.calls.index("stop")
    assert (aws.armed, events(journal)) == (coordinator.restart.id, WAY)
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
    await eventually_async(lambda: "disarm" in aws.calls)
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


async def test_what_must_be_on_the_volume_is_saved_before_the_stop(start, aws):
    coordinator = start()
    coordinator._runner._before_stop = [SimpleNamespace(save=lambda: aws.calls.append("save"))]
    await coordinator.request(ask())
    await until(coordinator, "away")
    assert aws.calls.index("save") < aws.calls.index("arm") < aws.calls.index("stop")
    await coordinator.close()


async def test_a_bug_of_ours_ends_in_words_with_nothing_stopped(start, aws):
    coordinator = start()
    coordinator._runner._before_stop = [SimpleNamespace(save=lambda: 1 / 0)]
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["unexpected"]
    assert "stop" not in aws.calls


async def test_an_instance_that_could_not_start_again_is_not_stopped(start, aws):
    aws.lacking = True
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "refused") == ["lifecycle-config-missing"]
    assert not {"arm", "stop"} & set(aws.calls)


async def test_half_a_character_in_a_request_breaks_neither_the_restart_nor_its_evidence(start, aws, journal):
    coordinator = start()
    await coordinator.request(ask("\ud800", confirmed=["a\udfff"]))
    await until(coordinator, "away")
    assert events(journal) == WAY
    assert journal.records()[0]["losses"] == ["\ud800"]
    await coordinator.close()


async def test_what_waits_goes_on_when_the_record_of_another_request_fails(start, aws, world, journal, monkeypatch):
    world.running = [kernel("kernel:1", busy=True)]
    coordinator = start()
    await coordinator.request(ask(when="idle"))
    await eventually_async(lambda: coordinator.waiting_for)

    async def broken(*_):
        raise RuntimeError("no such thread")

    with monkeypatch.context() as patched:
        patched.setattr(coordinator._history, "append", broken)
        with pytest.raises(RuntimeError):
            await coordinator.request(ask(when="2026-11-23T18:00:00Z"))
        with pytest.raises(RuntimeError):
            await coordinator.cancel()
    assert (coordinator.restart.phase, coordinator.restart.order.when) == ("waiting", "idle")
    world.running = []
    await eventually_async(lambda: [reason["kind"] for reason in coordinator.waiting_for] == ["quiet"])
    await coordinator.close()


async def test_a_request_that_cannot_be_written_as_json_is_no_error_of_the_route(start, aws, journal):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    coordinator = start()
    await coordinator.request(ask()._replace(facts={"advice": deep}))
    await until(coordinator, "away", "refused", "failed")
    assert "requested" not in events(journal)
    await coordinator.close()
