"""Behind the proxy of a notebook instance, which replaces ``Host`` and keeps ``Origin``."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError

NAME = "research-1-x1y2.notebook.eu-west-1.sagemaker.aws"
PUBLIC = f"https://{NAME}"
NOTEBOOK_URI = r"https:\/\/(research-1-x1y2|Research-1).notebook.eu-west-1.sagemaker.aws"
# Jupyter warns where its pattern matches only the begin of an origin, as that of older versions did.
pytestmark = pytest.mark.filterwarnings("ignore:allow_origin_pat:UserWarning")

FOREIGN = [
    "https://evil.example",
    f"{PUBLIC}.evil.example",
    f"http://{NAME}",
    "https://other.notebook.eu-west-1.sagemaker.aws",
    "null",
]


@pytest.fixture(params=[{"allow_origin_pat": NOTEBOOK_URI}, {"allow_origin": "*"}], ids=["pattern", "any"])
def server_options(request):
    """Return how the start script of the image allows the public name: on newer images, and on older ones."""
    return request.param


@pytest.fixture
def machine(machine, tmp_path, server_options):
    config = tmp_path / "sagemaker-notebook-instance-config.json"
    config.write_text(json.dumps({"notebook_uri": NOTEBOOK_URI}))
    return {**machine, "TrustedOrigins": {"config_path": str(config)}}


@pytest.fixture
def jp_server_config(jp_server_config, server_options):
    listening = {"allow_remote_access": True}  # as Jupyter sets it when it listens on 0.0.0.0
    return {**jp_server_config, "ServerApp": {**jp_server_config["ServerApp"], **listening, **server_options}}


async def opened(jp_ws_fetch, jp_auth_header, origin, *path):
    headers = {**jp_auth_header, "Host": "172.16.0.9:8443", "Origin": origin}
    socket = await jp_ws_fetch(*path, headers=headers)
    first = await asyncio.wait_for(socket.read_message(), 10) if "channel" in path else None
    socket.close()
    return first


async def test_a_page_without_fetch_metadata_connects_where_the_sockets_of_jupyter_do(jp_ws_fetch, jp_auth_header, app):
    await opened(jp_ws_fetch, jp_auth_header, PUBLIC, "api", "events", "subscribe")
    first = await opened(jp_ws_fetch, jp_auth_header, PUBLIC, "nb-updater", "channel")
    assert json.loads(first)["type"] == "state"


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_does_not_connect_even_where_jupyter_allows_every_origin(jp_ws_fetch, jp_auth_header, app, origin):
    with pytest.raises(HTTPClientError) as caught:
        await opened(jp_ws_fetch, jp_auth_header, origin, "nb-updater", "channel")
    assert (caught.value.code, app.origins.refusals, app.origins.last_refused) == (403, 1, origin)


async def change(jp_fetch, origin):
    headers = {"X-Nb-Updater": "1", "Host": "172.16.0.9:8443", "Origin": origin}
    response = await jp_fetch("nb-updater", "restart", method="DELETE", headers=headers)
    return response.code


async def test_a_page_without_fetch_metadata_may_change_the_state(jp_fetch, app):
    assert await change(jp_fetch, PUBLIC) == 200


async def test_a_page_may_change_the_state_although_a_proxy_strips_our_own_header(jp_fetch, app):
    headers = {"Host": "172.16.0.9:8443", "Origin": PUBLIC}
    assert (await jp_fetch("nb-updater", "restart", method="DELETE", headers=headers)).code == 200


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_may_not_change_the_state(jp_fetch, app, origin):
    with pytest.raises(HTTPClientError) as caught:
        await change(jp_fetch, origin)
    assert caught.value.code in {403, 404}  # 404 is Jupyter's own refusal


async def test_an_unknown_name_is_known_once_a_page_has_asked_for_the_state(jp_fetch, app):
    socket = {"Origin": "https://vpce.example", "Host": "172.16.0.9:8443"}
    page = {"X-Nb-Updater": "p", "Sec-Fetch-Site": "same-origin", "Referer": "https://vpce.example/lab"}
    with pytest.raises(HTTPClientError):
        await jp_fetch("nb-updater", "state", headers={**page, "Authorization": "none"})
    assert not app.origins.admits(socket, {})
    await jp_fetch("nb-updater", "state", headers=page)
    assert app.origins.admits(socket, {})
