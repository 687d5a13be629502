"""The return path `schedule` end to end: a schedule starts the instance again, and is deleted after the boot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.servers import server_of
from tests.wait import eventually

SOON = {"ScheduleReturnPath": {"delay_seconds": 1.0}, "Arming": {"retry_seconds": 0.5}}
MINUTE_SECONDS = 2.0
"""Duration of a minute of the schedule's rate, in seconds; a stop takes as long, so that the first attempt comes too early."""

NAME = "nb-updater-Research-1"


@pytest.fixture(scope="module")
def running(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel, return_path="schedule", minute_seconds=MINUTE_SECONDS, traits=SOON, stop_seconds=2.5) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    yield running
    running.faults.clear()
    eventually(lambda: schedules(running) == [])
    if running.status == "Stopped":
        running.aws.client("sagemaker").start_notebook_instance(NotebookInstanceName=running.name)
    running.wait_for("InService")


def schedules(sandbox: Sandbox) -> list[str]:
    return [schedule["Name"] for schedule in sandbox.aws.client("scheduler").list_schedules()["Schedules"]]


def state(sandbox: Sandbox) -> dict[str, Any]:
    return dict(server_of(sandbox).call("GET", "state"))


def restart(sandbox: Sandbox) -> None:
    """Request a restart, and wait until the instance is back."""
    before = state(sandbox)["server_id"]
    server_of(sandbox).call("POST", "restart", {"when": "now"})
    eventually(lambda: sandbox.status == "Stopping", 30)
    assert schedules(sandbox) == [NAME]  # armed before the stop
    eventually(lambda: sandbox.status == "Pending", 30)
    sandbox.wait_for("InService")
    eventually(lambda: state(sandbox)["server_id"] != before)


def test_the_path_is_proven_before_anything_is_stopped(sandbox: Sandbox) -> None:
    eventually(lambda: state(sandbox)["return_path"] == {"kind": "schedule", "proof": "verified", "reason": ""})


def test_a_restart_comes_back_by_its_schedule_which_is_gone_after_the_boot(sandbox: Sandbox) -> None:
    restart(sandbox)
    eventually(lambda: state(sandbox)["outcome"])
    eventually(lambda: schedules(sandbox) == [])
    early, *_, late = sandbox.aws.deliveries(NAME)
    assert "Status (Stopping) not in ([Stopped, Failed])" in early["errors"][0]
    assert len(early["errors"]) == 1  # AWS's RetryPolicy is not relied on: the next minute is the retry
    assert [delivery["taken"] for delivery in sandbox.aws.deliveries(NAME)].count(True) == 1
    assert late["taken"] or "Status (" in late["errors"][0]


def test_an_instance_that_someone_stops_after_that_stays_stopped(
    sandbox: Sandbox, for_minutes: Callable[[float], None]
) -> None:
    restart(sandbox)
    eventually(lambda: schedules(sandbox) == [])
    calls = len(sandbox.aws.deliveries(NAME))
    sandbox.aws.client("sagemaker").stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    for_minutes(3)
    assert (sandbox.status, len(sandbox.aws.deliveries(NAME))) == ("Stopped", calls)


def test_a_schedule_that_aws_does_not_delete_at_first_is_deleted_by_the_next_server(sandbox: Sandbox) -> None:
    """The server ends before AWS accepts the deletion; the next server must retry it."""
    sandbox.faults.add("DeleteSchedule", code="ThrottlingException", message="Rate exceeded")
    restart(sandbox)
    eventually(lambda: state(sandbox)["outcome"])
    before = state(sandbox)["server_id"]
    assert sandbox.run("sudo", "systemctl", "--no-block", "restart", "jupyter-server").returncode == 0
    eventually(lambda: new_server(sandbox, before), 30)
    assert schedules(sandbox) == [NAME]
    sandbox.faults.clear()
    eventually(lambda: schedules(sandbox) == [])
    assert sandbox.status == "InService"


def test_a_refused_stop_leaves_no_schedule(sandbox: Sandbox) -> None:
    sandbox.faults.add("StopNotebookInstance", code="ThrottlingException", message="Rate exceeded")
    server = server_of(sandbox)
    server.call("POST", "restart", {"when": "now"})
    eventually(lambda: state(sandbox)["restart"]["phase"] == "failed", 30)
    eventually(lambda: schedules(sandbox) == [])
    server.call("DELETE", "restart")


def test_a_role_that_may_not_be_given_away_is_named_and_nothing_is_stopped(sandbox: Sandbox) -> None:
    message = "User: arn is not authorized to perform: iam:PassRole on resource: arn"
    sandbox.faults.add("CreateSchedule", code="AccessDeniedException", message=message, status=403)
    server = server_of(sandbox)
    server.call("POST", "restart", {"when": "now"})
    eventually(lambda: state(sandbox)["restart"]["phase"] == "failed", 30)
    (told,) = state(sandbox)["restart"]["findings"]
    assert (told["code"], told["action"]) == ("access-denied", "iam:PassRole")
    assert sandbox.status == "InService"
    server.call("DELETE", "restart")


def test_without_its_role_nothing_is_stopped_that_would_have_to_come_back(sandbox: Sandbox) -> None:
    sandbox.faults.add("GetRole", code="NoSuchEntity", message="The role with name … cannot be found.")
    server = server_of(sandbox)
    server.call("POST", "restart", {"when": "now"})
    eventually(lambda: state(sandbox)["restart"]["phase"] == "refused", 30)
    (told,) = state(sandbox)["restart"]["findings"]
    assert (told["code"], told["subject"]) == ("return-path-missing", "schedule")
    server.call("DELETE", "restart")


def new_server(sandbox: Sandbox, before: str) -> bool:
    try:
        return bool(state(sandbox)["server_id"] != before)
    except Exception:  # noqa: BLE001  it does not answer yet, in one way or another
        return False


@pytest.fixture
def for_minutes() -> Callable[[float], None]:
    """Return a function that waits for minutes of the schedule's rate, in which nothing may happen."""
    import time

    return lambda minutes: time.sleep(minutes * MINUTE_SECONDS)
