"""``observed.json``: what a real server writes about itself and about its first page."""

import json
import os
import threading
import time

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_nb_updater.assumptions.observed import FILE_NAME
from jupyter_nb_updater.assumptions.observer import THREAD_NAME
from tests.wait import eventually_async

PAGE = {"Sec-Fetch-Site": "same-origin", "X-Nb-Updater": "page-1", "Cookie": "session=hidden"}


@pytest.fixture
def machine(machine, tmp_path):
    root = tmp_path / "root"
    process = root / "proc" / str(os.getpid())
    process.mkdir(parents=True)
    (process / "cgroup").write_text("0::/system.slice/jupyter.service\n")
    return {**machine, "FactCollector": {"root_path": str(root)}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "SageMaker" / ".nb-updater" / FILE_NAME


async def written(path, is_enough=lambda _: True):
    await eventually_async(lambda: path.exists() and is_enough(json.loads(path.read_text())))
    return json.loads(path.read_text())


async def test_the_facts_are_written_after_the_start_without_a_secret(app, path, jp_serverapp):
    content = await written(path)
    facts = content["facts"]
    assert facts["process"]["unit"] == "jupyter.service"
    assert facts["server"]["port"] == jp_serverapp.port
    assert facts["server"]["has_token"]
    assert facts["versions"]["jupyter_server"]
    assert facts["machine"] == {"systemd": False, "cron": False}
    assert facts["image"]["name"] == "research-1"
    assert set(facts) == {"boot", "process", "server", "machine", "image", "notebook_config", "versions", "address", "kernels"}
    assert jp_serverapp.identity_provider.token not in path.read_text()
    assert len(path.read_bytes()) < 20_000


async def test_the_headers_of_the_first_page_are_recorded_without_a_secret(
    app, path, jp_fetch, jp_ws_fetch, jp_auth_header, jp_serverapp
):
    await jp_fetch("nb-updater", "state", headers={**PAGE, **jp_auth_header})
    socket = await jp_ws_fetch(
        "nb-updater", "channel", headers={**jp_auth_header, "Host": "127.0.0.1:8443", "Origin": "http://127.0.0.1:8443"}
    )
    socket.close()
    with pytest.raises(HTTPClientError):
        await jp_fetch("nb-updater", "restart", method="POST", body="?", headers={**PAGE, **jp_auth_header})
    requests = (await written(path, lambda content: len(content["requests"]) == 3))["requests"]
    assert {kind: (one["route"], one["status"]) for kind, one in requests.items()} == {
        "GET": ("nb-updater/state", 200),
        "WebSocket": ("nb-updater/channel", 101),
        "POST": ("nb-updater/restart", 400),
    }
    assert {"cookie", "authorization"} <= set(requests["GET"]["names"])
    assert requests["GET"]["values"]["sec-fetch-site"] == "same-origin"
    assert "hidden" not in path.read_text()
    assert jp_serverapp.identity_provider.token not in path.read_text()


async def test_a_program_is_no_page(app, path, jp_fetch):
    await written(path)
    await jp_fetch("nb-updater", "state", headers={"X-Nb-Updater": "1"})
    assert json.loads(path.read_text())["requests"] == {}


@pytest.fixture
def full_volume(path):
    """Make the file impossible to write: a folder has its name."""
    (path / "in the way").mkdir(parents=True)


async def test_a_file_that_cannot_be_written_changes_nothing_else(full_volume, app, jp_fetch):
    assert (await jp_fetch("nb-updater", "state")).code == 200


@pytest.fixture
def pipe_that_nobody_writes(machine, tmp_path):
    """Make a file of the machine block each reader, as a network file system may."""
    (tmp_path / "root" / "etc").mkdir()
    os.mkfifo(tmp_path / "root" / "etc" / "image-id")


async def test_a_file_that_blocks_delays_nothing_and_the_other_facts_are_written(pipe_that_nobody_writes, app, path, jp_fetch):
    began = time.monotonic()
    assert (await jp_fetch("nb-updater", "state")).code == 200
    assert time.monotonic() - began < 1.5
    facts = (await written(path))["facts"]
    assert "image" not in facts
    assert facts["process"]["unit"] == "jupyter.service"
    looking = [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]
    assert [thread.daemon for thread in looking] == [True]  # Jupyter ends without waiting for it
