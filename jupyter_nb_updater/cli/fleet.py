"""``jupyter nb-updater fleet``: lists the notebook instances of an account and region, for administrators."""

from __future__ import annotations

from datetime import datetime

from traitlets import Float

from ..advice.policy import Policy
from ..fleet import MAX_REPORT_AGE, Doubt, FleetEntry, list_fleet
from ..instance.aws import Aws
from ..util.clock import parse_time_or_none, utcnow
from ..util.text import one_line, plural
from .base import AccountCommand, Command, CommandGroup, ExitCode
from .phrases import LEVELS

DOUBTS: dict[Doubt, str] = {
    "not-reported": "has not reported",
    "report-outdated": f"no report for {plural(MAX_REPORT_AGE.days, 'day')}",
    "started-since": "has not reported since AWS started or changed it",
    "report-implausible": "its report has no plausible dates",
}


class FleetStatusApp(AccountCommand):
    """Lists which notebook instances need a restart, with the credentials of the administrator. Changes nothing."""

    name = "jupyter-nb-updater-fleet-status"
    description = (
        "List all notebook instances of a region, and which of them need a restart, as each one last reported in its tags. "
        "A report that is older than two days, or that contradicts the dates of AWS, counts as unknown. Change nothing."
    )
    exit_codes = "0: all are up to date, 1: at least one needs a restart, 3: at least one is unknown, 4: AWS refused."
    examples = "jupyter nb-updater fleet status --region eu-west-1"
    flags = dict(Command.flags)
    aliases = {
        **AccountCommand.aliases,
        "advised-days": "FleetStatusApp.advised_days",
        "interval-days": "FleetStatusApp.interval_days",
    }
    advised_days = Float(
        Policy.advised_days,
        min=1.0,
        help="Uptime in days from which a restart is recommended, whatever the instance reports. Default: AWS's advice.",
    ).tag(config=True)
    interval_days = Float(
        Policy.interval_days,
        min=1.0,
        help="Uptime in days at which a restart is overdue, whatever the instance reports. Default: AWS's own interval.",
    ).tag(config=True)
    _code = ExitCode.CURRENT

    async def act(self, aws: Aws) -> None:
        """Print a line for each instance; the exit code is that of the worst one."""
        now, limits = utcnow(), Policy(advised_days=self.advised_days, interval_days=self.interval_days)
        entries = await list_fleet(aws, now, limits)
        self.report([entry.to_json() for entry in entries], _lines(entries, self.region, now))
        levels = {entry.level for entry in entries}
        if levels & {"advised", "due", "overdue"}:
            self._code = ExitCode.DUE
        elif "unknown" in levels:
            self._code = ExitCode.UNKNOWN

    def run(self) -> ExitCode:
        """Run the command and return its exit code."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


class FleetApp(CommandGroup):
    """Has the commands about many instances."""

    name = "jupyter-nb-updater-fleet"
    description = "List the notebook instances of a region that need a restart."
    subcommands = {"status": (FleetStatusApp, "List all instances, and which of them need a restart.")}


def _lines(entries: list[FleetEntry], region: str, now: datetime) -> list[str]:
    if not entries:
        return [f"There are no notebook instances in {region}."]
    width = max(len(entry.name) for entry in entries)
    return [_line(entry, width, now) for entry in entries]


def _line(entry: FleetEntry, width: int, now: datetime) -> str:
    held = parse_time_or_none(entry.held)
    facts = [
        DOUBTS[entry.doubt] if entry.doubt else "",
        f"last report {entry.reported}" if entry.doubt and entry.reported else "",
        f"deadline {entry.deadline}" if entry.deadline else "",
        f"running since {entry.booted}" if entry.booted else "",
        f"on hold until {entry.held}" if held and held > now else "",
        f"{plural(int(entry.unchanged), 'reason')} unresolved by the last restart" if entry.unchanged else "",
        _outcome(one_line(entry.outcome or "")),
    ]
    return f"{entry.name:<{width}}  {entry.status:<10}  {LEVELS[entry.level]:<21}  {', '.join(filter(None, facts))}".rstrip()


def _outcome(tag: str) -> str:
    """Return how the last restart ended.

    Args:
        tag: ``ID returned TIME`` or ``ID failed-to-return TIME STATUS``, as the stack writes it.
    """
    match tag.split():
        case [_, "returned", time]:
            return f"last restart: started again at {time}"
        case [_, "failed-to-return", time, status]:
            return f"last restart: did not start again, {status} at {time}"
        case _:
            return f"last restart: {tag}" if tag else ""
