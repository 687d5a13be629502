"""``jupyter nb-updater packages``: what was added to the environments, and putting it back after a restart."""

from __future__ import annotations

import time
from typing import Any

import requests
from traitlets import Bool

from .base import Command, ExitCode
from .client import NoServer, Server, ServerRefused, find

POLL = 0.5
Packages = list[dict[str, Any]]


class PackagesApp(Command):
    """Asks the running server, and waits for pip if that is to run."""

    name = "jupyter-nb-updater-packages"
    description = (
        "Packages that were added to the environments: what a restart would lose, and what the last one did. "
        "Exit code 0: as asked, 4: not everything could be put back."
    )
    examples = "jupyter nb-updater packages --put-back"
    put_back = Bool(default_value=False, help="Put back what is offered, and wait until that has ended.").tag(config=True)
    flags = {**Command.flags, "put-back": ({"PackagesApp": {"put_back": True}}, put_back.help)}

    def run(self) -> ExitCode:
        """Tell, or put back and tell."""
        try:
            server = find()
            state = server.call("GET", "state")
            if self.put_back:
                state = self._put_back(server, state)
        except (NoServer, ServerRefused, requests.RequestException) as error:
            self.complain(str(error))
            return ExitCode.FAILED
        losses = [loss for loss in state["work"]["losses"] if loss["kind"] == "packages"]
        content = {"losses": losses, "packages": state["packages"]}
        self.report(content, _lost(losses) + _offered(state["packages"]))
        failed = [package for package in packages_in(state["packages"]) if package["state"] in {"failed", "offered"}]
        return ExitCode.FAILED if self.put_back and failed else ExitCode.CURRENT

    def _put_back(self, server: Server, state: dict[str, Any]) -> dict[str, Any]:
        """The server bounds it, and goes on if we are ended."""
        if state["packages"]["phase"] != "running":
            server.call("PUT", "packages")
        while (state := server.call("GET", "state"))["packages"]["phase"] == "running":
            time.sleep(POLL)
        return state


def packages_in(part: dict[str, Any]) -> Packages:
    """All of them, whatever their environment."""
    return [package for environment in part["environments"] for package in environment["packages"]]


def _lost(losses: list[dict[str, Any]]) -> list[str]:
    lines = [f"  {loss['name']}: {loss['detail']}" for loss in losses]
    return ["A restart would lose:", *lines] if lines else ["Nothing was added since the start."]


def _offered(part: dict[str, Any]) -> list[str]:
    if part["phase"] == "none":
        return []
    how = {"offered": "; put them back with --put-back", "running": ", being put back", "done": ""}
    lines = [f"Added before the last restart{how.get(part['phase'], '')}:"]
    for environment in part["environments"]:
        for package in environment["packages"]:
            why = ": ".join(filter(None, (package["code"], package["detail"])))
            name = " ".join(filter(None, (package["name"], package["version"])))
            lines.append(f"  {environment['name']}: {name}: {package['state']}{f' ({why})' if why else ''}")
    return lines
