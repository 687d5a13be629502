"""One notebook instance for all commands that the documentation has for one."""

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.warm_aws import warm_aws  # noqa: F401  a fixture for all that is here


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """No event loop runs in this process."""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """No Jupyter server either."""


@pytest.fixture(scope="module")
def sandbox():
    """An instance as a newcomer finds it: nothing installed, no stack."""
    with Sandbox(extension=False, return_path="none") as sandbox:
        yield sandbox
