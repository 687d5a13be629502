"""The wheel, installed by the OnStart script into an environment with only the packages of the image."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_nb_updater import __version__
from jupyter_nb_updater.sandbox import Sandbox
from tests.wait import eventually

from .support import server_start

ALLOWED = {"PlatformTable": {"moves_amazon_linux_2": True}}


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
    with Sandbox(wheel=wheel, platform="notebook-al1-v1") as sandbox:
        told = sandbox.run("jupyter", "nb-updater", "restart", "--without-return")
        assert (told.returncode, "AWS no longer starts an instance of the platform notebook-al1-v1" in told.stdout) == (4, True)
        assert sandbox.status == "InService"


def test_a_move_to_another_platform_takes_a_word_on_the_command_line_too(wheel: Path) -> None:
    with Sandbox(wheel=wheel, platform="notebook-al2-v3", traits=ALLOWED) as sandbox:
        told = sandbox.run("jupyter", "nb-updater", "restart")
        assert (told.returncode, "migrates it to notebook-al2023-v1" in told.stdout) == (1, True), told.stdout
        sandbox.run("jupyter", "nb-updater", "restart", "--confirm", "notebook-al2023-v1")  # it may end with its machine
        sandbox.wait_for("Stopped")
        sandbox.wait_for("InService")
        instance = sandbox.aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=sandbox.name)
        assert instance["PlatformIdentifier"] == "notebook-al2023-v1"


def test_right_after_a_start_the_command_waits_until_aws_has_said_whether_the_instance_moves(wheel: Path) -> None:
    with Sandbox(wheel=wheel, platform="notebook-al2-v3", traits=ALLOWED) as sandbox:
        sandbox.faults.add("DescribeNotebookInstance", delay_seconds=3.0)
        before = server_start(sandbox)
        assert sandbox.run("systemctl", "--no-block", "restart", "jupyter-server.service").returncode == 0
        eventually(lambda: server_start(sandbox) not in {None, before})
        told = sandbox.run("jupyter", "nb-updater", "restart")
        assert (told.returncode, "migrates it to notebook-al2023-v1" in told.stdout) == (1, True), told.stdout


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
    assert told.stdout.startswith("Research-1 (eu-west-1): restart recommended")
    assert "InService, notebook-al2023-v1" in told.stdout


def test_an_instance_without_dnf_does_not_know_its_release_and_that_is_no_error(sandbox: Sandbox) -> None:
    told = json.loads(sandbox.run("jupyter", "nb-updater", "status", "--json").stdout)
    (signal,) = [signal for signal in told["signals"] if signal["name"] == "os_release"]
    assert (signal["state"], signal["code"], signal["evidence"]) == ("unknown", "os-no-dnf", {})


def fleet_status(sandbox: Sandbox, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an administrator, outside the instance."""
    credentials = {"AWS_ENDPOINT_URL": sandbox.api_url, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"}
    command = [sys.executable, "-m", "jupyter_nb_updater.cli.app", "fleet", "status", *options]
    environment = {**os.environ, **credentials, "AWS_REGION": sandbox.aws.region}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_an_administrator_sees_which_instances_are_behind(sandbox: Sandbox) -> None:
    eventually(lambda: "nb-updater:state" in sandbox.tags())
    role = "arn:aws:iam::123456789012:role/notebook"
    sandbox.aws.client("sagemaker").create_notebook_instance(
        NotebookInstanceName="without-us", InstanceType="ml.t3.medium", RoleArn=role
    )
    told = fleet_status(sandbox, "--json")
    assert told.returncode == 1, told.stderr
    assert [(entry["name"], entry["level"]) for entry in json.loads(told.stdout)] == [
        ("Research-1", "advised"),
        ("without-us", "unknown"),
    ]
    assert "Research-1  InService   restart recommended    deadline " in fleet_status(sandbox).stdout


def test_an_administrator_who_may_not_list_is_told_which_permission_is_missing(sandbox: Sandbox) -> None:
    sandbox.faults.add("ListNotebookInstances", code="AccessDeniedException", message="no")
    told = fleet_status(sandbox)
    sandbox.faults.clear()
    assert (told.returncode, "AWS denied sagemaker:ListNotebookInstances" in told.stderr) == (4, True)


def test_a_restart_asked_for_in_a_terminal_says_what_becomes_of_it(sandbox: Sandbox) -> None:
    sandbox.faults.add("StopNotebookInstance", code="ThrottlingException", message="Rate exceeded")
    refused = sandbox.run("jupyter", "nb-updater", "restart")
    assert (refused.returncode, "AWS throttled StopNotebookInstance" in refused.stdout) == (4, True)
    sandbox.faults.clear()
    taken = sandbox.run("jupyter", "nb-updater", "restart")
    assert taken.returncode in {0, -signal.SIGTERM}, taken.stdout + taken.stderr  # the machine may take the command with it
    eventually(lambda: sandbox.status in {"Pending", "Stopped"})
    sandbox.wait_for("InService")
    assert sandbox.run("jupyter", "nb-updater", "status").returncode == 0
