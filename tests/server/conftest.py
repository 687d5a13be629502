"""A real Jupyter server with the extension, on a machine that is a notebook instance. AWS is unreachable."""

import asyncio
import socket

import pytest

from .publisher import Publisher, Signer, make_certificate


@pytest.fixture
def unreachable_aws(monkeypatch):
    """Set an AWS endpoint where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")


@pytest.fixture
def silent_aws(unreachable_aws, monkeypatch):
    """Set an AWS endpoint that accepts connections but never responds, as in a VPC without an endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        yield


@pytest.fixture
def machine(unreachable_aws, nb_updater_config):
    """Return a configuration with the files of the machine, 34 days after its boot, and a volume."""
    return nb_updater_config


@pytest.fixture
def jp_server_config(machine):
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_nb_updater": True},
            "allow_unauthenticated_access": False,
        },
        **machine,
    }


@pytest.fixture
def app(jp_serverapp, jp_asyncio_loop):
    """Return the updater once it has started."""
    (extension,) = jp_serverapp.extension_manager.extension_apps["jupyter_nb_updater"]
    jp_asyncio_loop.run_until_complete(asyncio.wait_for(extension.ready.wait(), 10))
    return extension.updater


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def signers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: Signer(folder, name) for name in ("pinned", "next", "foreign")}


@pytest.fixture
def publisher(certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    made = Publisher(*certificate)
    yield made
    made.close()


@pytest.fixture
def plain():
    """Start another host without TLS."""
    made = Publisher()
    yield made
    made.close()
