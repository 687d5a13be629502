"""Shared by all tests: markers by folder, distribution to workers, the wheel, and a home folder."""

import os
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests.wheels import build_wheel

# A long search draws anew; any other run judges the code, not the day's luck. Neither judges the machine's pace.
settings.register_profile("search", settings.get_profile("ci"), derandomize=False)
settings.load_profile("search" if "TRACES" in os.environ else "ci")

TESTS = Path(__file__).parent
FOLDERS = {
    "browser": ("browser", "slow"),
    "chaos": ("chaos", "slow"),
    "cloud": ("cloud",),
    "docs": ("docs",),
    "sandbox": ("sandbox", "slow"),
    "server": ("server",),
    "systemd": ("sandbox", "slow"),
    "traces": ("unit",),
    "unit": ("unit",),
}
"""Markers of each folder."""

INSTANCES = {"instance", "instances", "sandbox", "installed"}
"""Fixtures that start a whole instance, which make a test of the documentation slow."""


def pytest_collection_modifyitems(config, items):
    """Mark each test by its folder, and deselect soak tests unless requested."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        for name in FOLDERS.get(folder, ()):
            item.add_marker(name)
        if folder == "docs" and INSTANCES & set(item.fixturenames):
            item.add_marker("slow")
        if item.get_closest_marker("soak"):
            item.add_marker("slow")
    named = any("::" in argument for argument in config.args)
    if not named and "soak" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Run the tests of a file in one process if they share an instance, and distribute all others.

    The groups of pytest-xdist 3.8 have no effect with pytest 9.2, which made the id of a test immutable.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            path = nodeid.partition("::")[0]
            return path if _shares_an_instance(TESTS.parent / path) else nodeid

    return Groups(config, log)


@cache
def _shares_an_instance(path):
    """Check whether the tests of a file share a fixture, or its folder shares one machine."""
    return path.parent.name == "systemd" or 'scope="module"' in path.read_text("utf-8")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Return the wheel that ``make`` has built (WHEEL), or build one."""
    if made := os.environ.get("WHEEL"):
        return Path(made).resolve()
    return build_wheel(TESTS.parent, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def nb_updater_wheel(wheel):
    return wheel


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Create a home folder with a mounted volume, and use it as ``~``."""
    folder, volume = tmp_path / "home", tmp_path / "volume"
    folder.mkdir()
    volume.mkdir()
    (folder / "SageMaker").symlink_to(volume)
    monkeypatch.setenv("HOME", str(folder))
    return folder
