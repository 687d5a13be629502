"""``jupyter nb-updater fleet``: shows all notebook instances of an account and region. For an administrator."""

from __future__ import annotations

import asyncio
import os

from traitlets import Unicode, default

from ..fleet import FleetEntry, list_fleet
from ..instance.aws import Aws, AwsError
from .base import Command, CommandGroup, ExitCode


class FleetStatusApp(Command):
    """Shows which notebook instances are behind, with the administrator's own credentials; changes nothing."""

    name = "jupyter-nb-updater-fleet-status"
    description = (
        "Which notebook instances are behind? Exit code 0: none, 1: at least one, 3: at least one is unknown, 4: AWS refused."
    )
    classes = [Aws]
    region = Unicode(help="The region. Default: AWS_REGION or AWS_DEFAULT_REGION.").tag(config=True)
    aliases = {**Command.aliases, "region": "FleetStatusApp.region"}

    @default("region")
    def _default_region(self) -> str:
        return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""

    def run(self) -> ExitCode:
        """Print one line for each instance, the worst exit code for all."""
        if not self.region:
            self.error("which region? Give --region, or set AWS_REGION")
            return ExitCode.USAGE
        try:
            entries = asyncio.run(self._list_fleet())
        except AwsError as error:
            self.error(f"{error}" + (f" (the IAM action {error.action} is missing)" if error.action else ""))
            return ExitCode.FAILED
        self.report([entry.to_json() for entry in entries], _lines(entries, self.region))
        levels = {entry.level for entry in entries}
        if levels & {"advised", "due", "overdue"}:
            return ExitCode.DUE
        return ExitCode.UNKNOWN if "unknown" in levels else ExitCode.CURRENT

    async def _list_fleet(self) -> list[FleetEntry]:
        aws = Aws(self.region, parent=self)
        try:
            return await list_fleet(aws)
        finally:
            aws.close()


class FleetApp(CommandGroup):
    """Groups the commands about many instances."""

    name = "jupyter-nb-updater-fleet"
    description = "All notebook instances of an account and region."
    subcommands = {"status": (FleetStatusApp, "Which ones are behind?")}


def _lines(entries: list[FleetEntry], region: str) -> list[str]:
    if not entries:
        return [f"There is no notebook instance in {region}."]
    width = max(len(entry.name) for entry in entries)
    return [_line(entry, width) for entry in entries]


def _line(entry: FleetEntry, width: int) -> str:
    facts = [f"up since {entry.booted}" if entry.booted else "", f"deadline {entry.deadline}" if entry.deadline else ""]
    facts.append(f"held until {entry.held}" if entry.held else "")
    facts.append(f"a restart left {entry.unchanged} of its reasons as they were" if entry.unchanged else "")
    facts.append(f"last restart {entry.outcome}" if entry.outcome else "")
    return f"{entry.name:<{width}}  {entry.status:<10}  {entry.level:<8}  {', '.join(filter(None, facts))}".rstrip()
