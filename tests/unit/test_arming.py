"""The return is armed before the stop, and disarmed after it or if there is none."""

from datetime import timedelta

import pytest

from jupyter_nb_updater.instance.aws import AwsError
from tests.wait import eventually_async

from .restarts import NOW, ask, until


@pytest.mark.parametrize("code", ["access-denied", "throttled", "aws-error"])
async def test_a_refused_stop_is_told_and_disarmed(start, aws, code):
    aws.errors["stop"], aws.after_stop = AwsError(code, "StopNotebookInstance", "no"), "InService"
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "failed") == [code]
    await eventually_async(lambda: aws.armed is None)
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
    await eventually_async(coordinator._disarming.done)
    assert aws.armed


async def test_disarming_goes_on_until_aws_can_be_reached(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("unreachable", "DeleteTags", "no")
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    await eventually_async(lambda: aws.calls.count("disarm") > 2)
    del aws.errors["disarm"]
    await eventually_async(lambda: aws.armed is None)


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


async def test_a_late_disarm_does_not_take_the_return_of_the_next_restart(start, aws):
    aws.errors["stop"], aws.after_stop = AwsError("throttled", "StopNotebookInstance", "no"), "InService"
    aws.errors["disarm"] = AwsError("unreachable", "DeleteTags", "no")
    coordinator = start()
    await coordinator.request(ask())
    await until(coordinator, "failed")
    await eventually_async(lambda: aws.calls.count("disarm") > 1)
    late = coordinator._disarming
    del aws.errors["stop"], aws.errors["disarm"]
    aws.after_stop = "InService"
    coordinator._runner.arming.retry_seconds = 0.3
    await coordinator.request(ask())
    await until(coordinator, "away")
    await eventually_async(late.done)
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


async def test_a_move_to_another_platform_is_armed_with_the_return(start, aws, journal):
    aws.platform = "notebook-al2-v3"
    coordinator = start()
    await coordinator.request(ask(confirmed=frozenset({"migration:notebook-al2023-v1"})))
    await until(coordinator, "away")
    assert aws.target == "notebook-al2023-v1"
    armed = next(record for record in journal.records() if record["event"] == "armed")
    assert armed["moves_to"] == "notebook-al2023-v1"
    await coordinator.close()


async def test_a_stop_that_aws_took_but_does_not_carry_out_is_told(start, aws):
    aws.after_stop = "InService"
    coordinator = start()
    await coordinator.request(ask())
    assert await until(coordinator, "failed") == ["stop-not-carried-out"]
    await eventually_async(lambda: aws.armed is None)


async def returned_although(aws, start, trouble):
    """Return a server that is back, on which AWS refuses to disarm the return."""
    before = start()
    await before.request(ask())
    await until(before, "away")
    await before.close()
    aws.status, aws.errors["disarm"] = "InService", trouble
    after = start()
    await after.resume(booted=NOW + timedelta(minutes=3))
    await eventually_async(lambda: aws.calls.count("disarm") > 1)
    assert aws.armed
    return after


THROTTLED = AwsError("throttled", "DeleteSchedule", "no")


async def test_a_return_that_is_still_armed_after_the_boot_is_taken_back_although_somebody_stops_the_instance(start, aws):
    after = await returned_although(aws, start, THROTTLED)
    aws.status = "Stopping"  # on purpose, by somebody in the console: it must not be started again
    del aws.errors["disarm"]
    await eventually_async(lambda: aws.armed is None)
    await after.close()


async def test_a_return_that_the_server_could_not_take_back_is_taken_back_by_the_next_one(start, aws, world):
    await (await returned_although(aws, start, THROTTLED)).close()
    del aws.errors["disarm"]
    world.now = NOW + timedelta(minutes=30)
    later = start()
    await later.resume(booted=NOW + timedelta(minutes=3))
    await eventually_async(lambda: aws.armed is None)
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
    await eventually_async(lambda: len(aws.calls) > 3)
    await after.close()
    assert set(aws.calls) == {"describe"}


async def test_a_crash_while_armed_is_undone_at_the_next_start(start, aws, journal):
    for event in ("requested", "cleared", "saved", "armed"):
        journal.append(event, NOW, restart="r-1")
    aws.armed = "r-1"
    coordinator = start()
    await coordinator.resume(booted=NOW - timedelta(days=34))
    assert [finding.code for finding in coordinator.restart.findings] == ["interrupted"]
    await eventually_async(lambda: aws.armed is None)
