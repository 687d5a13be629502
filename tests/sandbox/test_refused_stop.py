"""AWS does not stop the instance: the return is disarmed, the cause is shown, and the user continues to work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.cli.client import ServerClient
from jupyter_nb_updater.sandbox import Sandbox
from tests.servers import server_of
from tests.wait import eventually

TAG = "nb-updater:restart"
PATIENT = {
    "RestartRunner": {"poll_seconds": 1.0},
    "Arming": {"retry_seconds": 1.0},
    "Aws": {"connect_timeout_seconds": 2.0, "read_timeout_seconds": 3.0},
}
DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/notebook/SageMaker is not authorized to perform: sagemaker:{} on resource"
)
STATE = "Status (Updating) not in ([InService]). Unable to transition to (Stopping) for Notebook Instance (arn)"


@pytest.fixture(scope="module")
def running(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel, traits=PATIENT) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    yield running
    running.faults.clear()
    eventually(lambda: TAG not in running.tags())


@pytest.fixture
def server(sandbox: Sandbox) -> ServerClient:
    return server_of(sandbox)


def phase(server: ServerClient) -> str:
    return str(server.call("GET", "state")["restart"]["phase"])


def not_restarted(server: ServerClient, sandbox: Sandbox, timeout: float = 60.0) -> list[dict[str, Any]]:
    """Wait for the end of the restart, and check that everything is as before."""
    eventually(lambda: phase(server) in {"refused", "failed"}, timeout)
    findings: list[dict[str, Any]] = server.call("GET", "state")["restart"]["findings"]
    eventually(lambda: TAG not in sandbox.tags(), timeout)
    assert sandbox.status == "InService"
    assert server.call("DELETE", "restart")["restart"]["phase"] == "idle"
    return findings


@pytest.mark.parametrize(
    ("code", "message", "status", "finding"),
    [
        ("AccessDeniedException", DENIED.format("StopNotebookInstance"), 400, "access-denied"),
        ("ValidationException", STATE, 400, "wrong-state"),
        ("ThrottlingException", "Rate exceeded", 400, "throttled"),
        ("InternalFailure", "", 500, "aws-error"),
    ],
)
def test_a_refused_stop_is_told_and_undone(
    sandbox: Sandbox, server: ServerClient, code: str, message: str, status: int, finding: str
) -> None:
    sandbox.faults.add("StopNotebookInstance", code=code, message=message, status=status)
    server.call("POST", "restart", {"when": "now"})
    (told,) = not_restarted(server, sandbox)
    assert (told["code"], told["subject"]) == (finding, "StopNotebookInstance")
    assert message in told["detail"]
    assert told["action"] == ("sagemaker:StopNotebookInstance" if finding == "access-denied" else None)


def test_a_stop_that_aws_refuses_in_maintenance_is_told_and_undone(sandbox: Sandbox, server: ServerClient) -> None:
    sandbox.aws.settle(sandbox.name, "PendingMaintenance")
    server.call("POST", "restart", {"when": "now"})
    eventually(lambda: phase(server) in {"refused", "failed"})
    eventually(lambda: TAG not in sandbox.tags())
    assert sandbox.status == "PendingMaintenance"
    sandbox.aws.settle(sandbox.name, "InService")
    (told,) = not_restarted(server, sandbox)
    assert (told["code"], told["subject"]) == ("wrong-state", "StopNotebookInstance")
    assert "Status (PendingMaintenance) not in ([InService])" in told["detail"]


@pytest.mark.parametrize("operation", ["DescribeNotebookInstance", "AddTags"])
def test_a_permission_that_is_missing_earlier_is_named_too(sandbox: Sandbox, server: ServerClient, operation: str) -> None:
    sandbox.faults.add(operation, code="AccessDeniedException", message=DENIED.format(operation))
    server.call("POST", "restart", {"when": "now"})
    eventually(lambda: phase(server) in {"refused", "failed"})
    sandbox.faults.clear()
    (told,) = not_restarted(server, sandbox)
    assert (told["code"], told["action"]) == ("access-denied", f"sagemaker:{operation}")


def test_an_instance_whose_lifecycle_configuration_is_gone_is_not_stopped(sandbox: Sandbox, server: ServerClient) -> None:
    sagemaker = sandbox.aws.client("sagemaker")
    name = {"NotebookInstanceLifecycleConfigName": "nb-updater"}
    (script,) = sagemaker.describe_notebook_instance_lifecycle_config(**name)["OnStart"]
    sagemaker.delete_notebook_instance_lifecycle_config(**name)
    try:
        server.call("POST", "restart", {"when": "now"})
        (told,) = not_restarted(server, sandbox)
        assert (told["code"], told["subject"]) == ("lifecycle-config-missing", "nb-updater")
        sandbox.faults.add("DescribeNotebookInstanceLifecycleConfig", code="AccessDeniedException", message="no")
        sandbox.faults.add("StopNotebookInstance", code="ThrottlingException", message="Rate exceeded")
        server.call("POST", "restart", {"when": "now"})
        (told,) = not_restarted(server, sandbox)
        assert told["code"] == "throttled"  # what may not be looked at is not in the way: it came as far as the stop
    finally:
        sagemaker.create_notebook_instance_lifecycle_config(**name, OnStart=[{"Content": script["Content"]}])


def test_no_network_for_thirty_seconds_is_told_and_undone_when_it_is_back(
    sandbox: Sandbox, server: ServerClient, for_seconds: Callable[[float], None]
) -> None:
    sandbox.faults.add("StopNotebookInstance", delay_seconds=2, drop=True)  # so that the outage begins during it
    server.call("POST", "restart", {"when": "now"})
    eventually(lambda: phase(server) == "stopping")
    sandbox.faults.add("*", drop=True)
    for_seconds(30)
    sandbox.faults.clear()
    (told,) = not_restarted(server, sandbox)
    assert (told["code"], told["subject"]) == ("unreachable", "StopNotebookInstance")


def test_a_stop_that_aws_accepts_in_maintenance_is_a_restart(wheel: Path) -> None:
    with Sandbox(wheel=wheel, traits=PATIENT) as sandbox:
        sandbox.aws.accept_stop_in_maintenance(sandbox.name)
        sandbox.aws.settle(sandbox.name, "PendingMaintenance")
        told = sandbox.run("jupyter", "nb-updater", "restart", "--accept-losses")
        assert "Not restarted" not in told.stdout
        sandbox.wait_for("InService")
        outcome = eventually(lambda: server_of(sandbox).call("GET", "state")["outcome"])
        assert outcome["outcome"] == "updated"


def test_a_stop_that_was_taken_although_its_answer_was_lost_is_no_failure(wheel: Path) -> None:
    with Sandbox(wheel=wheel, traits=PATIENT, stop_seconds=6) as sandbox:
        server = server_of(sandbox)
        before = server.call("GET", "state")["server_id"]
        sandbox.faults.add("StopNotebookInstance", delay_seconds=4)  # longer than the client waits; then it is carried out
        server.call("POST", "restart", {"when": "now"})
        sandbox.wait_for("Stopping")
        sandbox.wait_for("InService")
        eventually(lambda: server_of(sandbox).call("GET", "state")["server_id"] != before)
        outcome = eventually(lambda: server_of(sandbox).call("GET", "state")["outcome"])
        assert outcome["outcome"] == "updated"


@pytest.fixture
def for_seconds() -> Callable[[float], None]:
    """Return a function that waits for the duration of an outage."""
    import time

    return time.sleep
