"""Weeks in minutes: a required monthly restart, a hold with an end, and an instance that was restarted by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests

from jupyter_nb_updater.cli.client import ServerError
from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.util.clock import from_text, to_text
from tests.servers import server_of
from tests.signed_policy import signed

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=timezone.utc)  # time goes on while it boots: it is up well before the first word
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=timezone.utc)
FOUR_HOURS_A_SECOND = 14400.0
QUICK = {"IdleWaiter": {"quiet_minutes": 0.0, "poll_seconds": 0.1}, "Tabs": {"expected_seconds": 0.0}}

Start = Callable[..., Sandbox]


@pytest.fixture
def start(wheel: Path) -> Iterator[Start]:
    """Return a function that starts an instance, which is ended with the test."""
    running: list[Sandbox] = []

    def one(traits: dict[str, Any] | None = None, **options: Any) -> Sandbox:
        running.append(Sandbox(wheel=wheel, traits={**QUICK, **(traits or {})}, **options).start())
        return running[-1]

    yield one
    for sandbox in running:
        sandbox.close()


@pytest.fixture
def policy(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a policy document."""

    def document(**content: Any) -> Path:
        path = tmp_path / "policy.json"
        head = {"version": 1, "serial": 1, "issued": "2026-11-01T00:00:00Z", "expires": "2027-11-01T00:00:00Z"}
        path.write_text(json.dumps({**head, "organization": "Example Ltd", **content}))
        return path

    return document


def ask(sandbox: Sandbox, route: str, verb: str = "GET", body: dict[str, Any] | None = None) -> dict[str, Any]:
    server = server_of(sandbox)
    return server.call(verb, route, body)


def call(sandbox: Sandbox, *words: str) -> str:
    told = sandbox.run("jupyter", "nb-updater", *words)
    assert told.returncode == 0, told.stderr
    return told.stdout


def follow(sandbox: Sandbox, until: Callable[[dict[str, Any]], bool], seconds: float) -> list[dict[str, Any]]:
    """Return every different advice that a page would have received until a condition is true."""
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + seconds
    while True:
        try:
            state = ask(sandbox, "state")
        except (ServerError, requests.RequestException):
            state = {}
        if state.get("advice"):
            seen.append(state)
            if until(state):
                return seen
        assert time.monotonic() < deadline, [(entry["advice"]["level"], entry["advice"]["stage"]) for entry in seen[-5:]]
        time.sleep(0.1)


def ladder(seen: list[dict[str, Any]]) -> list[str]:
    stages = [state["advice"]["stage"] for state in seen]
    return [stage for number, stage in enumerate(stages) if number == 0 or stages[number - 1] != stage]


def told_at(state: dict[str, Any]) -> datetime:
    now = from_text(state["advice"]["clock"]["now"])
    assert now is not None
    return now


def journal(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (sandbox.volume / ".nb-updater" / "journal.jsonl").read_text().splitlines()]


def test_a_monthly_restart_that_a_security_team_requires(start: Start, policy: Callable[..., Path]) -> None:
    document = policy(
        age={"advised_days": 30, "max_days": 36},
        notice_days=2,
        grace_hours=1,
        mode="require",
        window={"timezone": "Europe/Berlin", "days": ["sat"], "from": "22:00", "to": "20:00"},
        message="Restart your instance once a month, please.",
        contact="security@example.com",
    )
    clock = {"simulate_date": MONDAY, "uptime": timedelta(days=24), "time_scale": FOUR_HOURS_A_SECOND}
    sandbox = start(policy=document, traits=signed(document), **clock)
    seen = follow(sandbox, lambda state: state["outcome"] is not None and state["advice"]["level"] != "unknown", 180)

    before = [state for state in seen if state["outcome"] is None]
    assert [stage for stage in ladder(before) if stage != "none"] == ["quiet", "banner", "countdown"]
    assert before[-1]["policy"]["origin"]["organization"] == "Example Ltd"
    first = {stage: next(told_at(state) for state in before if state["advice"]["stage"] == stage) for stage in ladder(before)}
    booted = MONDAY - timedelta(days=24)
    assert timedelta(0) <= first["banner"] - (booted + timedelta(days=30)) < timedelta(hours=12)
    opens = datetime(2026, 12, 5, 21, 0, tzinfo=timezone.utc)  # 22:00 in Berlin, on the Saturday of day 36
    counted = next(state for state in before if state["advice"]["stage"] == "countdown")
    assert counted["advice"]["deadline"] == to_text(opens)
    assert {step["code"]: step["at"] for step in counted["advice"]["plan"]}["required"] == to_text(opens)

    records = journal(sandbox)
    asked = next(record for record in records if record["event"] == "scheduled")
    assert (asked["by"], asked["when"]) == ("Example Ltd", "required")
    assert asked["policy"]["mode"] == "require"
    assert opens <= (from_text(asked["clock"]["now"]) or THURSDAY) < opens + timedelta(hours=22)
    assert [record["outcome"] for record in records if record["event"] == "returned"] == ["updated"]
    after = seen[-1]["advice"]
    assert (after["level"], after["stage"], after["required"]) == ("current", "none", False)


def test_a_regulated_hold_is_quiet_seen_as_an_exception_warned_about_and_ends_by_itself(
    start: Start, policy: Callable[..., Path]
) -> None:
    document = policy(age={"advised_days": 30, "max_days": 60}, holds={"by": ["*"], "max_days": 90})
    sandbox = start(policy=document, simulate_date=THURSDAY, uptime=timedelta(days=70), time_scale=FOUR_HOURS_A_SECOND)
    follow(sandbox, lambda state: state["policy"]["origin"]["kind"] == "organization", 60)
    until = to_text(THURSDAY + timedelta(days=15))
    ask(sandbox, "hold", "PUT", {"until": until, "reason": "validated for the submission"})
    seen = follow(sandbox, lambda state: state["hold"] is None, 150)

    held = [state for state in seen if state["hold"] is not None]
    assert ladder(held) == ["quiet", "banner"]
    assert all(state["advice"]["exception"] for state in held)
    assert (held[0]["hold"]["reason"], held[0]["hold"]["until"]) == ("validated for the submission", until)
    warned = next(state for state in held if state["advice"]["warnings"])
    day = (told_at(warned) - (THURSDAY - timedelta(days=70))) / timedelta(days=1)
    assert 76 <= day < 77
    assert {step["code"] for step in warned["advice"]["plan"]} >= {"aws-interval", "hold-ends"}
    after = seen[-1]["advice"]
    assert (after["level"], after["stage"], after["exception"]) == ("overdue", "countdown", False)
    assert sandbox.status == "InService"
    assert until in sandbox.tags()["nb-updater:state"] or seen[-1]["hold"] is None


def test_an_instance_that_was_restarted_by_hand_yesterday_is_told_nothing(start: Start) -> None:
    sandbox = start(uptime=timedelta(days=1))
    seen = follow(sandbox, lambda state: state["advice"]["level"] != "unknown", 30)
    assert (seen[-1]["advice"]["level"], seen[-1]["advice"]["stage"]) == ("current", "none")
    assert "up to date" in call(sandbox, "status")


def test_one_that_is_restarted_by_hand_is_told_nothing_more(start: Start) -> None:
    sandbox = start(uptime=timedelta(days=95))
    assert ask(sandbox, "state")["advice"]["stage"] == "countdown"
    sagemaker = sandbox.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService", 120)
    seen = follow(sandbox, lambda state: state["advice"]["level"] != "unknown", 30)
    assert (seen[-1]["advice"]["level"], seen[-1]["advice"]["stage"]) == ("current", "none")
