"""``jupyter nb-updater lifecycle list``: every lifecycle configuration of a region, and what it has of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..instance.aws import Aws
from ..lifecycle.configurations import LifecycleClient
from ..lifecycle.inventory import LifecycleStatus, inventory
from ..lifecycle.plan import Notebook
from .account import AccountCommand
from .command import Command, ExitCode

WORDS = {
    "whole": "all of it is ours, version {version}",
    "block": "has our block, version {version}",
    "none": "has nothing of ours",
    "damaged": "has our block, and somebody has damaged it",
    "edited": "has our block, version {version}, and somebody has changed it",
    "unread": "cannot be read: {message}",
}


class ListApp(AccountCommand):
    """Looks, and changes nothing."""

    name = "jupyter-nb-updater-lifecycle-list"
    description = (
        "Every lifecycle configuration of the region: whether it has our block, which version, and which instances have it. "
        "Exit code 0: every instance has ours, 1: at least one has not, 3: of at least one it cannot be known, 4: AWS refused."
    )
    flags = dict(Command.flags)
    _code = ExitCode.CURRENT

    async def act(self, aws: Aws) -> None:
        """Look, and tell."""
        account = LifecycleClient(aws, parent=self)
        notebooks = await account.instances()
        entries = inventory(await account.configurations(), notebooks)
        named = {entry.name for entry in entries}
        bare = [one for one in notebooks if one.configuration not in named]
        self.report(
            {"configurations": [entry.to_json() for entry in entries], "without": [_bare(one) for one in bare]},
            _lines(entries, bare, self.region),
        )
        used = [entry for entry in entries if entry.notebooks]
        if bare or any(entry.state == "none" for entry in used):
            self._code = ExitCode.DUE
        elif any(entry.has_it is None for entry in used):
            self._code = ExitCode.UNKNOWN

    def run(self) -> ExitCode:
        """As every command for an administrator."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


def _lines(entries: list[LifecycleStatus], bare: list[Notebook], region: str) -> Iterator[str]:
    for entry in entries:
        yield f"{entry.name}: {WORDS[entry.state].format(version=entry.version, message=entry.message)}"
        for one in entry.notebooks:
            has = {True: "has it from its next start on, if not already", False: "does not get it", None: "cannot be known"}
            yield f"  {one.name}  {one.status}  {has[entry.has_it]}"
    for one in bare:
        what = f"its configuration {one.configuration} does not exist" if one.configuration else "no configuration"
        yield f"{one.name}  {one.status}  {what}"
    if not entries and not bare:
        yield f"There is neither a lifecycle configuration nor a notebook instance in {region}."


def _bare(one: Notebook) -> dict[str, Any]:
    return {"name": one.name, "status": one.status, "configuration": one.configuration}
