"""``jupyter nb-updater status``: shows whether a restart is recommended, and why. Works without a running server."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from ..advice.advise import Advice
from ..advice.adviser import Adviser
from ..advice.signal import Signal
from ..instance.aws import Aws, AwsError
from ..instance.boot_time import BootClock
from ..instance.context import InstanceContext, build_context
from ..instance.metadata import Identity, InstanceMetadata, NotANotebookInstance
from ..instance.sagemaker import Description, PlatformTable
from ..instance.software import Software
from ..journal import Journal
from ..org_policy.manager import PolicyManager
from ..service.advice import AdviceParts, build_advice
from ..signals.poller import SOURCES, SourcePoller, SourceRegistry
from ..util.clock import to_text
from ..util.simulated_clock import AdviceClock
from ..util.text import one_line, plural
from .base import Command, ExitCode, not_an_instance
from .phrases import COMPONENTS, LEVELS, SOURCE_NAMES, describe_reason, describe_signal, person_name

MAX_SOURCE_SECONDS = 20.0
"""Seconds to wait for each source: the first time, dnf fetches the metadata of a whole operating system."""

CODES = {"current": ExitCode.CURRENT, "unknown": ExitCode.UNKNOWN}


class StatusApp(Command):
    """Reads the machine, asks AWS, and judges by the policy in force."""

    name = "jupyter-nb-updater-status"
    description = "Show whether a restart is recommended, and why. No Jupyter server needs to run."
    exit_codes = "0: up to date, 1: a restart is recommended, due or overdue, 3: unknown, or not a notebook instance."
    examples = """jupyter nb-updater status
    jupyter nb-updater status --simulate-date 2027-01-15T10:00:00Z --simulate-uptime 40d"""
    classes = [
        InstanceMetadata,
        BootClock,
        PlatformTable,
        AdviceClock,
        Software,
        Aws,
        Adviser,
        Journal,
        PolicyManager,
        SourcePoller,
        SourceRegistry,
        *SOURCES,
    ]
    aliases = {
        **Command.aliases,
        "simulate-date": "AdviceClock.simulate_date",
        "simulate-uptime": "AdviceClock.simulate_uptime",
    }

    def run(self) -> ExitCode:
        """Print the advice; the exit code has it for scripts."""
        clock = self._clock()
        now = clock.now()
        try:
            identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            unknown = {"level": "unknown", "code": error.code, "reason": str(error)}
            self.report(unknown, [not_an_instance(error)])
            return ExitCode.UNKNOWN
        context = build_context(identity, self, clock)
        context.refresh_boot()
        software = context.software.read()
        context.state.update(software=software)
        parts = build_advice(context, self, writes=False, max_source_seconds=MAX_SOURCE_SECONDS)
        description, signals = asyncio.run(_ask(context, parts, now))
        records = context.journal.records()
        parts.adviser.load_history(records)
        parts.holds.load_history(records)
        hold = parts.holds.current(now)
        policy = parts.adviser.policy_in_force(parts.policies.policy)
        advice = parts.adviser.advise(signals, context.advice_booted(), hold, policy, now)
        content = {
            "instance": {"name": identity.name, "region": identity.region, "account": identity.account},
            "status": getattr(description, "status", None),
            "platform": getattr(description, "platform", None),
            "software": software,
            "clock": clock.to_json(now),
            "hold": hold.to_json() if hold else None,
            **advice.to_json(),
        }
        lines = self._lines(identity, advice, description, software)
        if hold is not None:
            owner = person_name(one_line(hold.by), verified=hold.verified)
            lines.append(f"  hold        by {owner} until {to_text(hold.until)}: {one_line(hold.reason)}")
        if clock.is_simulated:
            lines.append(f"  clock       {clock}")
        self.report(content, lines)
        return CODES.get(advice.level, ExitCode.DUE)

    def _clock(self) -> AdviceClock:
        """Options on the command line replace the simulated clock of this machine."""
        given = self.cli_config.get("AdviceClock", {})
        if not {"simulate_date", "simulate_uptime"} & given.keys():
            return AdviceClock(parent=self)
        date, uptime = given.get("simulate_date", ""), given.get("simulate_uptime", "")
        return AdviceClock(simulate_date=date, simulate_uptime=uptime, anchor="", rate=1.0, parent=self)

    def _lines(
        self, identity: Identity, advice: Advice, description: Description | AwsError, software: dict[str, str]
    ) -> list[str]:
        aws = (
            f"unknown: {description}"
            if isinstance(description, AwsError)
            else ", ".join(filter(None, (description.status, description.platform)))
        )
        signals = [signal.to_json() for signal in advice.signals]
        reasons = dict.fromkeys(describe_reason(reason.id, signals) for reason in advice.reasons)
        unknown = [signal for signal in signals if signal["state"] == "unknown"]
        rows = [
            *(("reason", reason) for reason in reasons),
            ("started", _started(advice)),
            ("deadline", to_text(advice.deadline) or "none"),
            ("AWS status", aws),
            ("software", ", ".join(f"{COMPONENTS.get(name, name)} {version}".strip() for name, version in software.items())),
            *(("unknown", f"{SOURCE_NAMES.get(one['name'], one['name'])}: {describe_signal(one['code'])}") for one in unknown),
        ]
        return [
            f"{identity.name} ({identity.region}): {LEVELS[advice.level]}",
            *(f"  {name:<10}  {text}" for name, text in rows),
        ]


async def _ask(
    context: InstanceContext, parts: AdviceParts, now: datetime
) -> tuple[Description | AwsError, tuple[Signal, ...]]:
    """Ask AWS and every source at the same time. The sources share one description of the instance."""
    try:
        await parts.policies.load(now)
        context.sagemaker.platforms.use(parts.policies.platforms)
        description, signals = await asyncio.gather(_describe(context), parts.poller.poll(now))
        return description, signals
    finally:
        parts.policies.close()
        await context.close()


async def _describe(context: InstanceContext) -> Description | AwsError:
    try:
        return await context.descriptions.describe()
    except AwsError as error:
        return error


def _started(advice: Advice) -> str:
    evidence: dict[str, Any] = next((signal.evidence for signal in advice.signals if signal.name == "age"), {})
    if not evidence:
        return "unknown: the clock and the boot time of this machine disagree"
    interval = plural(evidence["advised_days"], "day")
    return f"{evidence['booted']}, {plural(evidence['days'], 'day')} ago (a restart is recommended every {interval})"
