"""Poll every signal source at its interval: concurrently, with a timeout, and less often while it fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from traitlets import Float, List, Type
from traitlets.config import LoggingConfigurable

from ..advice.signal import Signal
from ..util.clock import PollSchedule
from .age import AgeSource
from .base import AdviceSource, SourceContext
from .fleet import FleetSource
from .health import HealthSource
from .maintenance import MaintenanceSource
from .org_advisories import OrgAdvisoriesSource
from .os_release import OsReleaseSource
from .platform import PlatformSource

SOURCES: tuple[type[AdviceSource], ...] = (
    AgeSource,
    MaintenanceSource,
    PlatformSource,
    OsReleaseSource,
    FleetSource,
    HealthSource,
    OrgAdvisoriesSource,
)
"""The built-in sources, in the order of the *Why?* dialog."""


class SourceRegistry(LoggingConfigurable):
    """Know the classes of all sources."""

    extra_source_classes = List(
        Type(klass=AdviceSource),
        help="Additional signal sources: dotted names of subclasses of `jupyter_nb_updater.signals.base.AdviceSource`. "
        "One with the `name` of a built-in source replaces it.",
    ).tag(config=True)

    def build(self, context: SourceContext) -> list[AdviceSource]:
        """Create one source of each class, with the configuration of this registry's parent.

        Args:
            context: what the sources can use.
        """
        classes: dict[str, type[AdviceSource]] = {source.name: source for source in (*SOURCES, *self.extra_source_classes)}
        return [source(context, parent=self.parent) for source in classes.values()]


@dataclass
class SourceState:
    """State of one source.

    Args:
        schedule: when the source is polled next.
        signal: its last signal; ``None`` before the first poll.
    """

    schedule: PollSchedule
    signal: Signal | None = None


def signal_after_failure(name: str, last: Signal | None, error: BaseException, now: datetime) -> Signal:
    """Return the signal of a source whose poll failed.

    "An unreachable feed never nags a current user and never silences an old one" (law 3): a signal that was ``due`` stays so,
    with the time of that answer; any other becomes ``unknown``.

    Args:
        name: name of the source.
        last: its last signal; ``None`` if there is none.
        error: exception of the poll.
        now: time of the poll.
    """
    problem = str(error) or type(error).__name__
    if last is not None and last.state == "due":
        return replace(last, evidence={**last.evidence, "problem": problem})
    timed_out = isinstance(error, asyncio.TimeoutError)
    code = f"{name}-timeout" if timed_out else f"{name}-unreachable"
    return Signal(name, "unknown", code, now, {} if timed_out else {"problem": problem})


class SourcePoller(LoggingConfigurable):
    """Poll all sources, and keep their last signals."""

    jitter = Float(
        0.1,
        min=0.0,
        max=0.5,
        help="Random jitter on each interval, as a fraction (0.1 = ±10 %), so that a fleet does not poll at the same time.",
    ).tag(config=True)
    retry_seconds = Float(
        60.0, min=1.0, help="Delay in seconds before the first retry of a failed poll; doubled after each further failure."
    ).tag(config=True)

    def __init__(self, sources: Iterable[AdviceSource], rng: random.Random | None = None, **kwargs: object) -> None:
        """Create the poller.

        Args:
            sources: sources in the order of the signals; disabled ones are left out.
            rng: generator of random numbers from 0 to 1.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._sources = [source for source in sources if source.enabled]
        self._states = {
            source.name: SourceState(PollSchedule(self.jitter, self.retry_seconds, rng)) for source in self._sources
        }

    @property
    def signals(self) -> tuple[Signal, ...]:
        """The last signals in the order of the sources. A source that was never polled has none."""
        return tuple(state.signal for state in self._states.values() if state.signal is not None)

    @property
    def next_poll(self) -> datetime | None:
        """Time of the next poll, ignoring sources that are polled every time."""
        schedules = (self._states[source.name].schedule for source in self._sources if source.interval_seconds)
        return min((schedule.next_poll for schedule in schedules if schedule.next_poll is not None), default=None)

    async def poll(self, now: datetime, names: Container[str] | None = None) -> tuple[Signal, ...]:
        """Poll the sources that are due, and return all signals.

        Args:
            now: the current time. If the clock was set back, every source is due.
            names: names of the sources to poll; ``None`` for all.
        """
        due = [
            source
            for source in self._sources
            if (names is None or source.name in names)
            and self._states[source.name].schedule.is_due(now, source.interval_seconds)
        ]
        await asyncio.gather(*(self._poll(source, now) for source in due))
        return self.signals

    def invalidate(self, name: str) -> None:
        """Poll a source at the next opportunity, because its signal depends on something that has changed."""
        if name in self._states:
            self._states[name].schedule.invalidate()

    async def _poll(self, source: AdviceSource, now: datetime) -> None:
        state = self._states[source.name]
        try:
            state.signal = await asyncio.wait_for(source.poll(now), source.timeout_seconds)
        except Exception as error:  # noqa: BLE001  any failure of a source is an answer: unknown
            state.signal = signal_after_failure(source.name, state.signal, error, now)
            state.schedule.failed(now, source.interval_seconds)
            log = self.log.warning if state.schedule.failures == 1 else self.log.debug
            log("Could not poll the signal source %s: %s", source.name, str(error) or type(error).__name__)
        else:
            state.schedule.succeeded(now, source.interval_seconds)
