"""The WebSocket, as used by a tab."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError

from tests.wait import eventually_async


async def message(socket):
    return json.loads(await asyncio.wait_for(socket.read_message(), 10))


async def test_a_tab_sees_the_state_first_thing(jp_ws_fetch):
    socket = await jp_ws_fetch("nb-updater", "channel")
    first = await message(socket)
    assert (first["type"], first["state"]["instance"] is None or first["state"]["instance"]["name"]) in {
        ("state", "research-1"),
        ("state", True),
    }
    socket.close()


async def test_what_a_tab_has_open_is_in_the_state_of_every_other(jp_ws_fetch, app):
    first, second = await jp_ws_fetch("nb-updater", "channel"), await jp_ws_fetch("nb-updater", "channel")
    hello = {"type": "hello", "tab": "1", "page": "lab", "documents": [{"path": "a.ipynb", "dirty": True}]}
    await first.write_message(json.dumps(hello))
    while (state := (await message(second))["state"])["work"]["documents"] == []:
        pass
    assert state["work"]["documents"] == [{"path": "a.ipynb", "dirty": True, "tabs": 1}]
    first.close()
    while (state := (await message(second))["state"])["work"]["documents"] != []:
        pass
    second.close()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"type": "fetch"}', '{"type": ["hello"]}', '{"no": "type"}'])
async def test_a_message_that_is_not_of_the_protocol_does_no_harm(jp_ws_fetch, text):
    socket = await jp_ws_fetch("nb-updater", "channel")
    await socket.write_message(text)
    await socket.write_message(json.dumps({"type": "hello", "documents": [{"path": "a", "dirty": False}]}))
    while (await message(socket))["state"]["work"]["documents"] == []:
        pass
    socket.close()


async def test_the_channel_needs_a_user(jp_ws_fetch):
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch("nb-updater", "channel", headers={"Authorization": "none"})
    assert caught.value.code == 403


async def say(jp_fetch, body, page="page-1"):
    headers = {"X-Nb-Updater": page, "Referer": "http://localhost/a%40b/lab"}
    response = await jp_fetch("nb-updater", "page", method="PUT", body=json.dumps(body), headers=headers)
    return response.code


HELLO = {"type": "hello", "tab": "page-1", "page": "lab", "documents": [{"path": "a.ipynb", "dirty": True}]}
SAVED = {"documents": [{"path": "a.ipynb", "outcome": "saved"}], "unsaved_widgets": []}


async def test_a_page_whose_websocket_is_refused_takes_part_by_requests(jp_fetch, app):
    assert await say(jp_fetch, HELLO) == 200
    round_ = asyncio.ensure_future(app.tabs.collect_reports("r-1", 10))
    response = await jp_fetch("nb-updater", "state", headers={"X-Nb-Updater": "page-1"})
    state = json.loads(response.body)
    assert (state["channel"]["polling"], state["work"]["documents"]) == (1, [{"path": "a.ipynb", "dirty": True, "tabs": 1}])
    assert await say(jp_fetch, {"type": "report", "restart": "r-1", **SAVED}) == 200
    (answer,) = await round_
    assert (answer.outcome, answer.documents[0]["outcome"]) == ("answered", "saved")


async def test_a_page_whose_websocket_is_cut_all_the_time_ends_the_round(jp_fetch, jp_ws_fetch, app):
    assert await say(jp_fetch, HELLO) == 200
    round_ = asyncio.ensure_future(app.tabs.collect_reports("r-1", 20))
    for turn in range(5):
        socket = await jp_ws_fetch("nb-updater", "channel")
        await socket.write_message(json.dumps(HELLO))
        await eventually_async(lambda: app.tabs.polling == [])
        assert not round_.done()
        if turn == 4:
            await socket.write_message(json.dumps({"type": "report", "restart": "r-1", **SAVED}))
        socket.close()
        await eventually_async(lambda: app.tabs.cuts > turn)  # noqa: B023  it is called in this turn only
    assert [answer.outcome for answer in await round_] == ["answered"]
    state = json.loads((await jp_fetch("nb-updater", "state")).body)
    assert state["channel"]["cuts"] >= 4


@pytest.mark.parametrize("body", [7, {}, {"type": "bye"}, {"type": ["hello"]}])
async def test_a_request_that_is_no_message_of_a_page_is_refused(jp_fetch, app, body):
    with pytest.raises(HTTPClientError) as caught:
        await say(jp_fetch, body)
    assert caught.value.code == 400


async def test_a_page_is_known_although_a_proxy_strips_our_header(jp_fetch, app):
    await say(jp_fetch, HELLO, page="1")
    assert [tab.id for tab in app.tabs.polling] == ["page-1"]


async def test_a_message_of_no_page_is_refused(jp_fetch, app):
    with pytest.raises(HTTPClientError) as caught:
        await say(jp_fetch, {**HELLO, "tab": ""}, page="1")
    assert (caught.value.code, app.tabs.polling) == (400, [])


async def test_a_refused_page_is_in_the_state(jp_fetch, jp_ws_fetch, jp_auth_header, app):
    with pytest.raises(HTTPClientError):
        await jp_ws_fetch("nb-updater", "channel", headers={**jp_auth_header, "Origin": "https://n.example"})
    channel = json.loads((await jp_fetch("nb-updater", "state")).body)["channel"]
    assert channel == {"refused": 1, "origin": "https://n.example", "cuts": 0, "polling": 0}


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_the_channel_is_for_our_own_pages(jp_ws_fetch, jp_auth_header, headers):
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch("nb-updater", "channel", headers={**jp_auth_header, **headers})
    assert caught.value.code == 403
