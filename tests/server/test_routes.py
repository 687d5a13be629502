"""The routes, as used by a browser or a program."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from tornado.httpclient import HTTPClientError

import jupyter_nb_updater
from jupyter_nb_updater.handlers import HANDLERS
from jupyter_nb_updater.restart.machine import Phase
from jupyter_nb_updater.service.metrics import SCHEMA, SCHEMA_ID
from jupyter_nb_updater.util.clock import to_text, utcnow
from tests.wait import eventually_async

OURS = {"X-Nb-Updater": "1"}


async def call(jp_fetch, route, method="GET", body=None, **headers):
    response = await jp_fetch(
        "nb-updater", route, method=method, body=body, headers={**OURS, **headers}, allow_nonstandard_methods=True
    )
    return response.code, json.loads(response.body)


async def refused(jp_fetch, route, method, body=None, headers=OURS):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("nb-updater", route, method=method, body=body, headers=dict(headers), allow_nonstandard_methods=True)
    return caught.value.code, json.loads(caught.value.response.body or b"{}")


async def settled(app, phase):
    await eventually_async(lambda: app.state["restart"]["phase"] == phase, 10)
    return app.state["restart"]


async def test_the_state_says_who_it_is_and_what_is_due(jp_fetch):
    code, state = await call(jp_fetch, "state")
    assert code == 200
    assert state["instance"]["name"] == "research-1"
    assert state["advice"]["level"] == "advised"
    assert state["restart"]["phase"] == "idle"


async def test_the_id_of_a_server_is_not_taken_for_that_of_a_boot(jp_fetch, app):
    _, state = await call(jp_fetch, "state")
    assert state["server_id"] not in {"", app.context.boot_clock.read_id()}
    assert "boot_id" not in state


async def test_a_page_that_asks_before_aws_has_answered_is_told_everything_that_it_shows(silent_aws, jp_fetch, app):
    _, state = await call(jp_fetch, "state")
    assert state["return_path"] == {"kind": "stack", "proof": "assumed", "reason": ""}
    assert state["instance"]["name"] == "research-1"


async def test_a_page_that_is_closed_before_it_is_connected_is_waited_for_by_nobody(jp_fetch, app):
    page = {"X-Nb-Updater": "page-1"}
    await call(jp_fetch, "state", **page)
    assert [answer.tab.id for answer in await app.tabs.collect_reports("r-1", 0.01)] == ["page-1"]
    assert await call(jp_fetch, "page", "DELETE", **page) == (200, {})
    assert await app.tabs.collect_reports("r-2", 5) == []


async def test_the_server_id_stays_while_the_server_runs(jp_fetch):
    first, second = (await call(jp_fetch, "state"))[1], (await call(jp_fetch, "state"))[1]
    assert first["server_id"] == second["server_id"]


async def test_an_instance_that_aws_cannot_describe_has_no_status(jp_fetch):
    assert (await call(jp_fetch, "state"))[1]["instance"]["status"] is None


@pytest.mark.parametrize("route", ["state", "journal"])
async def test_reading_needs_a_user(jp_fetch, route):
    code, _ = await refused(jp_fetch, route, "GET", headers={"Authorization": "none"})
    assert code == 403


async def test_reading_is_no_activity(jp_fetch, jp_serverapp):
    before = jp_serverapp.web_app.last_activity()
    await call(jp_fetch, "state")
    assert jp_serverapp.web_app.last_activity() == before


@pytest.mark.parametrize(
    ("route", "method"),
    [
        ("page", "DELETE"),
        ("restart", "POST"),
        ("restart", "DELETE"),
        ("deferral", "PUT"),
        ("hold", "PUT"),
        ("hold", "DELETE"),
        ("restore", "PUT"),
        ("packages", "PUT"),
        ("packages", "DELETE"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {**OURS, "Sec-Fetch-Site": "cross-site"}, {**OURS, "Origin": "https://evil.example"}])
async def test_no_other_page_can_change_anything(jp_fetch, app, route, method, headers):
    code, answer = await refused(jp_fetch, route, method, "{}" if method != "DELETE" else None, headers)
    assert (code, answer["code"]) == (403, "foreign-origin")
    assert app.journal.records() == []


@pytest.mark.parametrize(
    "body", ["{", "[]", '"now"', '{"when": "soon"}', '{"losses": "all"}', '{"losses": [7]}', '{"without_return": 1}']
)
async def test_a_malformed_request_says_what_is_wrong(jp_fetch, app, body):
    code, answer = await refused(jp_fetch, "restart", "POST", body)
    assert (code, answer["code"]) == (400, "malformed")
    assert answer["message"]
    assert app.journal.records() == []


async def test_an_unreachable_aws_refuses_the_restart_and_stops_nothing(jp_fetch, app):
    code, state = await call(jp_fetch, "restart", "POST", "{}")
    assert (code, state["restart"]["phase"]) == (202, "preflight")
    restart = await settled(app, "refused")
    assert [(finding["code"], finding["subject"]) for finding in restart["findings"]] == [
        ("unreachable", "DescribeNotebookInstance")
    ]
    assert [record["event"] for record in app.journal.records()] == ["requested", "refused"]


async def test_a_second_click_does_not_begin_a_second_restart(silent_aws, jp_fetch, app):
    await call(jp_fetch, "restart", "POST", "{}")
    code, answer = await refused(jp_fetch, "restart", "POST", "{}")
    assert (code, answer["code"]) == (409, "already-running")


async def test_a_round_waits_for_the_page_of_the_click_whether_or_not_it_is_connected(silent_aws, jp_fetch, app):
    await call(jp_fetch, "restart", "POST", "{}", **{"X-Nb-Updater": "tab-7"})
    answers = await app.tabs.collect_reports("r-1", 0.01)
    assert [(answer.tab.id, answer.outcome) for answer in answers] == [("tab-7", "silent")]


async def test_cancelling_takes_the_restart_back(silent_aws, jp_fetch, app):
    await call(jp_fetch, "restart", "POST", "{}")
    _, state = await call(jp_fetch, "restart", "DELETE")
    assert state["restart"]["phase"] == "idle"
    assert [record["event"] for record in app.journal.records()] == ["requested", "cancelled"]


async def test_a_refusal_stays_until_it_is_acknowledged(jp_fetch, app):
    await call(jp_fetch, "restart", "POST", "{}")
    await settled(app, "refused")
    _, state = await call(jp_fetch, "restart", "DELETE")
    assert (state["restart"]["phase"], state["restart"]["findings"]) == ("idle", [])


async def test_the_journal_tells_who_asked_and_what_was_installed(jp_fetch, app):
    await call(jp_fetch, "restart", "POST", '{"losses": ["kernel:1"], "by": "Ana"}')
    await settled(app, "refused")
    _, content = await call(jp_fetch, "journal")
    requested = content["records"][0]
    assert (requested["by"], requested["verified"]) == ("Ana", False)
    assert (requested["losses"], "python" in requested["software"]) == (["kernel:1"], True)


async def test_when_idle_waits_and_says_what_for(jp_fetch, app):
    _, state = await call(jp_fetch, "restart", "POST", '{"when": "idle"}')
    assert (state["restart"]["phase"], state["restart"]["when"]) == ("waiting", "idle")
    await eventually_async(lambda: app.state["restart"]["waiting_for"])
    assert app.state["restart"]["waiting_for"][0]["kind"] == "quiet"
    _, state = await call(jp_fetch, "restart", "DELETE")
    assert (state["restart"]["phase"], state["restart"]["waiting_for"]) == ("idle", [])


@pytest.fixture
def stopped_before_the_boot(machine):
    """Write a journal that ends with our stop; the machine has booted since."""
    folder = Path(machine["Journal"]["directory"])
    folder.mkdir(parents=True)
    then = to_text(utcnow() - timedelta(days=35))
    way = ("requested", "cleared", "saved", "armed", "accepted")
    lines = [json.dumps({"time": then, "event": event, "restart": "r-1", "findings": []}) for event in way]
    (folder / "journal.jsonl").write_text("\n".join(lines) + "\n")


async def test_a_return_is_a_risk_for_the_next_restart_and_in_nobodys_way(stopped_before_the_boot, jp_fetch, app):
    await eventually_async(lambda: app.state["outcome"])
    _, state = await call(jp_fetch, "state")
    (risk,) = [risk for risk in state["risks"] if risk["code"] == "restarted-recently"]
    assert risk["subject"] == state["outcome"]["returned"]


async def test_a_hold_is_seen_by_all_remembered_and_can_be_ended(jp_fetch, app):
    until = to_text(utcnow() + timedelta(hours=4))
    _, state = await call(jp_fetch, "hold", "PUT", json.dumps({"until": until, "reason": "training"}))
    assert (state["hold"]["until"], state["hold"]["reason"], state["hold"]["by"]) == (until, "training", "")
    _, state = await call(jp_fetch, "hold", "DELETE")
    assert state["hold"] is None
    assert [record["event"] for record in app.journal.records()] == ["held", "released"]


async def test_a_hold_of_somebody_without_a_login_has_the_name_that_was_given(jp_fetch, app):
    body = {"until": to_text(utcnow() + timedelta(hours=1)), "reason": "training"}
    _, state = await call(jp_fetch, "hold", "PUT", json.dumps(body))
    assert (state["hold"]["by"], state["hold"]["verified"]) == ("", False)
    _, state = await call(jp_fetch, "hold", "PUT", json.dumps({**body, "by": "Ana"}))
    assert (state["hold"]["by"], state["hold"]["verified"], state["given_name"]) == ("Ana", False, "Ana")
    _, state = await call(jp_fetch, "restart", "POST", json.dumps({"when": "idle"}))
    assert state["restart"]["by"] == "Ana"
    await call(jp_fetch, "restart", "DELETE")
    assert (await refused(jp_fetch, "hold", "PUT", json.dumps({**body, "by": 7})))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "{}",
        '{"until": 7}',
        '{"until": "soon"}',
        '{"until": "2020-01-01T00:00:00Z"}',
        '{"until": "2099-01-01T00:00:00Z"}',
    ],
)
async def test_a_hold_without_an_end_that_is_allowed_says_what_is_wrong(jp_fetch, app, body):
    code, answer = await refused(jp_fetch, "hold", "PUT", body)
    assert (code, answer["code"], answer["message"] != "") == (400, "malformed", True)
    assert app.state["hold"] is None


async def test_remind_me_later_is_remembered_on_the_volume(jp_fetch, app):
    _, state = await call(jp_fetch, "deferral", "PUT", "{}")
    assert state["advice"]["deferral"]["count"] == 1
    assert [record["event"] for record in app.journal.records()] == ["deferred"]


async def test_a_full_volume_is_no_reason_to_nag(jp_fetch, app, tmp_path):
    (tmp_path / "file").write_text("")
    app.journal.directory = str(tmp_path / "file" / "below")
    code, state = await call(jp_fetch, "deferral", "PUT", "{}")
    assert (code, state["advice"]["deferral"]["count"]) == (200, 1)


async def test_an_overdue_restart_cannot_be_put_off(jp_fetch, app):
    app.advice_parts.adviser.interval_days = 20.0
    code, answer = await refused(jp_fetch, "deferral", "PUT", "{}")
    assert (code, answer["code"]) == (409, "overdue")


async def test_packages_are_put_back_by_themselves_only_where_an_administrator_allows_it(jp_fetch, app):
    for verb in ("PATCH", "PUT"):
        code, answer = await refused(jp_fetch, "packages", verb, '{"automatic": true}')
        assert (code, answer["code"]) == (409, "automatic-not-allowed")
    code, state = await call(jp_fetch, "packages", "PATCH", '{"automatic": false}')
    assert (code, state["packages"]["automatic"]) == (200, None)


async def test_whether_packages_are_put_back_by_themselves_can_be_said_without_beginning(jp_fetch, app):
    app.packages.allow_automatic = True
    for automatic in (True, False):
        code, state = await call(jp_fetch, "packages", "PATCH", json.dumps({"automatic": automatic}))
        assert (code, state["packages"]["automatic"], state["packages"]["phase"]) == (200, automatic, "none")


@pytest.mark.parametrize("body", ["{}", '{"automatic": 1}', "[]", "nonsense"])
async def test_what_says_nothing_about_packages_is_malformed(jp_fetch, body):
    code, answer = await refused(jp_fetch, "packages", "PATCH", body)
    assert (code, answer["code"]) == (400, "malformed")


async def test_a_second_reinstallation_is_not_told_that_a_restart_runs(jp_fetch, app, monkeypatch):
    async def is_running(*_, **__):
        return False

    monkeypatch.setattr(app.packages, "reinstall", is_running)
    code, answer = await refused(jp_fetch, "packages", "PUT")
    assert (code, answer["code"]) == (409, "reinstall-running")


async def test_an_error_of_our_own_is_no_code_that_a_page_could_take_for_an_answer(jp_fetch, app, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(app.packages, "cancel_or_dismiss", broken)
    code, answer = await refused(jp_fetch, "packages", "DELETE")
    assert (code, "code" in answer) == (500, False)


async def test_every_verb_of_every_route_asks_who_it_is():
    for _, handler in HANDLERS:
        for verb in ("get", "post", "put", "patch", "delete"):
            method = vars(handler).get(verb)
            assert method is None or hasattr(method, "__wrapped__"), f"{handler.__name__}.{verb} has no decorator"


async def test_the_journal_says_who_asked_by_which_limits_and_what_the_signals_were(jp_fetch, app):
    app.advice_parts.adviser.advised_days = 14.0
    await call(jp_fetch, "restart", "POST", json.dumps({"losses": ["kernel:1"]}))
    await settled(app, "refused")
    requested, _ = app.journal.records()
    assert {"advised_days": 14.0, "interval_days": 90.0, "notice_days": 7.0}.items() <= requested["policy"].items()
    assert requested["policy"]["origin"]["kind"] == "configured"
    assert requested["advice"]["signals"][0]["code"] == "age-over-advised"
    assert (requested["losses"], requested["version"]) == (["kernel:1"], jupyter_nb_updater.__version__)
    assert (requested["by"], requested["verified"]) == ("", False)


async def test_each_transition_is_an_event_for_the_administrators_log(jp_fetch, jp_serverapp, app):
    seen = []

    async def listen(logger, schema_id, data):
        seen.append((schema_id, data["event"], data["phase"]))

    jp_serverapp.event_logger.add_listener(schema_id=SCHEMA_ID, listener=listen)
    await call(jp_fetch, "restart", "POST", "{}")
    await settled(app, "refused")
    await jp_serverapp.event_logger.gather_listeners()
    assert [event for _, *event in seen] == [["requested", "preflight"], ["refused", "refused"]]


def test_the_event_log_knows_every_phase():
    schema = SCHEMA.read_text("utf-8")
    (listed,) = re.findall(r"enum: \[(.*)\]", schema)
    assert listed.split(", ") == list(get_args(Phase))


@pytest.mark.parametrize("body", ["{", "[]", '{"automatic": 1}'])
async def test_packages_are_put_back_only_by_a_request_that_makes_sense(jp_fetch, app, body):
    code, answer = await refused(jp_fetch, "packages", "PUT", body)
    assert (code, answer["code"]) == (400, "malformed")


async def test_packages_without_any_are_put_back_at_once(jp_fetch, app):
    app.packages.allow_automatic = True
    code, state = await call(jp_fetch, "packages", "PUT", '{"automatic": true}')
    assert (code, state["packages"]) == (202, {"phase": "none", "automatic": True, "environments": []})
    code, state = await call(jp_fetch, "packages", "PUT")
    assert (code, state["packages"]["automatic"]) == (202, True)
    code, state = await call(jp_fetch, "packages", "DELETE")
    assert (code, state["packages"]["phase"]) == (200, "none")
