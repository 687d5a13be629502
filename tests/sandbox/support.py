"""Shared by the tests of the sandbox: a small wheel, access to an instance, and waiting."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

from jupyter_nb_updater.pytest_plugin import ROLE, NotebookInstance as Instance
from jupyter_nb_updater.sandbox import Sandbox
from tests.wheels import write_wheel

__all__ = ["ROLE", "Instance", "get", "make_wheel", "server_start"]


def make_wheel(folder: Path, module: str = "__version__ = '0'\n", *, enabled: bool = False) -> Path:
    """Build a wheel with our name, one module, a data file and a command; with ``enabled`` also a server extension."""
    files = {
        "jupyter_nb_updater/__init__.py": module,
        "DATA/share/jupyter/labextensions/jupyter-nb-updater/install.json": "{}",
        "INFO/entry_points.txt": "[console_scripts]\nnb-updater-test = jupyter_nb_updater:main\n",
    }
    if enabled:
        drop_in = {"ServerApp": {"jpserver_extensions": {"jupyter_nb_updater": True}}}
        files["DATA/etc/jupyter/jupyter_server_config.d/jupyter_nb_updater.json"] = json.dumps(drop_in)
    return Path(write_wheel(folder, "jupyter-nb-updater", "0.0.1", files))


def get(url: str) -> bytes:
    """Get a URL without a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        assert answer.status == 200
        return bytes(answer.read())


def server_start(sandbox: Sandbox) -> str | None:
    """Return the start time of this Jupyter server; ``None`` while it does not respond."""
    try:
        return str(json.loads(get(sandbox.url + "api/status"))["started"])
    except OSError:
        return None
