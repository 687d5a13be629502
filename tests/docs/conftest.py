"""One notebook instance for all documented commands that need one."""

import pytest

from jupyter_nb_updater.sandbox import Sandbox
from tests.warm_aws import warm_aws  # noqa: F401  a fixture for all that is here


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """Disable Jupyter's event loop in this process."""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Disable the cleanup of a Jupyter server in this process."""


@pytest.fixture(scope="module")
def sandbox():
    """Start an instance without the extension and without a stack."""
    with Sandbox(name="research-1", extension=False, return_path="none") as sandbox:
        yield sandbox
