"""A clock that may be simulated: what would be said on that day, and a month in a few minutes, for demonstrations and tests.

Advice goes by it, and so does whoever is held or put off. The machinery of a restart never does: the expiry of a request is
compared with real time outside this instance, by the stack.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from traitlets import Float, TraitError, Unicode, validate
from traitlets.config import LoggingConfigurable

from .clock import duration, from_text, to_text

MIN_SLEEP_SECONDS = 0.05
"""Shortest sleep between two polls, however fast simulated time passes: a week in nine minutes has a poll each minute."""

SIMULATED_YEARS = range(2017, 2200)
"""Years of a date that can be simulated; Python's dates, and sums of them, have an end."""

MAX_UPTIME = timedelta(days=100 * 365)
"""Longest simulated uptime. After so much simulated time the clock stands still."""


@dataclass(frozen=True)
class Simulation:
    """Maps real time to simulated time.

    What was before the anchor is shifted only, and keeps its age; what comes after it passes at the rate.

    Args:
        anchor: the real time at which it began.
        date: the simulated time at that moment.
        rate: simulated seconds in a real one, from then on.
    """

    anchor: datetime
    date: datetime
    rate: float = 1.0

    def at(self, real: datetime) -> datetime:
        """Return the simulated time of a real one, to the second."""
        passed = real - self.anchor
        if passed > timedelta(0):
            passed = min(passed, MAX_UPTIME / self.rate) * self.rate
        return (self.date + passed).replace(microsecond=0)


class AdviceClock(LoggingConfigurable):
    """The clock of advice: the wall clock, unless it is configured to simulate another time."""

    simulate_date = Unicode(
        "", help="For demonstrations: the date to use for advice, such as 2027-01-15T10:00:00Z. Empty: the real date."
    ).tag(config=True)
    simulate_uptime = Unicode(
        "", help="For demonstrations: the uptime at the simulated date, such as 40d. Empty: the real uptime."
    ).tag(config=True)
    anchor = Unicode(
        "", help="For demonstrations: the real time that corresponds to the simulated date. Empty: when this process started."
    ).tag(config=True)
    rate = Float(
        1.0,
        min=1.0,
        max=86400.0,
        help="For demonstrations: speed of the simulated clock, in simulated seconds per real second.",
    ).tag(config=True)

    def __init__(self, real: Callable[[], datetime] = lambda: datetime.now(timezone.utc), **kwargs: Any) -> None:
        """Args: the wall clock, in fractions of a second; ``parent``, whose configuration this gets."""
        super().__init__(**kwargs)
        self._real = real
        self.is_simulated = bool(self.simulate_date or self.simulate_uptime or self.rate != 1.0)
        anchor = from_text(self.anchor or None) or real()
        self._simulation = Simulation(anchor, from_text(self.simulate_date or None) or anchor, self.rate)
        self._uptime = duration(self.simulate_uptime) if self.simulate_uptime else None

    @validate("simulate_date", "anchor")
    def _is_a_time(self, proposal: dict[str, Any]) -> str:
        text = str(proposal["value"])
        try:
            moment = from_text(text or None)
        except ValueError:
            raise TraitError(f"{text!r} is not a time such as 2027-01-15T10:00:00Z") from None
        if moment is not None and moment.year not in SIMULATED_YEARS:
            raise TraitError(f"{text!r} is not between {SIMULATED_YEARS[0]} and {SIMULATED_YEARS[-1]}")
        return text

    @validate("simulate_uptime")
    def _is_a_duration(self, proposal: dict[str, Any]) -> str:
        text = str(proposal["value"])
        try:
            uptime = duration(text) if text else None
        except ValueError as error:
            raise TraitError(str(error)) from None
        if uptime is not None and uptime > MAX_UPTIME:
            raise TraitError(f"{text!r} is longer than {MAX_UPTIME.days}d")
        return text

    def now(self) -> datetime:
        """The time that advice goes by, to the second."""
        return self.of(self._real())

    def of(self, real: datetime) -> datetime:
        """A real time, as advice sees it."""
        return self._simulation.at(real) if self.is_simulated else real.replace(microsecond=0)

    def booted(self, real: datetime | None) -> datetime | None:
        """A boot, as advice sees it; ``None`` when it is not known.

        A simulated uptime is that of the boot before the simulation began: a later one has answered it.
        """
        if self._uptime is not None and (real is None or real <= self._simulation.anchor):
            return self._simulation.at(self._simulation.anchor - self._uptime)
        return None if real is None else self.of(real)

    def real_seconds(self, seconds: float) -> float:
        """For how long to sleep until so many seconds have passed."""
        return max(seconds / self.rate, MIN_SLEEP_SECONDS) if self.is_simulated else seconds

    def to_json(self, now: datetime | None = None) -> dict[str, Any] | None:
        """Return the clock as the state document has it; ``None`` when it is the wall clock.

        Args:
            now: its time at which something was judged; ``None`` for the present one.
        """
        return {"now": to_text(now or self.now()), "rate": self.rate} if self.is_simulated else None

    def __str__(self) -> str:
        """In words, for whoever looks at a log or a terminal."""
        if not self.is_simulated:
            return "the wall clock"
        return f"simulated: {to_text(self.now())}" + (f", {self.rate:g} times as fast" if self.rate != 1.0 else "")
