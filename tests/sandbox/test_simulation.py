"""The advice on an instance with a simulated clock, and on another day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.util.clock import from_text
from tests.servers import server_of
from tests.wait import eventually

DATE = datetime(2027, 1, 15, 10, tzinfo=timezone.utc)
HOUR_A_SECOND = 3600.0


@pytest.fixture(scope="module")
def sandbox(wheel: Path) -> Iterator[Sandbox]:
    """Start an instance that was restarted by hand yesterday."""
    with Sandbox(wheel=wheel, simulate_date=DATE, uptime=timedelta(days=1)) as sandbox:
        yield sandbox


def state(sandbox: Sandbox) -> dict[str, Any]:
    """Return the state document once all sources were polled."""
    server = server_of(sandbox)
    return dict(eventually(lambda: (told := server.call("GET", "state"))["advice"]["level"] != "unknown" and told))


def day_of(told: dict[str, Any]) -> datetime:
    moment = from_text(told["advice"]["clock"]["now"])
    assert moment is not None
    return moment


def test_an_instance_that_was_restarted_by_hand_yesterday_is_shown_nothing(sandbox: Sandbox) -> None:
    told = state(sandbox)
    advice = told["advice"]
    assert (advice["level"], advice["stage"], advice["reasons"]) == ("current", "none", [])
    assert advice["signals"][0]["evidence"]["days"] == 1
    assert timedelta(0) <= day_of(told) - DATE < timedelta(minutes=5)
    assert sandbox.run("jupyter", "nb-updater", "status").returncode == 0
    assert "current" in eventually(lambda: sandbox.tags().get("nb-updater:state"))


@pytest.mark.parametrize(("uptime", "code", "level"), [("29d", 0, "current"), ("34d", 1, "advised"), ("91d", 1, "overdue")])
def test_what_would_be_said_on_another_day_can_be_asked_and_changes_nothing(
    sandbox: Sandbox, uptime: str, code: int, level: str
) -> None:
    before = eventually(sandbox.tags)
    command = (
        "jupyter",
        "nb-updater",
        "status",
        "--json",
        "--simulate-date=2027-06-01T00:00:00Z",
        f"--simulate-uptime={uptime}",
    )
    told = sandbox.run(*command)
    content = json.loads(told.stdout)
    assert (told.returncode, content["level"]) == (code, level)
    assert content["clock"] == {"now": "2027-06-01T00:00:00Z", "rate": 1.0}
    assert (sandbox.tags(), state(sandbox)["advice"]["level"]) == (before, "current")


def test_a_simulated_clock_is_said_to_be_one(sandbox: Sandbox) -> None:
    (log,) = sandbox.machine.logs.rglob("jupyter.log")
    assert log.read_text("utf-8").count("Advice uses a simulated clock") == 1
    assert "clock       simulated: 2027-01-15T10" in sandbox.run("jupyter", "nb-updater", "status").stdout
    assert "warning  Advice uses a simulated clock" in sandbox.run("jupyter", "nb-updater", "doctor").stdout


def test_a_hold_is_one_of_the_simulated_time(sandbox: Sandbox) -> None:
    told = sandbox.run("jupyter", "nb-updater", "hold", "--until=4h", "--reason=training", "--json")
    until = from_text(json.loads(told.stdout)["until"])
    assert until is not None
    assert timedelta(hours=4) <= until - DATE < timedelta(hours=4, minutes=5)
    assert sandbox.run("jupyter", "nb-updater", "hold", "--release").returncode == 0


def test_simulated_time_goes_on_over_a_restart_which_is_a_boot_in_it(wheel: Path, tmp_path: Path) -> None:
    document = tmp_path / "policy.json"
    head = {"version": 1, "serial": 1, "issued": "2026-11-01T00:00:00Z", "expires": "2028-11-01T00:00:00Z"}
    document.write_text(json.dumps({**head, "organization": "Example Ltd"}))
    options: dict[str, Any] = {"simulate_date": DATE, "time_scale": HOUR_A_SECOND, "policy": document}
    with Sandbox(wheel=wheel, return_path="manual", **options) as sandbox:
        before = state(sandbox)
        assert before["advice"]["signals"][0]["evidence"]["days"] >= 34
        eventually(lambda: day_of(state(sandbox)) > day_of(before) + timedelta(hours=2))
        sagemaker = sandbox.aws.client("sagemaker")
        sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
        sandbox.wait_for("Stopped")
        assert sandbox.policy.read_text() == document.read_text()  # it lies elsewhere
        sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
        sandbox.wait_for("InService")
        after = state(sandbox)
        assert day_of(after) > day_of(before)
        booted = from_text(after["advice"]["signals"][0]["evidence"]["booted"])
        assert booted is not None
        assert day_of(before) < booted <= day_of(after)
        assert sandbox.aws.requests()["StopNotebookInstance"] == 1
