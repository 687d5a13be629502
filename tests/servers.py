"""Calls to the Jupyter server of a sandbox, as a program on the instance makes them."""

from __future__ import annotations

from jupyter_nb_updater.cli.client import ServerAddress, ServerClient
from jupyter_nb_updater.sandbox import Sandbox


def server_of(sandbox: Sandbox) -> ServerClient:
    """Return a client of the server, which has its XSRF cookie. It is on the instance, and so behind the front."""
    server = ServerClient(ServerAddress(sandbox.machine.url, is_local=True), "")
    server.call("GET", "state")
    return server
