"""Losses of a real server with real kernels and terminals, and of processes that they started."""

import asyncio
import json
from contextlib import suppress
from datetime import datetime, timezone

import psutil
import pytest

from jupyter_nb_updater.util import subprocess as subprocesses

# jupyter_server_terminals' own socket has its authentication in its code, and not in a decorator
pytestmark = pytest.mark.filterwarnings("ignore:Extension endpoints without")


@pytest.fixture
def losses(app):
    """Return a function that waits until the losses of a kind meet a condition."""

    async def settled(kind, wanted=lambda found: True, timeout=20):
        async def look():
            while True:
                found = [loss for loss in await app._losses.list() if loss["kind"] == kind]
                if wanted(found):
                    return found
                await asyncio.sleep(0.05)

        return await asyncio.wait_for(look(), timeout)

    return settled


@pytest.fixture
def kernel(jp_serverapp, app, jp_asyncio_loop):
    """Start a kernel for a notebook, and a client that executes code."""
    manager, sessions = jp_serverapp.kernel_manager, jp_serverapp.session_manager
    started = sessions.create_session(path="train.ipynb", type="notebook", kernel_name="python3")
    kernel_id = jp_asyncio_loop.run_until_complete(started)["kernel"]["id"]
    client = manager.get_kernel(kernel_id).client()
    client.start_channels()
    jp_asyncio_loop.run_until_complete(client.wait_for_ready(timeout=30))
    jp_asyncio_loop.run_until_complete(asyncio.wait_for(seen_idle(manager.get_kernel(kernel_id), client), 30))
    yield kernel_id, client
    client.stop_channels()
    jp_asyncio_loop.run_until_complete(manager.shutdown_all(now=True))


async def seen_idle(kernel, client):
    """Query a kernel until the server has seen a response, because it may subscribe only after the first ones."""
    while kernel.execution_state != "idle":
        client.kernel_info()
        await asyncio.sleep(0.1)


def age(loss):
    return (datetime.now(timezone.utc) - datetime.fromisoformat(loss["since"].replace("Z", "+00:00"))).total_seconds()


async def test_an_idle_kernel_is_told_with_its_memory_and_its_last_activity(kernel, losses):
    (loss,) = await losses("kernel", lambda found: found and not found[0]["busy"])
    assert (loss["id"], loss["name"], loss["detail"]) == (f"kernel:{kernel[0]}", "train.ipynb", "python3")
    assert age(loss) < 30
    assert 20e6 < loss["memory"] < 1e9


async def test_a_busy_kernel_is_busy_since_the_cell_began_and_not_since_it_last_printed(kernel, losses):
    _, client = kernel
    client.execute("import time\nfor step in range(600): print(step, flush=True); time.sleep(0.1)")
    printed = ""
    while "25" not in printed:
        message = await client.get_iopub_msg(timeout=20)
        printed += message["content"].get("text", "") if message["msg_type"] == "stream" else ""
    (loss,) = await losses("kernel")
    assert loss["busy"]
    assert age(loss) > 2


async def test_a_cell_that_ends_ends_being_busy(kernel, losses):
    _, client = kernel
    client.execute("import time; time.sleep(0.5)")
    await losses("kernel", lambda found: found[0]["busy"])
    await losses("kernel", lambda found: not found[0]["busy"])


async def test_the_workers_of_a_kernel_count_with_it(kernel, losses):
    _, client = kernel
    (before,) = await losses("kernel")
    client.execute(
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'x = \"a\" * 10**8; input()'], stdin=-1)"
    )
    await losses("kernel", lambda found: found[0]["memory"] > before["memory"] + 80e6)
    assert await losses("process") == []
    client.execute("p.kill()")


async def test_what_a_cell_has_set_apart_counts_by_itself_while_the_kernel_is_idle(kernel, losses):
    _, client = kernel
    client.execute("import subprocess; p = subprocess.Popen(['sleep', '9999'], start_new_session=True)")
    # between fork and exec it is still a copy of the kernel
    (loss,) = await losses("process", lambda found: [loss["name"] for loss in found] == ["sleep 9999"])
    assert (loss["detail"], loss["busy"]) == ("background", True)
    await losses("kernel", lambda found: not found[0]["busy"])
    client.execute("p.kill(); p.wait()")
    await losses("process", lambda found: not found)


