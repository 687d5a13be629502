"""The same session after a restart: layout, settings, terminals in their folders, and the files that a user chose."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

from .test_losses import Page

DOCUMENTS = [f"{name}.ipynb" for name in "abcdef"]
DATA = {
    "layout-restorer:data": {
        "main": {
            "dock": {
                "type": "split-area",
                "orientation": "horizontal",
                "sizes": [0.5, 0.5],
                "children": [
                    {
                        "type": "tab-area",
                        "currentIndex": 0,
                        "widgets": [*(f"notebook:{path}" for path in DOCUMENTS), "terminal:1"],
                    },
                    {"type": "tab-area", "currentIndex": 0, "widgets": ["terminal:2"]},
                ],
            }
        }
    },
    **{f"notebook:{path}": {"data": {"path": path, "factory": "Notebook"}} for path in DOCUMENTS},
    "terminal:1": {"data": {"name": "1"}},
    "terminal:2": {"data": {"name": "2"}},
}
WORKSPACE = json.dumps({"data": DATA, "metadata": {"id": "default"}})
LAYOUT = ".jupyter/lab/workspaces/default-37a8.jupyterlab-workspace"
THEME = ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
FILES = {
    LAYOUT: WORKSPACE,
    THEME: '{"theme": "JupyterLab Dark"}',
    ".jupyter/labconfig/page_config.json": '{"lockedExtensions": {}}',
    ".gitconfig": "[user]\n\tname = Ana\n",
    ".aws/config": "[default]\nregion = eu-west-1\naws_secret_access_key = SECRET\n",
}
"""Files in the home folder."""


@pytest.fixture
def sandbox(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel) as sandbox:
        yield sandbox


class Session:
    """The session of a user."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def write_files(self) -> None:
        for name, text in FILES.items():
            path = self.sandbox.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.sandbox.home / ".gitconfig").chmod(0o600)

    def lay_out(self) -> None:
        self.write_files()
        for folder in (self.sandbox.volume / "data", self.sandbox.home / "scratch"):
            folder.mkdir()
        page = Page(self.sandbox)
        lines = (f"cd {self.sandbox.volume}/data; touch ready", f"cd {self.sandbox.home}/scratch; touch ready")
        assert [page.type_in_terminal(line) for line in lines] == ["1", "2"]
        eventually((self.sandbox.volume / "data/ready").exists)
        eventually((self.sandbox.home / "scratch/ready").exists)

    def tell(self) -> dict[str, Any]:
        """Return the output of the command line once the server responds."""
        (told,) = eventually(lambda: [run for run in [self.command("--json")] if run[0] == 0], 60)
        content: dict[str, Any] = json.loads(told[1])
        return content

    def command(self, *options: str) -> tuple[int, str]:
        told = self.sandbox.run("jupyter", "nb-updater", "restore", *options)
        return told.returncode, told.stdout + told.stderr

    def terminals(self) -> dict[str, Path]:
        """Return the folder of each terminal's shell, from the shell itself."""
        page = Page(self.sandbox)
        found = {}
        for terminal in page.call("api/terminals"):
            answer = self.sandbox.volume / f"where-{terminal['name']}"
            page.send(f"terminals/websocket/{terminal['name']}", ["stdin", f"pwd > {answer}.new; mv {answer}.new {answer}\r"])
            eventually(answer.exists)
            found[str(terminal["name"])] = Path(answer.read_text().strip())
            answer.unlink()
        return found


@pytest.fixture
def session(sandbox: Sandbox) -> Session:
    made = Session(sandbox)
    made.lay_out()
    return made


def restart(sandbox: Sandbox) -> None:
    sandbox.run("jupyter", "nb-updater", "restart", "--accept-losses", timeout=120)  # it may end with its machine


def stop_by_hand(sandbox: Sandbox) -> None:
    sagemaker = sandbox.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)


