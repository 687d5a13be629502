"""``jupyter nb-updater hold``: holds the instance as it is until a time, for everyone to see."""

from __future__ import annotations

import requests
from traitlets import Bool, Unicode

from ..util.clock import from_text, parse_when, utcnow
from .base import Command, ExitCode
from .client import ServerError, ServerNotFound, find_server


class HoldApp(Command):
    """Holds the instance as it is, shows the hold, or ends it."""

    name = "jupyter-nb-updater-hold"
    description = "Hold this instance as it is. Without options: who holds it, why, and until when?"
    examples = "jupyter nb-updater hold --until 18:00 --reason training"
    until = Unicode("", help="When the hold ends by itself: 18:00, 4h, 2026-11-23T18:00:00Z.").tag(config=True)
    reason = Unicode("", help="Why, in a few words that others understand.").tag(config=True)
    release = Bool(default_value=False, help="End the hold now.").tag(config=True)
    flags = {**Command.flags, "release": ({"HoldApp": {"release": True}}, release.help)}
    aliases = {**Command.aliases, "until": "HoldApp.until", "reason": "HoldApp.reason"}

    def run(self) -> ExitCode:
        """Ask the running server."""
        if self.release and self.until:
            self.error("--until begins a hold and --release ends it; give one of them")
            return ExitCode.USAGE
        try:
            parse_when(self.until or "0s", utcnow())  # before anybody is asked
        except ValueError as error:
            self.error(f"--until: {error}")
            return ExitCode.USAGE
        try:
            server = find_server()
            state = server.call("GET", "state")
            if self.release:
                state = server.call("DELETE", "hold")
            elif self.until:
                simulated = (state["advice"] or {}).get("clock")
                until = parse_when(self.until, (simulated and from_text(simulated["now"])) or utcnow())
                state = server.call("PUT", "hold", {"until": until, "reason": self.reason})
        except (ServerNotFound, ServerError, requests.RequestException) as error:
            self.error(str(error))
            return ExitCode.FAILED
        hold = state["hold"]
        self.report(hold, [_hold_line(hold) if hold else "Nobody holds this instance."])
        return ExitCode.CURRENT


def _hold_line(hold: dict[str, str]) -> str:
    return f"Held by {hold['by'] or 'somebody'} until {hold['until']}: {hold['reason'] or 'no reason given'}"
