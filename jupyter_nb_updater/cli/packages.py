"""``jupyter nb-updater packages``: lists added packages, and reinstalls them after a restart."""

from __future__ import annotations

import time
from typing import Any

import requests
from traitlets import Bool

from .base import Command, ExitCode
from .client import ServerClient, ServerError, ServerNotFound, find_server

POLL_SECONDS = 0.5
Packages = list[dict[str, Any]]


class PackagesApp(Command):
    """Asks the running server, and waits for pip if packages are to be reinstalled."""

    name = "jupyter-nb-updater-packages"
    description = (
        "List the packages that were added to the environments: what a restart would lose, and what the last one removed. "
        "Exit code 0: as asked, 4: not everything could be reinstalled."
    )
    examples = "jupyter nb-updater packages --reinstall"
    reinstall = Bool(default_value=False, help="Reinstall what is available, and wait for the end.").tag(config=True)
    flags = {**Command.flags, "reinstall": ({"PackagesApp": {"reinstall": True}}, reinstall.help)}

    def run(self) -> ExitCode:
        """Print the packages, after reinstalling them if that is asked for."""
        try:
            server = find_server()
            state = server.call("GET", "state")
            if self.reinstall:
                state = self._reinstall(server, state)
        except (ServerNotFound, ServerError, requests.RequestException) as error:
            self.error(str(error))
            return ExitCode.FAILED
        losses = [loss for loss in state["work"]["losses"] if loss["kind"] == "packages"]
        content = {"losses": losses, "packages": state["packages"]}
        self.report(content, _lost(losses) + _removed(state["packages"]))
        failed = [package for package in packages_in(state["packages"]) if package["state"] in {"failed", "available"}]
        return ExitCode.FAILED if self.reinstall and failed else ExitCode.CURRENT

    def _reinstall(self, server: ServerClient, state: dict[str, Any]) -> dict[str, Any]:
        """Wait for the run, which the server bounds and goes on with if this command is ended."""
        if state["packages"]["phase"] != "running":
            server.call("PUT", "packages")
        while (state := server.call("GET", "state"))["packages"]["phase"] == "running":
            time.sleep(POLL_SECONDS)
        return state


def packages_in(part: dict[str, Any]) -> Packages:
    """Return the packages of all environments."""
    return [package for environment in part["environments"] for package in environment["packages"]]


def _lost(losses: list[dict[str, Any]]) -> list[str]:
    lines = [f"  {loss['name']}: {loss['detail']}" for loss in losses]
    return ["A restart would lose:", *lines] if lines else ["Nothing was added since the start."]


def _removed(part: dict[str, Any]) -> list[str]:
    if part["phase"] == "none":
        return []
    hint = {"available": "; reinstall them with --reinstall", "running": ", being reinstalled"}
    lines = [f"Added before the last restart{hint.get(part['phase'], '')}:"]
    for environment in part["environments"]:
        for package in environment["packages"]:
            why = ": ".join(filter(None, (package["code"], package["detail"])))
            name = " ".join(filter(None, (package["name"], package["version"])))
            lines.append(f"  {environment['name']}: {name}: {package['state']}{f' ({why})' if why else ''}")
    return lines
