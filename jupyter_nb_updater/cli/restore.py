"""``jupyter nb-updater restore``: shows what was restored after a restart, and chooses the dotfiles that are saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from traitlets import List, Unicode

from ..util.text import plural
from .base import Command, ExitCode
from .client import ServerClient, ServerCommand
from .phrases import NOT_RESTORED

KIND_NAMES = {"workspaces": "layout", "settings": "settings", "terminal": "terminal", "files": "files"}
COUNTED = {"workspaces": "open document", "settings": "file", "files": "file"}


class RestoreApp(ServerCommand):
    """Shows what was restored, and switches groups of dotfiles on and off."""

    name = "jupyter-nb-updater-restore"
    description = """Show what was restored after the restart, and choose dotfiles to keep.

    Layout, settings and terminals are always saved. Files of your home folder are saved only if you choose them.
    """
    exit_codes = "0: done, 4: the Jupyter server refused or did not answer."
    examples = "jupyter nb-updater restore\njupyter nb-updater restore --keep git --keep history"
    keep = List(Unicode(), help="Save this group of dotfiles from now on: git, aws, history or ipython. May be repeated.").tag(
        config=True, placeholder="GROUP"
    )
    forget = List(Unicode(), help="Stop saving this group, and delete its copies from the volume. May be repeated.").tag(
        config=True, placeholder="GROUP"
    )
    aliases = {**Command.aliases, "keep": "RestoreApp.keep", "forget": "RestoreApp.forget"}

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        both = {*self.keep} & {*self.forget}
        return f"Give either --keep or --forget for {', '.join(sorted(both))}, not both." if both else ""

    def act(self, server: ServerClient) -> ExitCode:
        """Print the report, after changing the choice if options were given."""
        wanted, unwanted = {*self.keep}, {*self.forget}
        part = server.call("GET", "state")["restore"]
        available = [choice["id"] for choice in part["available"]]
        if unknown := (wanted | unwanted) - {*available}:
            self.error(f"Unknown group {', '.join(sorted(unknown))}. Available: {', '.join(available) or 'none'}.")
            return ExitCode.USAGE
        if wanted | unwanted:
            files = sorted(({*part["enabled"]} | wanted) - unwanted)
            part = server.call("PUT", "restore", {"files": files})["restore"]
        self.report(part, _lines(part))
        return ExitCode.CURRENT


def _lines(part: dict[str, Any]) -> Iterator[str]:
    if part["restored"]:
        yield "Restored after the last start:"
    for entry in part["restored"]:
        count = f": {plural(entry['count'], COUNTED[entry['kind']])}" if entry["kind"] in COUNTED else ""
        yield f"  {_name(entry)}{count}  {entry['detail']}".rstrip()
    if part["not_restored"]:
        yield "Not restored, or only in part:"
    for entry in part["not_restored"]:
        where = f" ({entry['detail']})" if entry["detail"] else ""
        yield f"  {_name(entry)}{where}: {NOT_RESTORED.get(entry['code'], entry['code'])}"
    if not part["restored"] and not part["not_restored"]:
        yield "Nothing was saved before the last start."
    yield "Dotfiles:"
    for choice in part["available"]:
        chosen, exists = choice["id"] in part["enabled"], choice["exists"]
        state = ("saved" if exists else "chosen") if chosen else "not saved"
        yield f"  {choice['id']:<8}  {state:<9}  {', '.join(choice['paths'])}{'' if exists else ' (none exists now)'}"


def _name(entry: dict[str, Any]) -> str:
    kind = KIND_NAMES.get(entry["kind"], entry["kind"])
    return kind if entry["kind"] in {"workspaces", "settings"} else f"{kind} {entry['name']}"
