"""``jupyter nb-updater restart``: the same restart as the button's, asked for in a terminal."""

from __future__ import annotations

import time
from typing import Any

import requests
from traitlets import Bool, List, Unicode

from ..util.clock import parse_when, utcnow
from .base import Command, ExitCode
from .client import ServerClient, ServerError, ServerNotFound, find_server

BOUND = 240.0
KNOWN_SECONDS = 20.0
"""For which a server that has just started waits for AWS, at most."""
POLL = 0.5


class RestartApp(Command):
    """Asks the running server, and follows it until AWS has taken the stop or something is in the way."""

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
        """Ask, and wait for what becomes of it, a bounded time."""
        try:
            when = self.when if self.when in {"now", "idle"} else parse_when(self.when, utcnow())
        except ValueError as error:
            self.error(f"--when: {error}")
            return ExitCode.USAGE
        try:
            server = find_server()
            asked = questions(_known(server))
            confirmed = [question["id"] for question in asked if {question["id"], question["name"]} & {*self.confirm}]
            open_ones = [question for question in asked if question["id"] not in confirmed]
            if when == "now" and any(question["busy"] or not self.accept_losses for question in open_ones):
                self.report({"losses": open_ones}, _losses(open_ones))
                return ExitCode.DUE
            losses = [question["id"] for question in asked if not question["busy"]]
            body = {"when": when, "losses": losses, "confirmed": confirmed, "without_return": self.without_return}
            return self._follow(server, server.call("POST", "restart", body)["restart"])
        except (ServerNotFound, ServerError, requests.RequestException) as error:
            self.error(str(error))
            return ExitCode.FAILED

    def _follow(self, server: ServerClient, restart: dict[str, Any]) -> ExitCode:
        until = time.monotonic() + BOUND
        if restart["phase"] == "waiting":
            self.report(restart, [f"Restart {restart['id']}: waits ({restart['when']}). It can be cancelled in the browser."])
            return ExitCode.CURRENT
        if not self.as_json:
            print(f"Restart {restart['id']}: checking, saving, arming the return, stopping.", flush=True)  # it may end with us
        while time.monotonic() < until and restart["phase"] not in {"away", "refused", "failed", "idle"}:
            time.sleep(POLL)
            try:
                restart = server.call("GET", "state")["restart"]
            except requests.ConnectionError:
                if restart["phase"] == "stopping":  # the machine was quicker than its last answer
                    restart = {**restart, "phase": "away"}
        self.report(restart, _lines(restart))
        return ExitCode.CURRENT if restart["phase"] == "away" else ExitCode.FAILED


def _known(server: ServerClient) -> dict[str, Any]:
    """The state, once AWS has said what the instance is: whether it moves to another platform is not known before."""
    until = time.monotonic() + KNOWN_SECONDS
    state = server.call("GET", "state")
    while state["instance"]["status"] is None and time.monotonic() < until:
        time.sleep(POLL)
        state = server.call("GET", "state")
    return state


def questions(state: dict[str, Any]) -> list[dict[str, Any]]:
    """What a person has to answer before a restart: each with ``id``, ``kind``, ``name`` and ``busy``. Pure.

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


def _losses(losses: list[dict[str, Any]]) -> list[str]:
    moves = [loss["name"] for loss in losses if loss["kind"] == "move"]
    lost = [loss for loss in losses if loss["kind"] != "move"]
    names = [f"  {loss['kind']} {loss['name']}{', busy' if loss['busy'] else ''}  ({loss['id']})" for loss in lost]
    return [
        *(["A restart would lose these:", *names] if names else []),
        *(f"The instance moves to {name} for good: AWS no longer starts it as it is." for name in moves),
        "Run again with --accept-losses for what is idle, and --confirm NAME for everything else.",
    ]


def _lines(restart: dict[str, Any]) -> list[str]:
    if restart["phase"] == "away":
        return [f"Restart {restart['id']}: everything is saved, and AWS stops the instance now."]
    findings = [f"  {finding['code']}: {finding['subject']} {finding['detail']}".rstrip() for finding in restart["findings"]]
    return [f"Not restarted ({restart['phase']}):", *findings]
