"""The WebSocket, as used by a tab."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError


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


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_the_channel_is_for_our_own_pages(jp_ws_fetch, jp_auth_header, headers):
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch("nb-updater", "channel", headers={**jp_auth_header, **headers})
    assert caught.value.code == 403
