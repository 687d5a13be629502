"""``jupyter nb-updater desk``: what is the same after a restart, what is not and why; and which files are kept besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from traitlets import List, Unicode

from .base import Command, ExitCode
from .client import NoServer, ServerRefused, find

KINDS = {"workspaces": "documents in the layout", "settings": "settings", "terminal": "terminal", "files": "files"}
WHY = {
    "folder-gone": "its folder is gone; it is open in the nearest one above it",
    "no-terminals": "this server has no terminals",
    "not-opened": "it could not be opened; the server's log says why",
    "exists": "another one is there, and stays",
    "too-large": "it is larger than what is kept",
    "too-many": "there are more than are kept",
    "secret": "it holds credentials, which are never kept",
    "not-plain": "a link, a folder or a pipe is in its place",
    "broken": "it is broken",
    "not-readable": "it cannot be read",
    "not-written": "it cannot be written",
    "unknown-format": "a newer version has kept it",
    "failed": "a fault of ours; the server's log says more",
}


class DeskApp(Command):
    """Shows the desk, and switches kept files on and off."""

    name = "jupyter-nb-updater-desk"
    description = (
        "What of your desk came back after this boot, what did not, and what is kept? Layout and terminals always are."
    )
    examples = "jupyter nb-updater desk --keep git --keep history"
    keep = List(Unicode(), help="Keep these files outside the volume from now on: git, aws, history, ipython.").tag(config=True)
    forget = List(Unicode(), help="Keep them no longer, and take the copies from the volume.").tag(config=True)
    aliases = {**Command.aliases, "keep": "DeskApp.keep", "forget": "DeskApp.forget"}

    def run(self) -> ExitCode:
        """Ask the running server."""
        wanted, unwanted = {*self.keep}, {*self.forget}
        if both := wanted & unwanted:
            self.complain(f"--keep and --forget contradict each other: {', '.join(sorted(both))}")
            return ExitCode.USAGE
        try:
            server = find()
            desk = server.call("GET", "state")["desk"]
            offered = [choice["id"] for choice in desk["offered"]]
            if unknown := (wanted | unwanted) - {*offered}:
                self.complain(f"not offered: {', '.join(sorted(unknown))}; there are {', '.join(offered) or 'none'}")
                return ExitCode.USAGE
            if wanted | unwanted:
                files = sorted(({*desk["keeping"]} | wanted) - unwanted)
                desk = server.call("PUT", "restore", {"files": files})["desk"]
        except (NoServer, ServerRefused, requests.RequestException) as error:
            self.complain(str(error))
            return ExitCode.FAILED
        self.report(desk, _lines(desk))
        return ExitCode.CURRENT


def _lines(desk: dict[str, Any]) -> Iterator[str]:
    for back in desk["back"]:
        count = "" if back["kind"] == "terminal" else f" ({back['count']})"
        yield f"  back      {_thing(back)}{count}  {back['detail']}".rstrip()
    for missing in desk["missing"]:
        yield f"  missing   {_thing(missing)}  {missing['detail']}: {WHY.get(missing['code'], missing['code'])}"
    if not desk["back"] and not desk["missing"]:
        yield "  nothing   was kept before this boot"
    for choice in desk["offered"]:
        state = "kept" if choice["id"] in desk["keeping"] else "not kept"
        yield f"  {state:<9} {choice['id']}  {', '.join(choice['paths'])}{'' if choice['there'] else ' (not there now)'}"


def _thing(told: dict[str, Any]) -> str:
    kind = KINDS.get(told["kind"], told["kind"])
    return kind if told["kind"] == "workspaces" else f"{kind} {told['name']}"
