"""``jupyter nb-updater policy simulate``: shows the advice that an instance would get under a policy, over time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from traitlets import Unicode

from ..advice.advise import Advice
from ..advice.adviser import Adviser
from ..org_policy.document import AdvisoryList, Document
from ..org_policy.parse import parse_document
from ..signals.age import age
from ..signals.maintenance import maintenance
from ..signals.org_advisories import org_advisories
from ..util.clock import DURATION, duration, from_text, parse_when, to_text, utcnow
from .base import Command, ExitCode
from .phrases import LEVELS, PLAN_STEPS
from .policy_base import DocumentCommand

DAY = timedelta(days=1)


def simulate(
    document: Document, booted: datetime, times: Sequence[datetime], *, platform: str | None = None, arn: str = ""
) -> Iterator[tuple[datetime, Advice]]:
    """Yield the advice at each of these times, as if a person had looked once a day since the start.

    Args:
        document: in force all the time; once it has expired, it requires nothing.
        booted: when the instance was started.
        times: to give advice at, in order.
        platform: of the instance; with ``None``, advisories for one platform stay undecided.
        arn: of the instance; it decides the position in a rollout.
    """
    adviser, policy = Adviser(arn=arn), document.policy

    def advice_at(now: datetime) -> Advice:
        signals = [
            age(booted, now, advised_days=policy.advised_days, interval_days=policy.interval_days),
            maintenance("InService", now),
            org_advisories(AdvisoryList(document.advisories), booted, platform, now),
        ]
        advice = adviser.advise(signals, booted, None, policy, now)
        is_new = adviser.record_shown(advice, policy, now) is not None
        return adviser.advise(signals, booted, None, policy, now) if is_new else advice

    for day in range(math.ceil((times[0] - booted) / DAY) if times else 0):
        advice_at(booted + day * DAY)
    for now in times:
        yield now, advice_at(now)


MAX_ROWS = 5000

STAGES = {"none": "-", "quiet": "status bar", "banner": "banner", "countdown": "countdown"}
"""How the advice is displayed."""


class SimulateApp(DocumentCommand):
    """Simulates the advice for an instance that was started at some time. Changes nothing."""

    name = "jupyter-nb-updater-policy-simulate"
    description = """Show when a policy would recommend or require a restart, at one time or over a period.

    DOCUMENT is a file, or an address https://…, s3://… or file://….
    """
    exit_codes = "0: done, 4: the document is rejected."
    examples = "jupyter nb-updater policy simulate organization.json --booted 20d --until 40d --step 1d"
    at = Unicode("", help="First time of the simulation, in UTC (2026-11-23T18:00:00Z). Default: now.").tag(
        config=True, placeholder="TIME"
    )
    booted = Unicode("0d", help="When the instance was started: a UTC time, or a duration before --at (34d).").tag(
        config=True, placeholder="TIME"
    )
    until = Unicode("", help="Last time of the simulation: a UTC time, or a duration after --at (40d). Default: --at.").tag(
        config=True, placeholder="TIME"
    )
    step = Unicode("1d", help="Duration between two rows (1d, 12h).").tag(config=True, placeholder="DURATION")
    platform = Unicode("", help="Platform of the instance, such as notebook-al2023-v1.").tag(config=True)
    arn = Unicode("", help="ARN of the instance; it decides the position in a rollout.").tag(config=True, placeholder="ARN")
    aliases = {
        **Command.aliases,
        **{name: f"SimulateApp.{name}" for name in ("at", "booted", "until", "step", "platform")},
        "instance": "SimulateApp.arn",
    }

    def act(self) -> ExitCode:
        """Print a row for each time."""
        try:
            booted, times = self._times(utcnow())
        except ValueError as error:
            self.error(f"{error}.")
            return ExitCode.USAGE
        document = asyncio.run(self._fetch())
        rows = list(simulate(document, booted, list(times), platform=self.platform or None, arn=self.arn))
        self.report([{"at": to_text(now), **advice.to_json()} for now, advice in rows], _table(rows))
        return ExitCode.CURRENT

    async def _fetch(self) -> Document:
        fetcher = self.fetcher()
        try:
            return parse_document((await fetcher.fetch())[0].content or b"")
        finally:
            fetcher.close()

    def _times(self, now: datetime) -> tuple[datetime, Iterator[datetime]]:
        at = _time(self.at, now) if self.at else now
        booted = at - duration(self.booted) if DURATION.fullmatch(self.booted) else _time(self.booted, at)
        until, step = _time(self.until, at) if self.until else at, duration(self.step)
        if step <= timedelta(0):
            raise ValueError("--step must be longer than 0")
        if booted > at:
            raise ValueError("--booted is after --at")
        return booted, islice(_steps(at, until, step), MAX_ROWS)


def _time(text: str, now: datetime) -> datetime:
    found = from_text(parse_when(text, now))
    assert found is not None  # noqa: S101  a text was given
    return found


def _steps(at: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    while at <= until:
        yield at
        at += step


def _table(rows: Iterable[tuple[datetime, Advice]]) -> Iterator[str]:
    yield f"{'at':<20}  {'level':<21}  {'shown':<10}  {'deadline':<20}  if nobody restarts it"
    for now, advice in rows:
        acts = ["automatic restart when idle"] if advice.required else []
        steps = [f"{PLAN_STEPS.get(code, code)} {to_text(at)}" for code, at in advice.plan if code != "deadline"]
        shown, until = STAGES[advice.stage], to_text(advice.deadline) or "-"
        yield f"{to_text(now):<20}  {LEVELS[advice.level]:<21}  {shown:<10}  {until:<20}  {'; '.join(acts + steps)}".rstrip()
