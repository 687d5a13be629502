"""One instance for all tests; each starts it anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.sandbox.support import make_wheel
from tests.warm_aws import warm_aws  # noqa: F401  a fixture for all that is here
from tools import systemd

from .instance import Instance, lay_home
from .plain import PlainInstance

ACCOUNT = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""An AWS that cannot be reached."""


@pytest.fixture(scope="session")
def bare_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, bare_wheel: Path) -> Iterator[Instance | PlainInstance]:
    if os.geteuid() != 0 or systemd.missing() or os.environ.get("NB_UPDATER_TEST_PLAIN"):
        with Sandbox(root=tmp_path_factory.mktemp("plain"), wheel=bare_wheel, return_path="none") as sandbox:
            yield PlainInstance(sandbox)
        return
    home = tmp_path_factory.mktemp("home")
    machine = Instance(tmp_path_factory.mktemp("machine"), lay_home(home), ACCOUNT)
    try:
        yield machine
    finally:
        machine.stop()
