"""Two instances of one account: after a restart, the newer versions of one are reported by the other one's signal."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

BUCKET, KEY = "sagemaker-eu-west-1-123456789012", "nb-updater/observed/notebook-al2023-v1.json"
ONE_CHECK = 1.0
QUICK = {"StateMonitor": {"watched_seconds": ONE_CHECK}, "FleetSource": {"interval_seconds": ONE_CHECK}}
UPTIME = timedelta(days=2)  # nothing else asks for a restart


@pytest.fixture(scope="module")
def first(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel, uptime=UPTIME, traits=QUICK) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def second(wheel: Path, first: Sandbox) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel, uptime=UPTIME, traits=QUICK, name="research-2", aws=first.aws) as sandbox:
        yield sandbox


def state(sandbox: Sandbox) -> dict[str, Any]:
    with urllib.request.urlopen(f"{sandbox.url}nb-updater/state", timeout=10) as answer:
        return dict(json.load(answer))


def fleet(sandbox: Sandbox) -> dict[str, Any] | None:
    """Return the signal; ``None`` while there is none."""
    signals = (state(sandbox)["advice"] or {}).get("signals", [])
    return next((signal for signal in signals if signal["name"] == "fleet"), None)


def code(sandbox: Sandbox) -> str | None:
    return (fleet(sandbox) or {}).get("code")


def level(sandbox: Sandbox) -> str:
    return str(state(sandbox)["advice"]["level"])


def stored(sandbox: Sandbox) -> dict[str, Any]:
    return dict(json.load(sandbox.aws.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"]))


def stop_and_start(sandbox: Sandbox) -> None:
    """Stop and start the instance as in the console."""
    sagemaker = sandbox.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService")


def test_the_only_instance_does_not_take_itself_for_the_newest(first: Sandbox) -> None:
    eventually(lambda: code(first) == "fleet-alone")
    assert [*stored(first)["reporters"]] == ["Research-1"]


def test_two_instances_of_one_image_have_nothing_to_tell_each_other(first: Sandbox, second: Sandbox) -> None:
    eventually(lambda: (code(first), code(second)) == ("fleet-newest", "fleet-newest"))
    eventually(lambda: [level(sandbox) for sandbox in (first, second)] == ["current", "current"])  # the other sources too
    assert first.aws is second.aws


def test_a_restart_of_one_on_a_newer_image_is_told_by_the_other_within_one_check(first: Sandbox, second: Sandbox) -> None:
    before, began = state(first)["software"], datetime.now(timezone.utc)
    stop_and_start(second)
    eventually(lambda: code(second) is not None)  # it has looked once, and so told what it runs
    signal = eventually(lambda: (found := fleet(first)) and found["state"] == "due" and found, 2 * ONE_CHECK + 3)
    after = state(second)["software"]
    assert {change["name"] for change in signal["evidence"]["changes"]} >= {"os_release", "jupyterlab", "notebook"}
    for change in signal["evidence"]["changes"]:
        assert (change["before"], change["after"]) == (before[change["name"]], after[change["name"]])
    since = datetime.fromisoformat(signal["evidence"]["since"].replace("Z", "+00:00"))
    assert began - timedelta(seconds=1) <= since <= datetime.now(timezone.utc)
    assert signal["evidence"]["location"] == f"s3://{BUCKET}/{KEY}"
    advice = state(first)["advice"]
    assert (advice["level"], advice["stage"]) == ("advised", "banner")
    assert [reason["id"] for reason in advice["reasons"]] == [signal["id"]]
    assert code(second) == "fleet-newest"


def test_the_command_line_says_so_too_and_tells_nothing(first: Sandbox, second: Sandbox) -> None:
    written = stored(first)
    told = first.run("jupyter", "nb-updater", "status", "--json")
    (signal,) = [signal for signal in json.loads(told.stdout)["signals"] if signal["name"] == "fleet"]
    assert (told.returncode, signal["code"]) == (1, "fleet-newer")
    assert stored(first) == written


def test_once_it_is_restarted_too_it_has_the_newest(first: Sandbox, second: Sandbox) -> None:
    stop_and_start(first)
    signal = eventually(lambda: (found := fleet(first)) and found["state"] != "unknown" and found)
    assert (signal["code"], signal["evidence"]["changes"]) == ("fleet-newest", [])
    eventually(lambda: level(first) == "current")
    assert code(second) == "fleet-newest"
