"""``jupyter nb-updater packages``: lists the packages you installed, and reinstalls them after a restart."""

from __future__ import annotations

import time
from typing import Any

from traitlets import Bool

from .base import Command, ExitCode
from .client import ServerClient, ServerCommand
from .phrases import describe_package

POLL_SECONDS = 0.5
Packages = list[dict[str, Any]]


class PackagesApp(ServerCommand):
    """Lists the packages you installed, and reinstalls those that the last restart removed."""

    name = "jupyter-nb-updater-packages"
    description = (
        "List the packages you installed: those that a restart would remove, and those that the last one removed. The packages "
        "of the image are not listed."
    )
    exit_codes = "0: done, 4: some packages could not be reinstalled, or the Jupyter server did not answer."
    examples = "jupyter nb-updater packages\njupyter nb-updater packages --reinstall"
    reinstall = Bool(
        default_value=False, help="Reinstall the packages that the last restart removed, and wait until pip is done."
    ).tag(config=True)
    flags = {**Command.flags, "reinstall": ({"PackagesApp": {"reinstall": True}}, reinstall.help)}

    def act(self, server: ServerClient) -> ExitCode:
        """List the packages, after reinstalling them if ``--reinstall`` was given."""
        state = server.call("GET", "state")
        if self.reinstall:
            state = self._reinstall(server, state)
        losses = [loss for loss in state["work"]["losses"] if loss["kind"] == "packages"]
        content = {"losses": losses, "packages": state["packages"]}
        self.report(content, _lost(losses) + _removed(state["packages"]))
        failed = [package for package in packages_in(state["packages"]) if package["state"] in {"failed", "available"}]
        return ExitCode.FAILED if self.reinstall and failed else ExitCode.CURRENT

    def _reinstall(self, server: ServerClient, state: dict[str, Any]) -> dict[str, Any]:
        """Wait for the run. The server limits its time, and continues it if this command is ended."""
        if state["packages"]["phase"] != "running":
            server.call("PUT", "packages")
        while (state := server.call("GET", "state"))["packages"]["phase"] == "running":
            time.sleep(POLL_SECONDS)
        return state


def packages_in(part: dict[str, Any]) -> Packages:
    """Return the packages of all environments.

    Args:
        part: ``packages`` of the state document.
    """
    return [package for environment in part["environments"] for package in environment["packages"]]


def _lost(losses: list[dict[str, Any]]) -> list[str]:
    lines = [f"  {loss['name']}: {loss['detail']}" for loss in losses]
    return ["A restart would remove:", *lines] if lines else ["You have not installed any packages since the last start."]


def _removed(part: dict[str, Any]) -> list[str]:
    if part["phase"] == "none":
        return []
    hint = {"available": " (reinstall them with --reinstall)", "running": " (being reinstalled)"}
    lines = [f"Packages you installed before the last restart{hint.get(part['phase'], '')}:"]
    for environment in part["environments"]:
        for package in environment["packages"]:
            name = " ".join(filter(None, (package["name"], package["version"])))
            lines.append(f"  {environment['name']}: {name}: {describe_package(package)}")
    return lines
