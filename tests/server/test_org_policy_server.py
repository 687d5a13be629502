"""A running server with a policy document: the state that every tab receives, and the output of the command line."""

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.advice.hold import Person
from jupyter_nb_updater.org_policy.manager import PolicyManager
from jupyter_nb_updater.util.request_error import MalformedRequest

from .publisher import write

WINDOW = {"timezone": "Europe/Berlin", "days": ["mon", "tue"], "from": "22:00", "to": "04:00"}
ADVISORY = {"id": "ALAS2023-2026-1", "published": "2026-01-01T00:00:00Z", "severity": "critical", "cves": ["CVE-2026-1234"]}
OLD = {"started_before": "2098-01-01T00:00:00Z"}


@pytest.fixture
def document():
    """Return a document that recommends a restart after 20 days and sets a limit of 30; the uptime is 34 days."""
    return {"age": {"advised_days": 20, "max_days": 30}, "holds": {"by": ["ana"], "max_days": 3}, "message": "Restart, please."}


@pytest.fixture
def machine(machine, publisher, document):
    publisher.put(write(serial=7, **document))
    return {**machine, "PolicyManager": {"url": f"{publisher.base}/document.json"}}


def state(app):
    return app.state.to_json()


async def looked(app):
    """Fetch the document again, whatever was found at the start."""
    app.advice_parts.policies.invalidate()
    await app.advice.poll()


async def test_its_limits_are_those_of_the_document_after_one_look(app):
    await looked(app)
    told = state(app)
    assert told["policy"]["origin"]["serial"] == 7
    assert told["policy"]["origin"]["message"] == "Restart, please."
    assert (told["policy"]["advised_days"], told["advice"]["level"]) == (20, "overdue")
    signals = {signal["name"]: signal for signal in told["advice"]["signals"]}
    assert signals["age"]["evidence"]["advised_days"] == 20
    assert (signals["organization"]["state"], signals["organization"]["code"]) == ("current", "organization-nothing")


async def test_its_policy_says_who_may_hold(app):
    await looked(app)
    soon = datetime.now(timezone.utc) + timedelta(days=1)
    with pytest.raises(MalformedRequest, match="Example Bank allows only ana to place a hold"):
        await app.advice.set_hold(Person("ben", "ben"), "training", soon)
    with pytest.raises(MalformedRequest, match="at most 3 days"):
        await app.advice.set_hold(Person("ana", "ana"), "training", soon + timedelta(days=4))


async def test_a_document_that_gets_bad_is_told_with_the_age_of_the_good_one(app, publisher):
    await looked(app)
    publisher.put(b"{")
    await app.advice_parts.policies.refresh_now(datetime.now(timezone.utc))
    app.advice.judge()
    origin = state(app)["policy"]["origin"]
    assert (origin["serial"], origin["problem"]) == (7, "not-json")
    assert origin["fetched"] is not None
    assert [record["event"] for record in app.journal.records() if record["event"].startswith("policy-")] == [
        "policy-in-force",
        "policy-rejected",
    ]


@pytest.mark.parametrize(
    ("affects", "expected"),
    [
        ({}, ("current", "organization-nothing")),  # the machine was started after it was published
        ({**OLD}, ("due", "organization-advisories")),
        ({**OLD, "platforms": ["notebook-al2023-v1"]}, ("unknown", "organization-undecided")),  # AWS is out of reach
    ],
)
async def test_its_advisories_ask_those_whom_they_affect(app, publisher, affects, expected):
    publisher.put(write(serial=8, advisories=[{**ADVISORY, "affects": affects}], service_levels={"critical": 7}))
    await looked(app)
    signal = next(signal for signal in state(app)["advice"]["signals"] if signal["name"] == "organization")
    assert (signal["state"], signal["code"]) == expected
    if expected[0] == "due":
        assert signal["advisories"][0]["cves"] == ["CVE-2026-1234"]
        assert "organization:ALAS2023-2026-1" in {reason["id"] for reason in state(app)["advice"]["reasons"]}


async def test_the_next_start_judges_by_it_before_anybody_answers(app, publisher):
    await looked(app)
    publisher.close()
    again = PolicyManager(app.journal, "eu-west-1", parent=app.monitor.parent)
    await again.load(datetime.now(timezone.utc))
    assert again.policy.origin.serial == 7
