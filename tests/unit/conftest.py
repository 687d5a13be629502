"""Fixtures of a simulated restart for the unit tests."""

from types import SimpleNamespace

import pytest
from traitlets.config import Config

from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.restart.coordinator import RestartCoordinator
from jupyter_nb_updater.restart.runner import RestartRunner
from jupyter_nb_updater.restart.save_round import SaveRound
from jupyter_nb_updater.saving.tabs import Tabs

from .restarts import Aws, Path, World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def aws():
    return Aws()


@pytest.fixture
def tabs():
    return Tabs()


@pytest.fixture
def journal(tmp_path):
    return Journal(directory=str(tmp_path))


@pytest.fixture
def start(aws, tabs, journal, world):
    """Return a function that creates a server process, which knows only the journal and AWS."""

    def coordinator(software=None):
        saving = SaveRound(tabs=tabs, sessions=world, rooms=world, filesystems=world, tab_timeout_seconds=0.2)
        runner = RestartRunner(
            instance=SimpleNamespace(sagemaker=aws, aws=aws, system_clock=world.clock),
            saving=saving,
            losses=world,
            advice=world,
            risks=world,
            software=SimpleNamespace(read=lambda: software or {"jupyterlab": "4.5.11"}),
            before_stop=[],
            return_path_class=Path,
            poll_seconds=0.01,
            settle_seconds=0.2,
            config=Config({"IdleWaiter": {"poll_seconds": 0.1}, "Arming": {"retry_seconds": 0.01}}),
        )
        return RestartCoordinator(runner, journal, world.clock)

    return coordinator
