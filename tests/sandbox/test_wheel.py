"""A wheel that is built from the installed package equals the original."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jupyter_nb_updater.sandbox import SandboxError
from jupyter_nb_updater.sandbox.machine.images import repack

DIST_INFO = "jupyter_nb_updater-0.0.1.dist-info"


@pytest.fixture
def installed(bare_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a wheel, and import from there first."""
    prefix = tmp_path / "prefix"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed"]
    subprocess.run([*pip, "--prefix", str(prefix), str(bare_wheel)], check=True, capture_output=True)
    (site,) = prefix.glob("lib/python*/site-packages")
    monkeypatch.syspath_prepend(str(site))
    return site


def test_the_wheel_holds_what_the_original_held(installed: Path, bare_wheel: Path, tmp_path: Path) -> None:
    again = repack(tmp_path)
    assert again.name == bare_wheel.name
    with zipfile.ZipFile(again) as made, zipfile.ZipFile(bare_wheel) as original:
        assert sorted(made.namelist()) == sorted(original.namelist())
        same = [name for name in original.namelist() if not name.endswith("RECORD")]
        assert [made.read(name) for name in same] == [original.read(name) for name in same]


def test_pip_installs_it(installed: Path, tmp_path: Path) -> None:
    again = repack(tmp_path)
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--ignore-installed"]
    subprocess.run([*pip, "--prefix", str(tmp_path / "other"), str(again)], check=True, capture_output=True)
    assert (tmp_path / "other/share/jupyter/labextensions/jupyter-nb-updater/install.json").exists()
    assert (tmp_path / "other/bin/nb-updater-test").exists()


def test_of_an_editable_install_no_wheel_can_be_made(installed: Path, tmp_path: Path) -> None:
    origin = {"url": "file:///somewhere", "dir_info": {"editable": True}}
    (installed / DIST_INFO / "direct_url.json").write_text(json.dumps(origin))
    with pytest.raises(SandboxError, match="--wheel"):
        repack(tmp_path)
