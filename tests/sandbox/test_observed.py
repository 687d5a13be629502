"""An instance that differs from what is assumed of one: `doctor` names each difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_nb_updater.assumptions.observed import FILE_NAME
from jupyter_nb_updater.assumptions.registry import load_assumptions
from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.sandbox.options import FrontOptions, SandboxOptions
from tests.wait import eventually

ASSUMPTIONS = load_assumptions()

UNIT = "notebook"
EIGHT = {
    "jupyter-unit": "`notebook.service`",
    "systemd-runs": "no systemd",
    "cron-runs": "no cron",
    "metadata-file": "`UserProfileName`",
    "xsrf-check": "`disable_check_xsrf` is `True`",
    "os-release": "`Fedora Linux 42`",
    "volume-is-root": "/elsewhere`",
    "notebook-uri": "`csrf_check` is `disabled`",
}


def observed(sandbox: Sandbox) -> dict[str, Any]:
    """Wait until the server has looked at its machine, and return what it wrote."""
    path = sandbox.volume / ".nb-updater" / FILE_NAME
    eventually(path.exists, 30)
    return dict(json.loads(path.read_text("utf-8")))


def doctor(sandbox: Sandbox) -> tuple[int, dict[str, dict[str, Any]]]:
    done = sandbox.run("jupyter", "nb-updater", "doctor", "--json")
    checks = json.loads(done.stdout)["checks"]
    return done.returncode, {check["name"]: check for check in checks if check["name"] in {*ASSUMPTIONS, "observed"}}


@pytest.fixture(scope="module")
def odd(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    machine = tmp_path_factory.mktemp("odd")
    elsewhere = machine / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path_factory.mktemp("root")
    (machine / "proc").symlink_to(root / "proc")  # where systemd says of which unit a process is
    (machine / "release").write_text("Fedora Linux 42\n")
    (machine / "config.json").write_text(json.dumps({"notebook_uri": "https://research.*", "csrf_check": "disabled"}))
    name = SandboxOptions().name
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/{name.lower()}"
    metadata = {"ResourceArn": arn, "ResourceName": name, "UserProfileName": "hidden"}
    (machine / "metadata.json").write_text(json.dumps(metadata))
    traits = {
        "FactCollector": {"root_path": str(machine)},
        "TrustedOrigins": {"config_path": str(machine / "config.json")},
        "Software": {"release_path": str(machine / "release")},
        "ServerApp": {"disable_check_xsrf": True, "root_dir": str(elsewhere)},
        "InstanceMetadata": {"path": str(machine / "metadata.json")},
    }
    with Sandbox(wheel=wheel, root=root, front=FrontOptions(), unit=UNIT, traits=traits) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def usual(wheel: Path) -> Iterator[Sandbox]:
    with Sandbox(wheel=wheel, front=FrontOptions()) as sandbox:
        yield sandbox


def test_an_instance_that_differs_in_eight_ways_has_all_eight_named(usual: Sandbox, odd: Sandbox) -> None:
    observed(usual)
    observed(odd)
    _, as_usual = doctor(usual)
    code, found = doctor(odd)
    assert as_usual.keys() == {"observed", "port"}  # two instances on one computer cannot have the same port
    assert found.keys() == as_usual.keys() | EIGHT.keys()
    for name, text in EIGHT.items():
        assert text in found[name]["said"], name
        assert ASSUMPTIONS[name].statement in found[name]["said"]
        assert ASSUMPTIONS[name].meaning in found[name]["said"]
        assert found[name]["todo"] == ASSUMPTIONS[name].todo
    assert code == 0  # a restart works


def test_it_is_said_in_words_too(odd: Sandbox) -> None:
    observed(odd)
    text = " ".join(odd.run("jupyter", "nb-updater", "doctor").stdout.split())
    for name, found in EIGHT.items():
        assert ASSUMPTIONS[name].meaning in text
        assert found in text


def test_of_the_metadata_only_the_documented_values_are_on_the_volume(odd: Sandbox) -> None:
    observed(odd)
    assert "hidden" not in (odd.volume / ".nb-updater" / FILE_NAME).read_text("utf-8")


def test_after_a_restart_the_facts_are_those_of_the_new_image(usual: Sandbox) -> None:
    before = observed(usual)["facts"]
    (usual.volume / ".nb-updater" / FILE_NAME).write_text(json.dumps({"format": 1, "facts": {"boot": {"id": "other"}}}))
    assert doctor(usual)[1]["observed"]["verdict"] == "unknown"
    sagemaker = usual.aws.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName=usual.name)
    usual.wait_for("Stopped")
    sagemaker.start_notebook_instance(NotebookInstanceName=usual.name)
    usual.wait_for("InService")
    eventually(lambda: observed(usual)["facts"]["boot"]["id"] != "other", 30)
    after = observed(usual)["facts"]
    assert after["boot"]["id"] != before["boot"]["id"]
    assert after["image"]["release"] != before["image"]["release"]
