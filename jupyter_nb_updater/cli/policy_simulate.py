"""``jupyter nb-updater policy simulate``: which advice an instance would get under a document, over time."""

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
from .policy_base import DocumentCommand

DAY = timedelta(days=1)


def simulate(
    document: Document, booted: datetime, times: Sequence[datetime], *, platform: str | None = None, arn: str = ""
) -> Iterator[tuple[datetime, Advice]]:
    """Yield the advice at each of these times, as if a person had seen it once a day since the boot.

    Args:
        document: active all the time; once it has expired it requires nothing.
        booted: when the instance was started.
        times: at which advice is given, in order.
        platform: of the instance; ``None`` leaves advisories for one platform undecided.
        arn: of the instance, from which its position in a rollout follows.
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


class SimulateApp(DocumentCommand):
    """Simulates the advice for an instance that was started at some time. Asks nobody, and changes nothing."""

    name = "jupyter-nb-updater-policy-simulate"
    description = "What would an instance be told under this document, at a time or over time?"
    examples = "jupyter nb-updater policy simulate organization.json --booted 20d --until 40d --step 1d"
    at = Unicode("", help="The time to judge at: 2026-11-23T18:00:00Z. Default: now.").tag(config=True)
    booted = Unicode("0d", help="When the instance was started: a time, or how long before --at (34d).").tag(config=True)
    until = Unicode("", help="Go on until then: a time, or how long after --at (40d).").tag(config=True)
    step = Unicode("1d", help="By so much at a time: 1d, 12h.").tag(config=True)
    platform = Unicode("", help="Platform of the instance.").tag(config=True)
    arn = Unicode("", help="ARN of the instance: its position in a rollout follows from it.").tag(config=True)
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
            self.error(str(error))
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
            raise ValueError("--step has to be longer than nothing")
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
    yield f"{'at':<22}{'level':<10}{'shown':<11}{'deadline':<22}what happens if nothing is done"
    for now, advice in rows:
        plan = "; ".join(f"{code} {to_text(at)}" for code, at in advice.plan)
        acts = "restarts when idle; " if advice.required else ""
        until = to_text(advice.deadline) or "-"
        yield f"{to_text(now):<22}{advice.level:<10}{advice.stage:<11}{until:<22}{acts}{plan}".rstrip()
