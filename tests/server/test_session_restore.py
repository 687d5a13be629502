"""The session across two servers, as across two boots, with real terminals in real folders."""

import json
from pathlib import Path

import pytest

from tests.wait import eventually_async

from .test_routes import call, refused

# jupyter_server_terminals' own socket has its authentication in its code, and not in a decorator
pytestmark = pytest.mark.filterwarnings("ignore:Extension endpoints without")


@pytest.fixture
def kept(tmp_path):
    """Write what the previous boot saved on the volume: two terminals, one of them in a deleted folder, and a file."""
    store = tmp_path / "SageMaker/.nb-updater"
    (tmp_path / "SageMaker/data").mkdir(parents=True)
    git = store / "files/git/.gitconfig"
    git.parent.mkdir(parents=True)
    git.write_text("[user]\n\tname = Ana\n")
    git.chmod(0o600)
    gone = tmp_path / "home/scratch/deep"
    terminals = [{"name": "1", "folder": str(tmp_path / "SageMaker/data")}, {"name": "seven", "folder": str(gone)}]
    content = {"format": 1, "boot_id": "the one before", "files": ["git"], "terminals": terminals}
    (store / "restore.json").write_text(json.dumps(content))
    return store


@pytest.fixture
def jp_server_config(jp_server_config, home):
    return jp_server_config


@pytest.fixture
def terminals(jp_serverapp, jp_asyncio_loop):
    manager = jp_serverapp.web_app.settings["terminal_manager"]
    yield manager.terminals
    jp_asyncio_loop.run_until_complete(manager.terminate_all())


def folder(terminal):
    return Path(f"/proc/{terminal.ptyproc.pid}/cwd").readlink()


async def test_terminals_are_open_again_in_their_folders_before_the_first_page(kept, app, terminals, home, tmp_path, jp_fetch):
    assert {name: folder(terminal) for name, terminal in terminals.items()} == {
        "1": tmp_path / "SageMaker/data",
        "seven": home,
    }
    assert (home / ".gitconfig").read_text() == "[user]\n\tname = Ana\n"
    _, state = await call(jp_fetch, "state")
    assert state["restore"]["restored"] == [
        {"kind": "files", "name": "git", "detail": "~/.gitconfig", "count": 1},
        {"kind": "terminal", "name": "1", "detail": str(tmp_path / "SageMaker/data"), "count": 1},
    ]
    assert state["restore"]["not_restored"] == [
        {"kind": "terminal", "name": "seven", "code": "folder-gone", "detail": "~/scratch/deep"}
    ]
    told = json.loads((await jp_fetch("api", "terminals")).body)
    assert sorted(terminal["name"] for terminal in told) == ["1", "seven"]  # as JupyterLab asks before it makes one


async def test_a_terminal_that_is_open_again_works(kept, app, terminals, tmp_path):
    terminals["1"].ptyproc.write("pwd > told; cd ..\n")
    await eventually_async(
        lambda: (tmp_path / "SageMaker/data/told").exists() and folder(terminals["1"]) == tmp_path / "SageMaker"
    )
    assert (tmp_path / "SageMaker/data/told").read_text().strip() == str(tmp_path / "SageMaker/data")


async def test_where_a_shell_has_gone_is_kept_and_one_that_has_ended_is_not(kept, app, terminals, tmp_path):
    terminals["1"].ptyproc.write("cd ..\n")
    terminals["seven"].ptyproc.write("exit\n")
    await eventually_async(lambda: "seven" not in terminals and folder(terminals["1"]) == tmp_path / "SageMaker")
    await app.session_restore.refresh()
    content = json.loads((kept / "restore.json").read_text())
    assert content["terminals"] == [{"name": "1", "folder": str(tmp_path / "SageMaker")}]
    assert content["boot_id"] != "the one before"


async def test_at_the_end_of_the_server_terminals_and_the_history_of_their_shells_are_kept(
    kept, app, terminals, home, jp_serverapp, jp_asyncio_loop, monkeypatch
):
    await app.session_restore.choose_files({"files": ["history"]}, "ana")
    manager = jp_serverapp.web_app.settings["terminal_manager"]
    manager.create(name="bash", shell_command=["bash", "--norc", "-i"], cwd=str(home))
    terminals["bash"].ptyproc.write("set -o history; HISTFILE=~/.bash_history; echo kept > told\n")
    await eventually_async((home / "told").exists)
    await jp_serverapp.extension_manager.stop_all_extensions()
    content = json.loads((kept / "restore.json").read_text())
    assert {"name": "bash", "folder": str(home)} in content["terminals"]
    assert "echo kept" in (kept / "files/history/.bash_history").read_text()


async def test_a_choice_is_made_and_taken_back(jp_fetch, app, home, tmp_path):
    (home / ".bash_history").write_text("ls\n")
    code, state = await call(jp_fetch, "restore", "PUT", json.dumps({"files": ["history", "git"]}))
    assert (code, state["restore"]["enabled"]) == (200, ["git", "history"])
    assert {choice["id"]: choice["exists"] for choice in state["restore"]["available"]}["history"] is True
    assert (tmp_path / "SageMaker/.nb-updater/files/history/.bash_history").read_text() == "ls\n"
    _, state = await call(jp_fetch, "restore", "PUT", json.dumps({"files": []}))
    assert state["restore"]["enabled"] == []
    assert not (tmp_path / "SageMaker/.nb-updater/files/history").exists()


async def test_what_is_kept_is_no_loss(jp_fetch, app, home):
    async def lost():
        app._losses._scanned_at = None  # look at the disk now
        return {loss["name"]: loss["detail"] for loss in await app._losses.list() if loss["kind"] == "files"}

    assert await lost() == {}
    (home / ".aws").mkdir()
    for name in (".gitconfig", ".aws/config", ".aws/credentials"):
        (home / name).write_text("[default]\n")
    assert await lost() == {"~/.gitconfig": "1", "~/.aws": "2"}
    await call(jp_fetch, "restore", "PUT", '{"files": ["git", "aws"]}')
    assert await lost() == {"~/.aws": "1"}


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"files": "git"}', '{"files": ["ssh"]}', '{"files": [{}]}'])
async def test_what_is_not_offered_is_refused(jp_fetch, app, body):
    code, answer = await refused(jp_fetch, "restore", "PUT", body)
    assert (code, answer["code"]) == (400, "malformed")
    assert app.journal.records() == []


async def test_a_choice_that_a_full_volume_does_not_take_is_not_said_to_be_made(jp_fetch, app, tmp_path):
    path = tmp_path / "SageMaker/.nb-updater/restore.json"
    await eventually_async(path.exists)
    path.unlink()
    path.mkdir()
    code, answer = await refused(jp_fetch, "restore", "PUT", '{"files": ["git"]}')
    assert (code, answer["code"], answer["detail"]) == (409, "not-saved", "not-written")
    assert app.state["restore"]["enabled"] == []
