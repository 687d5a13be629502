"""Whatever goes wrong with our script, the instance is InService and JupyterLab responds, with systemd as process 1.

Without root or systemd, the same starts run with plain processes in the sandbox.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

import pytest

from jupyter_nb_updater.lifecycle.render import Script, block, render
from tests.sandbox.on_start import WHEEL
from tests.sandbox.support import make_wheel

from .instance import ENVIRONMENT, HOME, UNIT, Instance
from .plain import PlainInstance

VOLUME = f"{HOME}/SageMaker"
ADDED_SECONDS = 2.0
BUSY_SECONDS = 6.0
"""Additional time in seconds for two busy cores."""

CRASHES = """
import os
def _jupyter_server_extension_points():
    return [{"module": "jupyter_nb_updater"}]
def _load_jupyter_server_extension(server):
    os._exit(1)
"""


def script(wheel: str = f"{VOLUME}/{WHEEL}", sha256: str = "", **more: int) -> Script:
    return Script(wheel, sha256, **more)


def started(instance: Instance, text: str, megabytes: int = 2048) -> dict[str, object]:
    """Start with this script, check that JupyterLab responds, and return the outcome with figures."""
    (instance.notes / "on-start.json").unlink(missing_ok=True)
    began = time.monotonic()
    instance.start(text, megabytes)
    up = time.monotonic() - began
    assert instance.in_service
    took = instance.script_seconds
    outcome = instance.outcome()
    instance.wait_for(instance.answers, "JupyterLab, after the work")
    assert instance.in_service
    print(f"script {took:.2f} s, JupyterLab after {up:.1f} s, {outcome['outcome']} after {outcome['work_seconds']} s")  # noqa: T201  figures
    assert took < ADDED_SECONDS + BUSY_SECONDS
    return outcome


def refused(instance: Instance, text: str, why: str, megabytes: int = 2048) -> None:
    outcome = started(instance, text, megabytes)
    assert outcome["outcome"] == "not-installed"
    assert why in str(outcome["detail"])
    assert not installed(instance)


def installed(instance: Instance) -> bool:
    return bool(instance.run(f"{ENVIRONMENT}/bin/python", "-c", "import jupyter_nb_updater; print(1)"))


@pytest.fixture
def volume(instance: Instance, bare_wheel: Path) -> Path:
    """Return the volume with the wheel on it, without traces of the test before."""
    shutil.rmtree(instance.notes, ignore_errors=True)
    shutil.copy(bare_wheel, instance.volume / WHEEL)
    return instance.volume


def test_a_cold_boot_and_a_second_one_bring_the_extension(instance: Instance, volume: Path, wheel: Path) -> None:
    shutil.copy(wheel, volume)
    text = render(script(f"{VOLUME}/{wheel.name}", hashlib.sha256(wheel.read_bytes()).hexdigest()))
    for _ in range(2):
        assert started(instance, text)["outcome"] == "installed"
        assert instance.serves_the_extension()


def test_a_missing_wheel(instance: Instance, volume: Path) -> None:
    (volume / WHEEL).unlink()
    refused(instance, render(script()), "No such file")


def test_a_corrupt_wheel(instance: Instance, volume: Path) -> None:
    (volume / WHEEL).write_bytes(b"PK\x03\x04 half a download")
    refused(instance, render(script()), "not a zip file")


def test_a_wrong_hash(instance: Instance, volume: Path) -> None:
    refused(instance, render(script(sha256="0" * 64)), "has another SHA-256")


def test_an_s3_that_cannot_be_reached(instance: Instance, volume: Path) -> None:
    refused(instance, instance.unreachable + render(script(f"s3://bucket/{WHEEL}")), "Could not connect")


def test_no_space_on_the_root_volume(instance: Instance, volume: Path) -> None:
    (volume / WHEEL).unlink()
    make_wheel(volume, "__version__ = '0'\n" + "".join(f"# {number}\n" for number in range(100_000)))
    refused(instance, instance.full + block(script()), instance.why_full, megabytes=64)


def test_a_pip_that_hangs(instance: Instance, volume: Path) -> None:
    main = "__main__.py; echo 'import time; time.sleep(99)' > __main__.py; cd /\n"
    hang = f"cd {ENVIRONMENT}/lib/python3*/site-packages/pip; rm {main}"
    refused(instance, hang + block(script(step_seconds=20)), "pip")


def test_an_environment_that_is_late(instance: Instance, volume: Path) -> None:
    late = f"mv {ENVIRONMENT}/bin/python {ENVIRONMENT}/bin/late\n"
    back = f"sleep 60; mv {ENVIRONMENT}/bin/late {ENVIRONMENT}/bin/python"
    late += f"systemd-run --quiet --scope sh -c '{back}' >/dev/null 2>&1 & sleep 1\n"
    outcome = started(instance, late + block(script()))
    assert outcome["outcome"] == "installed"
    assert int(str(outcome["work_seconds"])) >= 59


def test_site_packages_that_cannot_be_written(instance: Instance, volume: Path) -> None:
    refused(instance, instance.read_only + block(script()), instance.why_read_only)


def test_a_jupyter_that_crashes_with_the_extension_on(instance: Instance, volume: Path) -> None:
    make_wheel(volume, CRASHES, enabled=True)
    outcome = started(instance, render(script()))
    assert outcome["outcome"] == "rolled-back"
    assert not installed(instance)
    again = started(instance, render(script()))
    assert again["outcome"] == "rolled-back"
    assert "last time" in str(again["detail"])


@pytest.mark.parametrize("kind", ["healthy", "crashing"])
def test_a_unit_of_another_name(instance: Instance, volume: Path, kind: str) -> None:
    if isinstance(instance, PlainInstance):
        pytest.skip("the sandbox has a test of its own, in tests/sandbox/test_supervisor.py")
    if kind == "crashing":
        make_wheel(volume, CRASHES, enabled=True)
    instance.set_unit("notebook.service")
    try:
        outcome = started(instance, render(script()))
        assert outcome["outcome"] == ("installed" if kind == "healthy" else "rolled-back")
        assert installed(instance) == (kind == "healthy")
        assert instance.show("notebook.service", "ActiveState") == "active"
    finally:
        instance.set_unit(UNIT)
