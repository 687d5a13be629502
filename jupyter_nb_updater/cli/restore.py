"""``jupyter nb-updater restore``: shows what was restored after a restart, and chooses the dotfiles that are saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from traitlets import List, Unicode

from .base import Command, ExitCode
from .client import ServerError, ServerNotFound, find_server

KIND_NAMES = {"workspaces": "documents in the layout", "settings": "settings", "terminal": "terminal", "files": "files"}
REASONS = {
    "folder-gone": "its folder is gone; it is open in the nearest one above it",
    "no-terminals": "this server has no terminals",
    "not-opened": "it could not be opened; the server's log says why",
    "exists": "another one exists, and stays",
    "too-large": "it is larger than what is saved",
    "too-many": "there are more than are saved",
    "secret": "it holds credentials, which are never saved",
    "not-plain": "a link, a folder or a pipe is in its place",
    "broken": "it is broken",
    "not-readable": "it cannot be read",
    "not-written": "it cannot be written",
    "unknown-format": "another version has saved it",
    "failed": "an internal error; the server's log says more",
}


class RestoreApp(Command):
    """Shows the last restore, and switches groups of dotfiles on and off."""

    name = "jupyter-nb-updater-restore"
    description = (
        "Show what was restored after the last start, what was not and why, and which files of the home folder are saved. "
        "Layout, settings and terminals always are."
    )
    examples = "jupyter nb-updater restore --keep git --keep history"
    keep = List(Unicode(), help="Save these files of the home folder from now on: git, aws, history, ipython.").tag(config=True)
    forget = List(Unicode(), help="Save them no longer, and delete the copies from the volume.").tag(config=True)
    aliases = {**Command.aliases, "keep": "RestoreApp.keep", "forget": "RestoreApp.forget"}

    def run(self) -> ExitCode:
        """Ask the running server, and change the choice if that is asked for."""
        wanted, unwanted = {*self.keep}, {*self.forget}
        if both := wanted & unwanted:
            self.error(f"--keep and --forget contradict each other: {', '.join(sorted(both))}")
            return ExitCode.USAGE
        try:
            server = find_server()
            part = server.call("GET", "state")["restore"]
            available = [choice["id"] for choice in part["available"]]
            if unknown := (wanted | unwanted) - {*available}:
                self.error(f"not available: {', '.join(sorted(unknown))}; there are {', '.join(available) or 'none'}")
                return ExitCode.USAGE
            if wanted | unwanted:
                files = sorted(({*part["enabled"]} | wanted) - unwanted)
                part = server.call("PUT", "restore", {"files": files})["restore"]
        except (ServerNotFound, ServerError, requests.RequestException) as error:
            self.error(str(error))
            return ExitCode.FAILED
        self.report(part, _lines(part))
        return ExitCode.CURRENT


def _lines(part: dict[str, Any]) -> Iterator[str]:
    for entry in part["restored"]:
        count = "" if entry["kind"] == "terminal" else f" ({entry['count']})"
        yield f"  restored      {_name(entry)}{count}  {entry['detail']}".rstrip()
    for entry in part["not_restored"]:
        yield f"  not restored  {_name(entry)}  {entry['detail']}: {REASONS.get(entry['code'], entry['code'])}"
    if not part["restored"] and not part["not_restored"]:
        yield "  nothing       was saved before this boot"
    for choice in part["available"]:
        state = "saved" if choice["id"] in part["enabled"] else "not saved"
        yield f"  {state:<13} {choice['id']}  {', '.join(choice['paths'])}{'' if choice['exists'] else ' (none exists now)'}"


def _name(entry: dict[str, Any]) -> str:
    kind = KIND_NAMES.get(entry["kind"], entry["kind"])
    return kind if entry["kind"] == "workspaces" else f"{kind} {entry['name']}"
