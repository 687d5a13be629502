"""A real Jupyter server with the extension, on a machine that says it is a notebook instance. AWS is out of reach here."""

import asyncio
import json
import os
import socket
import time

import pytest

from .publisher import Publisher, Signer, make_certificate


@pytest.fixture
def unreachable_aws(monkeypatch):
    """Nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")


@pytest.fixture
def silent_aws(unreachable_aws, monkeypatch):
    """Connections are taken and never answered, as in a VPC without an endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        yield


@pytest.fixture
def machine(tmp_path, monkeypatch, unreachable_aws):
    """The files by which the machine is known, 34 days after its boot, and a volume."""
    for name, value in {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/research-1"
    metadata = tmp_path / "resource-metadata.json"
    metadata.write_text(json.dumps({"ResourceArn": arn, "ResourceName": "research-1"}))
    stat = tmp_path / "stat"
    stat.write_text(f"btime {int(time.time()) - 34 * 86400}\n")
    return {
        "InstanceMetadata": {"path": str(metadata)},
        "BootClock": {"stat_path": str(stat)},
        "Journal": {"directory": str(tmp_path / "SageMaker" / ".nb-updater")},
        "Aws": {"attempts": 1, "read_timeout": 3.0},
        "BackgroundProcesses": {"root_pid": os.getpid(), "min_age_seconds": 0.0},
        "ChangedFiles": {"folders": [str(tmp_path / "home")]},
        "OsReleaseSource": {"dnf": str(tmp_path / "dnf")},
    }


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
    """The updater, started."""
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
    """Another host, without TLS."""
    made = Publisher()
    yield made
    made.close()
