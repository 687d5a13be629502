"""Which processes of the emulated machine are still running."""

import os
import subprocess
from types import SimpleNamespace

import psutil
import pytest

from jupyter_nb_updater.sandbox.machine.processes import is_alive


@pytest.fixture
def process():
    with subprocess.Popen(["sleep", "9999"]) as started:
        yield psutil.Process(started.pid)
        started.kill()


def test_a_zombie_is_not_alive(process):
    assert is_alive(process)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process)


def test_one_that_ends_while_it_is_looked_at_is_not_alive(process):
    def status():
        raise psutil.NoSuchProcess(process.pid)

    assert not is_alive(SimpleNamespace(is_running=lambda: True, status=status))
