"""``jupyter nb-updater restart``: the same restart as the button's, asked for in a terminal."""

from __future__ import annotations

import time
from typing import Any

import requests
from traitlets import Bool, List, Unicode

from ..util.clock import parse_when, utcnow
from .base import Command, ExitCode
from .client import ServerClient, ServerError, ServerNotFound, find_server

RESTART_TIMEOUT_SECONDS = 240.0
"""From the request until AWS takes the stop."""

DESCRIPTION_TIMEOUT_SECONDS = 20.0
"""Until a server that has just started knows from AWS what the instance is."""

POLL_SECONDS = 0.5


class RestartApp(Command):
    """Requests a restart from the running server, and follows it until AWS has taken the stop or something is in the way."""

    name = "jupyter-nb-updater-restart"
    description = (
        "Save everything that is open in any browser tab, and restart this instance. "
        "Exit code 0: AWS stops it now, 1: losses to accept first, 4: not restarted."
    )
    when = Unicode("now", help="now; idle: when nothing runs any more; or a time: 18:00, 90m, 2026-11-23T18:00:00Z.").tag(
        config=True
    )
    accept_losses = Bool(default_value=False, help="Lose what is idle: kernels with their variables, open terminals.").tag(
        config=True
    )
    confirm = List(
        Unicode(),
        help="Name something that may be cut off although it is busy, a document of which a copy is enough, `hold`, or the "
        "platform to which the instance moves. "
        "By its name or id; may be given several times.",
    ).tag(config=True)
    without_return = Bool(default_value=False, help="Stop even though nobody starts it again.").tag(config=True)
    flags = {
        **Command.flags,
        "accept-losses": ({"RestartApp": {"accept_losses": True}}, accept_losses.help),
        "without-return": ({"RestartApp": {"without_return": True}}, without_return.help),
    }
    aliases = {**Command.aliases, "when": "RestartApp.when", "confirm": "RestartApp.confirm"}

    def run(self) -> ExitCode:
        """Request the restart, and follow it for a bounded time."""
        try:
            when = self.when if self.when in {"now", "idle"} else parse_when(self.when, utcnow())
        except ValueError as error:
            self.error(f"--when: {error}")
            return ExitCode.USAGE
        try:
            server = find_server()
            confirmations = required_confirmations(_described_state(server))
            confirmed = [one["id"] for one in confirmations if {one["id"], one["name"]} & {*self.confirm}]
            missing = [one for one in confirmations if one["id"] not in confirmed]
            if when == "now" and any(one["busy"] or not self.accept_losses for one in missing):
                self.report({"losses": missing}, _confirmation_lines(missing))
                return ExitCode.DUE
            losses = [one["id"] for one in confirmations if not one["busy"]]
            body = {"when": when, "losses": losses, "confirmed": confirmed, "without_return": self.without_return}
            return self._follow(server, server.call("POST", "restart", body)["restart"])
        except (ServerNotFound, ServerError, requests.RequestException) as error:
            self.error(str(error))
            return ExitCode.FAILED

    def _follow(self, server: ServerClient, restart: dict[str, Any]) -> ExitCode:
        until = time.monotonic() + RESTART_TIMEOUT_SECONDS
        if restart["phase"] == "waiting":
            self.report(restart, [f"Restart {restart['id']}: waits ({restart['when']}). It can be cancelled in the browser."])
            return ExitCode.CURRENT
        if not self.as_json:
            print(f"Restart {restart['id']}: checking, saving, arming the return, stopping.", flush=True)  # it may end with us
        while time.monotonic() < until and restart["phase"] not in {"away", "refused", "failed", "idle"}:
            time.sleep(POLL_SECONDS)
            try:
                restart = server.call("GET", "state")["restart"]
            except requests.ConnectionError:
                if restart["phase"] == "stopping":  # the machine was quicker than its last answer
                    restart = {**restart, "phase": "away"}
        self.report(restart, _outcome_lines(restart))
        return ExitCode.CURRENT if restart["phase"] == "away" else ExitCode.FAILED


def _described_state(server: ServerClient) -> dict[str, Any]:
    """Return the state once AWS has described the instance: whether it moves to another platform is not known before."""
    until = time.monotonic() + DESCRIPTION_TIMEOUT_SECONDS
    state = server.call("GET", "state")
    while state["instance"]["status"] is None and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        state = server.call("GET", "state")
    return state


def required_confirmations(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a person has to accept or confirm before a restart, each with ``id``, ``kind``, ``name`` and ``busy``.

    Args:
        state: the state document.
    """
    found = [loss for loss in state["work"]["losses"] if loss["kind"] in {"kernel", "terminal", "process"}]
    copies = [
        {"id": f"rescued:{document['path']}", "kind": "copy", "name": document["path"], "busy": True}
        for document in state["work"]["rescued"]
    ]
    tabs = [
        {"id": tab["id"], "kind": "page", "name": ", ".join(tab["documents"]), "busy": True}
        for tab in state["work"]["lost_tabs"]
    ]
    hold = state["hold"]
    held = [{"id": f"hold:{hold['since']}", "kind": "hold", "name": "hold", "busy": True}] if hold else []
    target = state["instance"]["moves_to"]
    moves = [{"id": f"migration:{target}", "kind": "move", "name": target, "busy": True}] if target else []
    return [*found, *copies, *tabs, *held, *moves]


def _confirmation_lines(losses: list[dict[str, Any]]) -> list[str]:
    moves = [loss["name"] for loss in losses if loss["kind"] == "move"]
    lost = [loss for loss in losses if loss["kind"] != "move"]
    names = [f"  {loss['kind']} {loss['name']}{', busy' if loss['busy'] else ''}  ({loss['id']})" for loss in lost]
    return [
        *(["A restart would lose these:", *names] if names else []),
        *(f"The instance moves to {name} for good: AWS no longer starts it as it is." for name in moves),
        "Run again with --accept-losses for what is idle, and --confirm NAME for everything else.",
    ]


def _outcome_lines(restart: dict[str, Any]) -> list[str]:
    if restart["phase"] == "away":
        return [f"Restart {restart['id']}: everything is saved, and AWS stops the instance now."]
    findings = [f"  {finding['code']}: {finding['subject']} {finding['detail']}".rstrip() for finding in restart["findings"]]
    return [f"Not restarted ({restart['phase']}):", *findings]
