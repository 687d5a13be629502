"""A real instance lists what a restart would end: a cell, a background job, a terminal; and nothing if nothing runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest
from tornado.ioloop import IOLoop
from tornado.websocket import websocket_connect

from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

Loss = dict[str, Any]


@pytest.fixture(scope="module")
def sandbox(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(
        wheel=wheel, traits={"StateMonitor": {"watched_seconds": 1.0}, "LossInventory": {"disk_interval_seconds": 1.0}}
    ) as sandbox:
        yield sandbox


class Page:
    """A page of the instance, with the XSRF cookie that Jupyter requires for changes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url, self._cookies = sandbox.url, CookieJar()
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies))
        self._opener.open(sandbox.lab_url, timeout=30).close()

    def call(self, route: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"X-XSRFToken": next(cookie.value or "" for cookie in self._cookies if cookie.name == "_xsrf")}
        data = None if body is None else json.dumps(body).encode()
        with self._opener.open(Request(self._url + route, data, headers), timeout=60) as answer:
            return json.loads(answer.read())

    def send(self, route: str, message: Any) -> None:
        """Send a message over a WebSocket that is closed after the first response."""

        async def talk() -> None:
            socket = await websocket_connect(f"ws{self._url.removeprefix('http')}{route}")
            await socket.write_message(json.dumps(message))
            await socket.read_message()
            socket.close()

        IOLoop(make_current=False).run_sync(talk, timeout=60)

    def execute(self, code: str) -> None:
        """Execute code in a kernel of a notebook."""
        body = {"path": "train.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.call("api/sessions", body)["kernel"]["id"]
        header = {"msg_id": "1", "msg_type": "execute_request", "session": "1", "username": "", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.send(f"api/kernels/{kernel}/channels", message)

    def type_in_terminal(self, line: str) -> str:
        """Type a line into a new terminal, and return its name."""
        name = str(self.call("api/terminals", {})["name"])
        self.send(f"terminals/websocket/{name}", ["stdin", line + "\r"])
        return name

    def losses(self) -> list[Loss]:
        losses: list[Loss] = self.call("nb-updater/state")["work"]["losses"]
        return losses

    def told(self, name: str) -> Loss:
        """Return the loss with this name once it is listed as busy."""
        (loss,) = eventually(lambda: [loss for loss in self.losses() if loss["name"] == name and loss["busy"]], 60.0)
        return dict(loss)


@pytest.fixture
def page(sandbox: Sandbox) -> Page:
    return Page(sandbox)


def seconds(loss: Loss) -> float:
    """Return how long the loss has been busy, in seconds."""
    return (datetime.now(timezone.utc) - datetime.fromisoformat(loss["since"].replace("Z", "+00:00"))).total_seconds()


def test_an_instance_at_rest_loses_nothing(sandbox: Sandbox, page: Page) -> None:
    eventually((sandbox.volume / ".nb-updater" / "boot.json").exists, 60.0)  # what is newer than the first look is new
    new = sandbox.home / "first.csv"
    new.write_text("1\n")  # so that we know when all has been looked at
    eventually(page.losses, 60.0)
    assert [loss["id"] for loss in page.losses()] == ["files:~/first.csv"]
    new.unlink()
    eventually(lambda: page.losses() == [], 60.0)


def test_a_cell_a_background_job_and_a_terminal_are_each_told_by_name_and_duration(sandbox: Sandbox, page: Page) -> None:
    (sandbox.volume / "train.py").write_text("import time\ntime.sleep(9999)\n")
    page.execute("import time; time.sleep(3600)")
    in_background = page.type_in_terminal("nohup python train.py > /dev/null 2>&1 &")
    in_foreground = page.type_in_terminal("sleep 9999")

    cell, job, terminal = page.told("train.ipynb"), page.told("python train.py"), page.told(in_foreground)
    assert (cell["kind"], cell["detail"]) == ("kernel", "python3")
    assert (job["kind"], job["detail"]) == ("process", "background")
    assert (terminal["kind"], terminal["detail"]) == ("terminal", "sleep 9999")
    for loss in (cell, job, terminal):
        assert 0 <= seconds(loss) < 120
        assert loss["memory"] > 0
    assert {loss["id"] for loss in page.losses() if loss["kind"] in {"kernel", "terminal", "process"}} == {
        cell["id"], job["id"], terminal["id"], f"terminal:{in_background}",
    }  # fmt: skip
    assert {loss["id"]: loss["busy"] for loss in page.losses()}[f"terminal:{in_background}"] is False


def test_an_unconfirmed_restart_names_what_it_would_end(sandbox: Sandbox, page: Page) -> None:
    page.type_in_terminal("sleep 9997")
    eventually(lambda: "sleep 9997" in [loss["detail"] for loss in page.losses()], 60.0)
    told = sandbox.run("jupyter", "nb-updater", "restart")
    assert (told.returncode, sandbox.status) == (1, "InService")


def test_a_file_a_package_and_what_is_on_the_volume(sandbox: Sandbox, page: Page) -> None:
    (sandbox.home / "data").mkdir()
    (sandbox.home / "data" / "x.csv").write_text("1,2\n")
    (sandbox.root / "tmp" / "scratch.bin").write_bytes(b"x" * 100)
    (sandbox.volume / "kept.csv").write_text("kept\n")
    info = next(sandbox.machine.kernel.glob("lib/python3*/site-packages")) / "numpy-2.1.0.dist-info"
    info.mkdir()
    wanted = {"files:~/data", f"files:{sandbox.root}/tmp/scratch.bin", "packages:python3"}
    eventually(lambda: wanted <= {loss["id"] for loss in page.losses()}, 60.0)
    lying = {loss["id"]: (loss["detail"], loss["size"]) for loss in page.losses() if loss["kind"] in {"files", "packages"}}
    assert lying == {
        "files:~/data": ("1", 4),
        f"files:{sandbox.root}/tmp/scratch.bin": ("1", 100),
        "packages:python3": ("numpy 2.1.0", 1),
    }
