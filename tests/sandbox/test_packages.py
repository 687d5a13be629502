"""Two packages that a user installs in a terminal are lost with the restart, and reinstalled by one command."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.packages import make_wheel
from tests.wait import eventually

QUICK = {"LossInventory": {"disk_interval_seconds": 0.5}, "Tabs": {"expected_seconds": 0.0}}


@pytest.fixture(scope="module")
def sandbox(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    index = tmp_path_factory.mktemp("index")
    make_wheel(index, "alpha", "1.0", needs=["beta"])
    make_wheel(index, "beta", "2.0")
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patched.delenv(name)
        patched.setenv("PIP_NO_INDEX", "1")
        patched.setenv("PIP_FIND_LINKS", str(index))
        patched.setenv("PIP_CONFIG_FILE", os.devnull)
        with Sandbox(wheel=wheel, traits=QUICK) as sandbox:
            yield sandbox


def told(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    """Return the JSON output of our command; empty while no server responds."""
    answer = sandbox.run("jupyter", "nb-updater", "packages", "--json", *words)
    return dict(json.loads(answer.stdout)) if answer.returncode == 0 else {}


def imports(sandbox: Sandbox, module: str) -> subprocess.CompletedProcess[str]:
    return sandbox.run(str(sandbox.machine.kernel / "bin" / "python"), "-c", f"import {module}; print({module}.__version__)")


def test_two_packages_come_back_after_a_restart(sandbox: Sandbox) -> None:
    folder = sandbox.volume / ".nb-updater"
    eventually((folder / "packages" / "baseline.json").exists, 60.0)
    assert told(sandbox)["packages"]["phase"] == "none"
    installed = sandbox.run(str(sandbox.machine.kernel / "bin" / "python"), "-m", "pip", "install", "alpha")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    (lost,) = eventually(lambda: told(sandbox)["losses"], 30.0)
    assert (lost["name"], lost["detail"]) == ("python3", "alpha 1.0, beta 2.0")

    before = (sandbox.machine.boot_id).read_text()
    sandbox.run("jupyter", "nb-updater", "restart", "--accept-losses")  # it may end with its machine
    eventually(lambda: sandbox.machine.boot_id.exists() and sandbox.machine.boot_id.read_text() != before, 120.0)
    sandbox.wait_for("InService", 120)
    available = eventually(lambda: (now := told(sandbox)) and now["packages"]["phase"] == "available" and now, 60.0)
    assert available["losses"] == []
    (environment,) = available["packages"]["environments"]
    assert {package["name"]: package["state"] for package in environment["packages"]} == {
        "alpha": "available",
        "beta": "available",
    }
    assert imports(sandbox, "alpha").returncode != 0

    answer = sandbox.run("jupyter", "nb-updater", "packages", "--reinstall")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "python3: alpha 1.0: reinstalled" in answer.stdout
    assert imports(sandbox, "alpha").stdout == "1.0\n"
    assert imports(sandbox, "beta").stdout == "2.0\n"
    eventually(lambda: told(sandbox)["losses"], 30.0)
    assert "alpha 1.0: reinstalled; beta 2.0: reinstalled" in sandbox.run("jupyter", "nb-updater", "journal").stdout
    listed = (folder / "packages" / "python3.txt").read_text()
    assert listed.endswith("alpha==1.0\nbeta==2.0\n")


def test_what_cannot_be_reinstalled_is_named_with_an_exit_code(sandbox: Sandbox) -> None:
    path = sandbox.volume / ".nb-updater" / "packages" / "python3.txt"
    path.write_text(path.read_text() + "nowhere==1.0\n")
    before = (sandbox.machine.boot_id).read_text()
    sagemaker = sandbox.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=sandbox.name)
    sandbox.wait_for("InService", 120)
    assert sandbox.machine.boot_id.read_text() != before
    eventually(lambda: (now := told(sandbox)) and now["packages"]["phase"] == "available", 60.0)
    answer = sandbox.run("jupyter", "nb-updater", "packages", "--reinstall")
    assert answer.returncode == 4
    assert "nowhere 1.0: not reinstalled: pip reported: No matching distribution found for nowhere==1.0" in answer.stdout
    assert "alpha 1.0: reinstalled" in answer.stdout
