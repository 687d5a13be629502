"""``jupyter nb-updater hold``: places a hold on the instance, shows it, or ends it."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Unicode

from ..util.clock import from_text, parse_when, utcnow
from .base import Command, ExitCode
from .client import BY_HELP, ServerClient, ServerCommand, named
from .phrases import person_name


class HoldApp(ServerCommand):
    """Places a hold on this instance, shows it, or ends it."""

    name = "jupyter-nb-updater-hold"
    description = """Keep this instance from restarting until a time. Everybody who uses the instance sees the hold.

    Without options, show the hold, its owner and its reason.
    """
    exit_codes = "0: done, 4: the Jupyter server refused or did not answer."
    examples = "jupyter nb-updater hold --until 18:00 --reason training\njupyter nb-updater hold --release"
    until = Unicode(
        "",
        help="When the hold ends: a time of day (18:00), a duration (4h) or a UTC time (2026-11-23T18:00:00Z).",
    ).tag(config=True, placeholder="TIME")
    reason = Unicode("", help="Reason, in a few words for your colleagues.").tag(config=True, placeholder="TEXT")
    by = Unicode("", help=BY_HELP).tag(config=True, placeholder="NAME")
    release = Bool(default_value=False, help="End the hold now.").tag(config=True)
    flags = {**Command.flags, "release": ({"HoldApp": {"release": True}}, release.help)}
    aliases = {**Command.aliases, "until": "HoldApp.until", "reason": "HoldApp.reason", "by": "HoldApp.by"}

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        if self.release and self.until:
            return "Give either --until, to place a hold, or --release, to end it."
        try:
            parse_when(self.until or "0s", utcnow())  # before any request
        except ValueError as error:
            return f"--until: {error}."
        return ""

    def act(self, server: ServerClient) -> ExitCode:
        """Place, show or end the hold."""
        state = server.call("GET", "state")
        if self.release:
            state = server.call("DELETE", "hold")
        elif self.until:
            simulated = (state["advice"] or {}).get("clock")
            until = parse_when(self.until, (simulated and from_text(simulated["now"])) or utcnow())
            state = server.call("PUT", "hold", {"until": until, "reason": self.reason, **named(self.by)})
        hold = state["hold"]
        self.report(hold, [_hold_line(hold) if hold else "There is no hold on this instance."])
        return ExitCode.CURRENT


def _hold_line(hold: dict[str, Any]) -> str:
    by, reason = person_name(hold["by"], verified=hold.get("verified") is True), hold["reason"] or "no reason given"
    return f"On hold by {by} until {hold['until']}: {reason}"
