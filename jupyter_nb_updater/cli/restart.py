"""``jupyter nb-updater restart``: starts the same restart as the button in the browser."""

from __future__ import annotations

import time
from typing import Any

import requests
from traitlets import Bool, List, Unicode

from ..util.clock import parse_when, utcnow
from .base import Command, ExitCode
from .client import BY_HELP, ServerClient, ServerCommand, named
from .phrases import describe_finding

RESTART_TIMEOUT_SECONDS = 240.0
"""From the request until AWS accepts the stop."""

DESCRIPTION_TIMEOUT_SECONDS = 20.0
"""Until AWS has described the instance to a server that has just started."""

POLL_SECONDS = 0.5


class RestartApp(ServerCommand):
    """Requests a restart, and follows it until AWS has accepted the stop or something prevents it."""

    name = "jupyter-nb-updater-restart"
    description = """Save all open documents in every browser tab, stop this instance, and have it started again.

    Without --accept-losses and --confirm, list what the restart would lose, and stop nothing.
    """
    exit_codes = "0: AWS accepted the stop, or the restart is scheduled, 1: losses to confirm first, 4: not restarted."
    examples = """jupyter nb-updater restart --accept-losses
    jupyter nb-updater restart --when idle
    jupyter nb-updater restart --when 18:00"""
    when = Unicode(
        "now",
        help="When to restart: now, idle (once no kernel, terminal or program has run for some minutes), a time of day "
        "(18:00), a duration (90m) or a UTC time (2026-11-23T18:00:00Z).",
    ).tag(config=True, placeholder="TIME")
    accept_losses = Bool(
        default_value=False, help="Confirm everything that is idle: kernels with their variables, terminals."
    ).tag(config=True)
    confirm = List(
        Unicode(),
        help="Confirm one item by its name or id: a busy kernel, terminal or program; a document that changed on disk; `hold`; "
        "or the platform that the instance migrates to. May be repeated.",
    ).tag(config=True, placeholder="ITEM")
    without_return = Bool(default_value=False, help="Stop the instance even if nothing is set up to start it again.").tag(
        config=True
    )
    by = Unicode("", help=BY_HELP).tag(config=True, placeholder="NAME")
    flags = {
        **Command.flags,
        "accept-losses": ({"RestartApp": {"accept_losses": True}}, accept_losses.help),
        "without-return": ({"RestartApp": {"without_return": True}}, without_return.help),
    }
    aliases = {**Command.aliases, "when": "RestartApp.when", "confirm": "RestartApp.confirm", "by": "RestartApp.by"}

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        try:
            self._when()
        except ValueError as error:
            return f"--when: {error}."
        return ""

    def act(self, server: ServerClient) -> ExitCode:
        """Request the restart, and follow it for a bounded time."""
        when = self._when()
        confirmations = required_confirmations(_described_state(server))
        confirmed = [one["id"] for one in confirmations if {one["id"], one["name"]} & {*self.confirm}]
        missing = [one for one in confirmations if one["id"] not in confirmed]
        if when == "now" and any(one["busy"] or not self.accept_losses for one in missing):
            self.report({"losses": missing}, _confirmation_lines(missing))
            return ExitCode.DUE
        losses = [one["id"] for one in confirmations if not one["busy"]]
        body = {"when": when, "losses": losses, "confirmed": confirmed, "without_return": self.without_return, **named(self.by)}
        return self._follow(server, server.call("POST", "restart", body)["restart"])

    def _when(self) -> str:
        return self.when if self.when in {"now", "idle"} else parse_when(self.when, utcnow())

    def _follow(self, server: ServerClient, restart: dict[str, Any]) -> ExitCode:
        until = time.monotonic() + RESTART_TIMEOUT_SECONDS
        if restart["phase"] == "waiting":
            start = "once the instance is idle" if restart["when"] == "idle" else f"at {restart['when']}"
            self.report(restart, [f"Restart {restart['id']} will begin {start}. You can cancel it in the browser."])
            return ExitCode.CURRENT
        if not self.as_json:
            print(f"Restart {restart['id']}: saving all open documents…", flush=True)  # the stop may end this command
        while time.monotonic() < until and restart["phase"] not in {"away", "refused", "failed", "idle"}:
            time.sleep(POLL_SECONDS)
            try:
                restart = server.call("GET", "state")["restart"]
            except requests.ConnectionError:
                if restart["phase"] == "stopping":  # the machine stopped before the server could answer
                    restart = {**restart, "phase": "away"}
        self.report(restart, _outcome_lines(restart))
        return ExitCode.CURRENT if restart["phase"] == "away" else ExitCode.FAILED


def _described_state(server: ServerClient) -> dict[str, Any]:
    """Return the state once AWS has described the instance: only then is it known whether a restart migrates it."""
    until = time.monotonic() + DESCRIPTION_TIMEOUT_SECONDS
    state = server.call("GET", "state")
    while state["instance"]["status"] is None and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        state = server.call("GET", "state")
    return state


def required_confirmations(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a person has to confirm before a restart, each with ``id``, ``kind``, ``name`` and ``busy``.

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
    names = [f"  {KINDS.get(loss['kind'], loss['kind'])} {_item(loss)}  ({loss['id']})" for loss in lost]
    return [
        *(["Confirm these before the restart:", *names] if names else []),
        *(f"AWS no longer starts this instance on its platform: a restart migrates it to {name}." for name in moves),
        "Run the command again with --accept-losses for everything idle, and with --confirm NAME for every other item.",
    ]


KINDS = {"process": "program", "copy": "changed on disk:", "page": "closed browser tab:", "hold": "someone's"}
"""Names of the kinds; others are their own."""


def _item(loss: dict[str, Any]) -> str:
    return f"{loss['name']}{', busy' if loss['busy'] and loss['kind'] in {'kernel', 'terminal', 'process'} else ''}"


def _outcome_lines(restart: dict[str, Any]) -> list[str]:
    phase = restart["phase"]
    if phase == "away":
        return ["All open documents are saved, and AWS is stopping the instance."]
    if phase == "idle":
        return ["The restart was cancelled. Nothing was stopped."]
    if phase not in {"refused", "failed"}:
        return ["The restart is still running. Follow it in the browser, or with `jupyter nb-updater journal`."]
    return ["Not restarted:", *(f"  {text} {todo}" for text, todo in map(describe_finding, restart["findings"]))]