@pytest.mark.parametrize("way", [restart, stop_by_hand])
def test_after_a_restart_and_after_a_stop_by_hand_everything_is_back(
    sandbox: Sandbox, session: Session, way: Callable[[Sandbox], None]
) -> None:
    assert session.command("--keep", "git", "--keep", "aws")[0] == 0
    way(sandbox)
    eventually(lambda: not (sandbox.home / "scratch").exists() and sandbox.status == "InService", 120)
    told = session.tell()

    assert (sandbox.home / LAYOUT).read_text() == WORKSPACE
    assert json.loads((sandbox.home / THEME).read_text()) == {"theme": "JupyterLab Dark"}
    assert (sandbox.home / ".gitconfig").read_text() == FILES[".gitconfig"]
    assert (sandbox.home / ".gitconfig").stat().st_mode & 0o777 == 0o600
    assert (sandbox.home / ".aws/config").read_text() == "[default]\nregion = eu-west-1\n"
    assert session.terminals() == {"1": sandbox.volume / "data", "2": sandbox.home}

    assert told["enabled"] == ["git", "aws"]
    back = {(thing["kind"], thing["name"]): thing["count"] for thing in told["restored"]}
    assert back.pop(("workspaces", "workspaces")) == 6
    assert back.pop(("settings", "user-settings")) >= 1
    assert back == {("settings", "labconfig"): 1, ("files", "git"): 1, ("files", "aws"): 1, ("terminal", "1"): 1}
    assert {(gone["kind"], gone["name"], gone["code"]) for gone in told["not_restored"]} == {
        ("terminal", "2", "folder-gone"),
        ("files", "aws", "secret"),
    }
    volume = b"".join(path.read_bytes() for path in (sandbox.volume / ".nb-updater").rglob("*") if path.is_file())
    assert b"SECRET" not in volume
    records = [json.loads(line) for line in (sandbox.volume / ".nb-updater/journal.jsonl").read_text().splitlines()]
    (laid,) = [record for record in records if record["event"] == "session-restored"]
    assert laid["restored"]["workspaces"] == 6
    assert {"kind": "terminal", "code": "folder-gone", "count": 1} in laid["not_restored"]
    code, words = session.command()
    assert code == 0
    assert "layout: 6 open documents" in words
    assert "terminal 2 (~/scratch): the folder does not exist" in words


def test_what_is_switched_off_again_is_gone_from_the_volume_and_does_not_come_back(sandbox: Sandbox, session: Session) -> None:
    assert session.command("--keep", "git")[0] == 0
    assert (sandbox.volume / ".nb-updater/files/git/.gitconfig").exists()
    assert session.command("--forget", "git")[0] == 0
    assert not (sandbox.volume / ".nb-updater/files/git").exists()
    assert session.tell()["enabled"] == []


def test_the_command_says_what_is_not_offered(sandbox: Sandbox) -> None:
    session = Session(sandbox)
    session.tell()
    code, words = session.command("--keep", "ssh")
    assert (code, "Unknown group ssh" in words) == (2, True)
    assert session.command("--keep", "git", "--forget", "git")[0] == 2


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    """Replace a file or folder by something else, and keep the original beside it."""
    path.rename(path.with_name(f"{path.name}.{time.time_ns()}"))
    make(path)


HOSTILE = {"format": 1, "terminals": [{"name": "../../x", "folder": "/etc/../root"}] * 1000, "files": ["../.."]}
BROKEN: dict[str, Callable[[Path], object]] = {
    "hostile": lambda store: (store / "restore.json").write_text(json.dumps(HOSTILE)),
    "a broken layout": lambda store: next((store / "layout/workspaces").glob("*")).write_text("[" * 100_000),
    "a link": lambda store: _replace(store / "layout", lambda path: path.symlink_to(store.parent)),
    "a folder": lambda store: _replace(store / "restore.json", Path.mkdir),
}
"""In this order: each leaves a session that the next one can break. The unit tests have more ways."""


def test_a_broken_session_keeps_nothing_from_starting(sandbox: Sandbox) -> None:
    session, sagemaker = Session(sandbox), sandbox.aws.client("sagemaker")
    session.tell()
    for how, spoil in BROKEN.items():
        session.write_files()
        (sandbox.volume / "precious.jupyterlab-workspace").write_text(how)
        sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
        sandbox.wait_for("Stopped")
        spoil(sandbox.volume / ".nb-updater")
        sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
        sandbox.wait_for("InService", 120)
        session.tell()
        workspace = Page(sandbox).call("lab/api/workspaces/default")
        assert workspace["metadata"]["id"].strip("/") == "default", how
        assert (sandbox.volume / "precious.jupyterlab-workspace").read_text() == how
