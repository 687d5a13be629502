"""The wheel, installed by the OnStart script into an environment that has only what the image has."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_nb_updater import __version__
from jupyter_nb_updater.sandbox import Sandbox

from .support import eventually


@pytest.fixture(scope="module")
def sandbox(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel) as sandbox:
        yield sandbox


def test_jupyter_server_says_that_the_extension_is_ok(sandbox: Sandbox) -> None:
    told = sandbox.run("jupyter", "server", "extension", "list")
    lines = (told.stdout + told.stderr).splitlines()
    assert any(f"jupyter_nb_updater {__version__}" in line and "OK" in line for line in lines), lines


def test_jupyterlab_says_that_the_labextension_is_ok(sandbox: Sandbox) -> None:
    told = sandbox.run("jupyter", "labextension", "list")
    lines = (told.stdout + told.stderr).splitlines()
    assert any(f"jupyter-nb-updater v{__version__}" in line and "OK" in line for line in lines), lines


def test_an_instance_that_aws_would_not_start_again_is_never_stopped(wheel: Path) -> None:
    with Sandbox(wheel=wheel, platform="notebook-al2-v3") as sandbox:
        told = sandbox.run("jupyter", "nb-updater", "restart", "--without-return")
        assert (told.returncode, "platform-not-restartable: notebook-al2-v3" in told.stdout) == (4, True)
        assert sandbox.status == "InService"


def test_it_brought_no_other_package_along(sandbox: Sandbox) -> None:
    script = "import importlib.metadata as m; print(len({d.name for d in m.distributions()}))"
    system = sandbox.home / "anaconda3" / "envs" / "JupyterSystemEnv" / "bin" / "python"
    with_us = int(sandbox.run(str(system), "-c", script).stdout)
    with Sandbox(extension=False) as bare:
        system = bare.home / "anaconda3" / "envs" / "JupyterSystemEnv" / "bin" / "python"
        assert int(bare.run(str(system), "-c", script).stdout) == with_us - 1


def test_the_command_line_sees_the_same_machine_as_the_server(sandbox: Sandbox) -> None:
    told = sandbox.run("jupyter", "nb-updater", "status")
    assert told.returncode == 1
    assert told.stdout.startswith("research-1 (eu-west-1): a restart is advised")
    assert "InService, notebook-al2023-v1" in told.stdout


def test_a_restart_asked_for_in_a_terminal_says_what_becomes_of_it(sandbox: Sandbox) -> None:
    sandbox.faults.add("StopNotebookInstance", code="ThrottlingException", message="Rate exceeded")
    refused = sandbox.run("jupyter", "nb-updater", "restart")
    assert (refused.returncode, "throttled: StopNotebookInstance Rate exceeded" in refused.stdout) == (4, True)
    sandbox.faults.clear()
    taken = sandbox.run("jupyter", "nb-updater", "restart")
    assert taken.returncode in {0, -signal.SIGTERM}, taken.stdout + taken.stderr  # the machine may take the command with it
    eventually(lambda: sandbox.status in {"Pending", "Stopped"})
    sandbox.wait_for("InService")
    assert sandbox.run("jupyter", "nb-updater", "status").returncode == 0
