"""``jupyter nb-updater policy simulate``: what an instance would be told under a document, over time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from traitlets import Unicode

from ..advice.advise import Advice
from ..clock import DURATION, duration, from_text, to_text, utcnow
from ..organisation.document import Document
from ..organisation.reading import parse_document
from ..organisation.simulation import simulate
from .command import Command, ExitCode
from .document import DocumentCommand
from .moment import parse_when

MOST_ROWS = 5000


class SimulateApp(DocumentCommand):
    """Tries a document out, on an instance that was started at some time. Asks nobody, and changes nothing."""

    name = "jupyter-nb-updater-policy-simulate"
    description = "What would an instance be told under this document, at a time or over time?"
    examples = "jupyter nb-updater policy simulate organisation.json --booted 20d --until 40d --step 1d"
    at = Unicode("", help="The time to judge at: 2026-11-23T18:00:00Z. Default: now.").tag(config=True)
    booted = Unicode("0d", help="When the instance was started: a time, or how long before --at (34d).").tag(config=True)
    until = Unicode("", help="Go on until then: a time, or how long after --at (40d).").tag(config=True)
    step = Unicode("1d", help="By so much at a time: 1d, 12h.").tag(config=True)
    platform = Unicode("", help="Platform of the instance.").tag(config=True)
    arn = Unicode("", help="ARN of the instance: it decides its place in a rollout.").tag(config=True)
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
            self.complain(str(error))
            return ExitCode.USAGE
        document = asyncio.run(self._look())
        rows = list(simulate(document, booted, list(times), platform=self.platform or None, instance=self.arn))
        self.report([{"at": to_text(now), **advice.to_json()} for now, advice in rows], _table(rows))
        return ExitCode.CURRENT

    async def _look(self) -> Document:
        courier = self.courier()
        try:
            return parse_document((await courier.get())[0].content or b"")
        finally:
            courier.close()

    def _times(self, now: datetime) -> tuple[datetime, Iterator[datetime]]:
        at = _time(self.at, now) if self.at else now
        booted = at - duration(self.booted) if DURATION.fullmatch(self.booted) else _time(self.booted, at)
        until, step = _time(self.until, at) if self.until else at, duration(self.step)
        if step <= timedelta(0):
            raise ValueError("--step has to be longer than nothing")
        if booted > at:
            raise ValueError("--booted is after --at")
        return booted, islice(_steps(at, until, step), MOST_ROWS)


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
