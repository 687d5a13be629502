"""Asks every source again when its answer has grown old: side by side, bounded, spread out, and less often while it fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from traitlets import Float
from traitlets.config import LoggingConfigurable

from .base import AdviceSource
from .signal import Signal


@dataclass
class SourceState:
    """What is known of one source.

    Args:
        signal: its last answer, or what became of it.
        again: when it is asked next.
        failures: in a row.
    """

    signal: Signal
    again: datetime
    failures: int = 0


def after_failure(name: str, kept: SourceState | None, error: BaseException, now: datetime) -> Signal:
    """What is known when a source could not be asked. Pure.

    "An unreachable feed never nags a current user and never silences an old one" (law 3): what was due stays due, with the
    age of that answer; whatever else was known is not known any more.
    """
    problem = str(error) or type(error).__name__
    if kept is not None and kept.signal.state == "due":
        return replace(kept.signal, evidence={**kept.signal.evidence, "problem": problem})
    timed_out = isinstance(error, asyncio.TimeoutError)
    code = f"{name}-timeout" if timed_out else f"{name}-unreachable"
    return Signal(name, "unknown", code, now, {} if timed_out else {"problem": problem})


class SourcePoller(LoggingConfigurable):
    """Every source, and its last answer."""

    jitter = Float(
        0.1, min=0.0, max=0.5, help="By which part of its time a look is moved, so that a fleet does not look at once."
    ).tag(config=True)
    retry_seconds = Float(60.0, min=1.0, help="Seconds after the first failure; twice as many after each further one.").tag(
        config=True
    )

    def __init__(self, sources: Iterable[AdviceSource], chance: Callable[[], float] = random.random, **kwargs: object) -> None:
        """Args: the sources; what gives a number from 0 to 1."""
        super().__init__(**kwargs)
        self._sources = [source for source in sources if source.enabled]
        self._chance = chance
        self._kept: dict[str, SourceState] = {}

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The last answers, in the order of the sources; one that was never asked is not there."""
        return tuple(self._kept[source.name].signal for source in self._sources if source.name in self._kept)

    @property
    def again(self) -> datetime | None:
        """When one of them is asked again, of those that are not asked at each look anyway."""
        return min(
            (kept.again for source in self._sources if source.every_seconds and (kept := self._kept.get(source.name))),
            default=None,
        )

    async def look(self, now: datetime, names: Container[str] | None = None) -> tuple[Signal, ...]:
        """Ask whoever is due to be asked, and wait for the answers.

        Args:
            now: the time to judge at. A clock that was set back asks everyone anew.
            names: of the sources to ask; ``None`` for all.
        """
        asked = [source for source in self._sources if (names is None or source.name in names) and self._is_old(source, now)]
        await asyncio.gather(*(self._ask(source, now) for source in asked))
        return self.signals

    def forget(self, name: str) -> None:
        """What it was judged by is different now: ask this source at the next look."""
        if name in self._kept:
            self._kept[name].again = datetime.min.replace(tzinfo=self._kept[name].again.tzinfo)

    def _is_old(self, source: AdviceSource, now: datetime) -> bool:
        kept = self._kept.get(source.name)
        longest = timedelta(seconds=source.every_seconds) * (1 + self.jitter)
        return kept is None or not now < kept.again <= now + longest

    async def _ask(self, source: AdviceSource, now: datetime) -> None:
        kept = self._kept.get(source.name)
        try:
            signal = await asyncio.wait_for(source.look(now), source.timeout_seconds)
        except Exception as error:  # noqa: BLE001  any failure of a source is an answer: unknown
            failures = kept.failures + 1 if kept else 1
            say = self.log.warning if failures == 1 else self.log.debug
            say("%s could not be asked: %s", source.name, str(error) or type(error).__name__)
            wait = min(source.every_seconds, self.retry_seconds * 2 ** min(failures - 1, 16))
            self._kept[source.name] = SourceState(
                after_failure(source.name, kept, error, now), self._later(now, wait), failures
            )
        else:
            self._kept[source.name] = SourceState(signal, self._later(now, source.every_seconds))

    def _later(self, now: datetime, seconds: float) -> datetime:
        return now + timedelta(seconds=seconds * (1 + self.jitter * (2 * self._chance() - 1)))
