"""The table and the properties detect five mutants of the computation of deadlines."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKED = "tests/unit/test_advice_table.py"
MUTANTS = {
    "the latest deadline counts": ("deadline.py", "return min((reason.deadline", "return max((reason.deadline"),
    "a service level runs from today": (
        "deadline.py",
        "begins + min(timedelta(days=level), MAX_SERVICE_LEVEL)",
        "now + min(timedelta(days=level), MAX_SERVICE_LEVEL)",
    ),
    "the grace is taken off": ("deadline.py", "first + grace)", "first - grace)"),
    "what replaces an advisory has its whole time": ("advise.py", "else min(deadline, kept)", "else deadline"),
    "remind me later reaches past the deadline": ("model.py", "else min(now + tier, deadline)", "else now + tier"),
}


FIRST, *OTHERS = MUTANTS
"""One change is tested always, all of them by `make soak`."""


def checked(tree):
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    plugins = ("cacheprovider", "xdist", "jupyter_nb_updater.pytest_plugin")  # the last needs more than is copied
    without = [word for plugin in plugins for word in ("-p", f"no:{plugin}")]
    command = [sys.executable, "-m", "pytest", "-q", "-x", *without, CHECKED]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def tree(tmp_path):
    """Copy the modules that decide, and their tests."""
    for name in ("__init__.py", "_version.py", "journal.py", "state.py", "util", "advice", "signals", "instance", "org_policy"):
        source, target = ROOT / "jupyter_nb_updater" / name, tmp_path / "jupyter_nb_updater" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    for name in (
        "tests/__init__.py",
        "tests/conftest.py",
        "tests/wheels.py",
        "tests/unit/__init__.py",
        "tests/unit/advice_cases.py",
        "tests/unit/advice_cases.yaml",
        CHECKED,
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("broken", [FIRST, *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)])
def test_broken_arithmetic_is_caught(broken, tree):
    name, right, wrong = MUTANTS[broken]
    path = tree / "jupyter_nb_updater" / "advice" / name
    text = path.read_text("utf-8")
    assert text.count(right) == 1, f"{name} must have this once: {right}"
    path.write_text(text.replace(right, wrong), "utf-8")
    told = checked(tree)
    assert told.returncode == 1, told.stdout[-2000:]  # 1: tests ran, and some failed
    assert "FAILED" in told.stdout


@pytest.mark.soak
def test_the_product_itself_passes_there(tree):
    told = checked(tree)
    assert told.returncode == 0, told.stdout[-2000:]