async def test_a_command_that_a_cell_waits_for_counts_with_the_kernel(kernel, losses):
    _, client = kernel
    client.execute("!sleep 9998")
    pid = None
    while pid is None:
        await losses("kernel", lambda found: found[0]["busy"])
        pid = next((p.pid for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "9998"]), None)
    assert await losses("process") == []
    psutil.Process(pid).kill()


async def test_a_kernel_elsewhere_has_no_memory_that_we_know(kernel, losses, jp_serverapp):
    manager = jp_serverapp.kernel_manager.get_kernel(kernel[0])
    provisioner, manager.provisioner = manager.provisioner, None
    try:
        (loss,) = await losses("kernel")
        assert loss["memory"] is None
    finally:
        manager.provisioner = provisioner


@pytest.fixture
def terminal(jp_serverapp, app, jp_asyncio_loop):
    """Open a terminal; return its name and a function that types into it."""
    manager = jp_serverapp.web_app.settings["terminal_manager"]
    name = manager.create()["name"]
    yield name, lambda line: manager.terminals[name].ptyproc.write(line + "\n")
    for process in psutil.Process(manager.terminals[name].ptyproc.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            process.kill()  # nohup would outlive its terminal
    jp_asyncio_loop.run_until_complete(manager.terminate_all())


async def test_a_terminal_at_its_prompt_is_not_busy(terminal, losses):
    (loss,) = await losses("terminal", lambda found: not found[0]["busy"])
    assert (loss["id"], loss["name"], loss["detail"], loss["since"]) == (f"terminal:{terminal[0]}", terminal[0], "", None)
    assert loss["memory"] > 0


async def test_a_terminal_tells_what_runs_in_its_foreground_and_since_when(terminal, losses):
    _, type_in = terminal
    type_in("sleep 9999")
    # on its way into its program it has no command line yet
    (loss,) = await losses("terminal", lambda found: found[0]["detail"] == "sleep 9999")
    assert loss["busy"]
    assert 0 <= age(loss) < 20
    assert await losses("process") == []
    type_in("\x03")
    await losses("terminal", lambda found: not found[0]["busy"])


async def test_a_background_job_of_a_terminal_counts_by_itself(terminal, losses):
    _, type_in = terminal
    type_in("nohup sleep 9999 > /dev/null 2>&1 &")
    (loss,) = await losses("process", lambda found: [loss["name"] for loss in found] == ["sleep 9999"])
    assert (loss["detail"], loss["busy"]) == ("background", True)
    (shell,) = await losses("terminal")
    assert not shell["busy"]


async def test_a_shell_in_a_shell_is_a_prompt_and_what_it_has_in_the_background_counts(terminal, losses):
    _, type_in = terminal
    type_in("bash")
    type_in("sleep 9999 &")
    await losses("process", lambda found: [loss["name"] for loss in found] == ["sleep 9999"])
    (shell,) = await losses("terminal")
    assert not shell["busy"]


async def test_our_own_command_in_a_terminal_does_not_stand_in_its_own_way(terminal, losses, tmp_path):
    command = tmp_path / "jupyter-nb-updater"
    command.write_text("#!/bin/sh\ntouch $0.runs; read line\n")
    command.chmod(0o755)
    terminal[1](str(command))
    await losses("terminal", lambda found: (tmp_path / "jupyter-nb-updater.runs").exists())
    (loss,) = await losses("terminal")
    assert (loss["busy"], loss["detail"]) == (False, "")


async def test_a_server_at_rest_loses_nothing(losses):
    for kind in ("kernel", "terminal", "process", "files"):
        assert await losses(kind) == []


async def test_what_we_run_on_the_side_is_nobodys_work(losses):
    asked = asyncio.create_task(subprocesses.run_low_priority(["/bin/sleep", "9999"], 60))
    while not subprocesses.running():
        await asyncio.sleep(0.01)
    assert await losses("process") == []
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert subprocesses.running() == frozenset()


async def test_files_are_told_with_the_state(app, losses, tmp_path, jp_fetch):
    await losses("kernel")
    data = tmp_path / "home" / "data"
    data.mkdir(parents=True)
    (data / "x.csv").write_text("1,2\n")
    app._losses.disk_interval_seconds = 0.0
    (loss,) = await losses("files", bool)
    assert (loss["name"], loss["detail"], loss["size"]) == ("~/data", "1", 4)
    assert json.loads((tmp_path / "SageMaker/.nb-updater/boot.json").read_text())["first_seen"]
    await app.monitor.refresh_work()
    state = json.loads((await jp_fetch("nb-updater", "state")).body)
    assert loss in state["work"]["losses"]
