"""``jupyter nb-updater restart``: the same restart as the button's, asked for in a terminal."""

from __future__ import annotations

import time
from typing import Any

import requests
from traitlets import Bool

from .command import Command, ExitCode
from .server import NoServer, Server, ServerRefused, find

BOUND = 240.0
POLL = 0.5


class RestartApp(Command):
    """Asks the running server, and follows it until AWS has taken the stop or something is in the way."""

    name = "jupyter-nb-updater-restart"
    description = (
        "Save everything that is open in any browser tab, and restart this instance. "
        "Exit code 0: AWS stops it now, 1: losses to accept first, 4: not restarted."
    )
    accept_losses = Bool(default_value=False, help="Lose what is running: kernels and what they hold in memory.").tag(
        config=True
    )
    without_return = Bool(default_value=False, help="Stop even though nobody starts it again.").tag(config=True)
    flags = {
        **Command.flags,
        "accept-losses": ({"RestartApp": {"accept_losses": True}}, accept_losses.help),
        "without-return": ({"RestartApp": {"without_return": True}}, without_return.help),
    }

    def run(self) -> ExitCode:
        """Ask, and wait for what becomes of it, a bounded time."""
        try:
            server = find()
            losses = server.call("GET", "state")["work"]["losses"]
            if losses and not self.accept_losses:
                self.report({"losses": losses}, _losses(losses))
                return ExitCode.DUE
            body = {"when": "now", "losses": [loss["id"] for loss in losses], "without_return": self.without_return}
            return self._follow(server, server.call("POST", "restart", body)["restart"])
        except (NoServer, ServerRefused, requests.RequestException) as error:
            self.complain(str(error))
            return ExitCode.FAILED

    def _follow(self, server: Server, restart: dict[str, Any]) -> ExitCode:
        until = time.monotonic() + BOUND
        if not self.as_json:
            print(f"Restart {restart['id']}: checking, saving, arming the return, stopping.", flush=True)  # it may end with us
        while time.monotonic() < until and restart["phase"] not in {"away", "refused", "failed", "idle"}:
            time.sleep(POLL)
            try:
                restart = server.call("GET", "state")["restart"]
            except requests.ConnectionError:
                if restart["phase"] == "stopping":  # the machine was quicker than its last answer
                    restart = {**restart, "phase": "away"}
        self.report(restart, _told(restart))
        return ExitCode.CURRENT if restart["phase"] == "away" else ExitCode.FAILED


def _losses(losses: list[dict[str, Any]]) -> list[str]:
    names = [f"  {loss['kind']} of {loss['name']}{', busy' if loss['busy'] else ''}" for loss in losses]
    return ["A restart would lose what these hold in memory:", *names, "Run again with --accept-losses to lose them."]


def _told(restart: dict[str, Any]) -> list[str]:
    if restart["phase"] == "away":
        return [f"Restart {restart['id']}: everything is saved, and AWS stops the instance now."]
    findings = [f"  {finding['code']}: {finding['subject']} {finding['detail']}".rstrip() for finding in restart["findings"]]
    return [f"Not restarted ({restart['phase']}):", *findings]
