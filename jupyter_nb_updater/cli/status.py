"""``jupyter nb-updater status``: is a restart due, and why? Works without a running server."""

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
from ..instance.sagemaker import Description
from ..instance.software import Software
from ..journal import Journal
from ..org_policy.manager import PolicyManager
from ..service.advice import AdviceParts, build_advice
from ..signals.poller import SOURCES, SourcePoller, SourceRegistry
from ..util.clock import to_text
from ..util.simulated_clock import AdviceClock
from .base import Command, ExitCode

WORDS = {
    "current": "nothing to do",
    "advised": "a restart is advised",
    "due": "a restart is due",
    "overdue": "a restart is overdue",
    "unknown": "it cannot be known whether a restart is due",
}
MAX_SOURCE_SECONDS = 20.0
"""Longest that a source is waited for: the first time, dnf fetches the metadata of a whole operating system."""

CODES = {"current": ExitCode.CURRENT, "unknown": ExitCode.UNKNOWN}


class StatusApp(Command):
    """Reads the machine, asks AWS, and judges by the configured policy."""

    name = "jupyter-nb-updater-status"
    description = "Is a restart due, and why? Exit code 0: current, 1: due, 3: unknown or no notebook instance."
    examples = "jupyter nb-updater status --simulate-date 2027-01-15T10:00:00Z --simulate-uptime 40d"
    classes = [
        InstanceMetadata,
        BootClock,
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
        """Print the judgment; the exit code is the judgment for scripts."""
        clock = self._clock()
        now = clock.now()
        try:
            identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            unknown = {"level": "unknown", "code": error.code, "reason": str(error)}
            self.report(unknown, [f"This is no SageMaker notebook instance: {error}"])
            return ExitCode.UNKNOWN
        context = build_context(identity, self, clock)
        context.refresh_boot()
        software = context.software.read()
        context.state.update(software=software)
        parts = build_advice(context, self, writes=False, max_source_seconds=MAX_SOURCE_SECONDS)
        description, signals = asyncio.run(_ask(context, parts, now))
        policy = parts.adviser.policy_in_force(parts.policies.policy)
        advice = parts.adviser.advise(signals, context.advice_booted(), None, policy, now)
        content = {
            "instance": {"name": identity.name, "region": identity.region, "account": identity.account},
            "status": getattr(description, "status", None),
            "platform": getattr(description, "platform", None),
            "software": software,
            "clock": clock.to_json(now),
            **advice.to_json(),
        }
        lines = self._lines(identity, advice, description, software)
        self.report(content, [*lines, f"  clock     {clock}"] if clock.is_simulated else lines)
        return CODES.get(advice.level, ExitCode.DUE)

    def _clock(self) -> AdviceClock:
        """What is given on the command line takes the place of a clock that is simulated on this machine anyway."""
        given = self.cli_config.get("AdviceClock", {})
        if not {"simulate_date", "simulate_uptime"} & given.keys():
            return AdviceClock(parent=self)
        date, uptime = given.get("simulate_date", ""), given.get("simulate_uptime", "")
        return AdviceClock(simulate_date=date, simulate_uptime=uptime, anchor="", rate=1.0, parent=self)

    def _lines(
        self, identity: Identity, advice: Advice, description: Description | AwsError, software: dict[str, str]
    ) -> list[str]:
        said = (
            f"not known: {description}"
            if isinstance(description, AwsError)
            else ", ".join(filter(None, (description.status, description.platform)))
        )
        because = ", ".join(reason.id for reason in advice.reasons)
        return [
            f"{identity.name} ({identity.region}): {WORDS[advice.level]}",
            *([f"  because   {because}"] if because else []),
            f"  started   {_started(advice)}",
            f"  deadline  {to_text(advice.deadline) or 'none'}",
            f"  AWS says  {said}",
            f"  software  {', '.join(f'{name} {version}' for name, version in software.items())}",
        ]


async def _ask(
    context: InstanceContext, parts: AdviceParts, now: datetime
) -> tuple[Description | AwsError, tuple[Signal, ...]]:
    """Ask AWS and every source at once. AWS is asked one time: the sources share its answer."""
    try:
        await parts.policies.load(now)
        context.sagemaker.use_platform_facts(parts.policies.platforms)
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
        return "not known: the machine's clock is not plausible"
    return f"{evidence['booted']}, {evidence['days']} days ago; a restart is advised every {evidence['advised_days']:g} days"
