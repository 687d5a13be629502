"""A clock that can be simulated: advice on a given day, or a month within minutes, for demonstrations and tests.

Advice, holds and deferrals use this clock. The restart itself never does: outside the instance, the stack compares the expiry
of a request with real time.
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
"""Minimum sleep between two polls, in seconds, however fast simulated time passes."""

SIMULATED_YEARS = range(2017, 2200)
"""Years that can be simulated, because Python's dates have limits."""

MAX_UPTIME = timedelta(days=100 * 365)
"""Maximum simulated uptime. The clock stops after this much simulated time."""


@dataclass(frozen=True)
class Simulation:
    """Map real time to simulated time.

    Times before the anchor are only shifted, and keep their age; after it, simulated time passes at the rate.

    Args:
        anchor: real time of the beginning.
        date: simulated time of the beginning.
        rate: simulated seconds per real second.
    """

    anchor: datetime
    date: datetime
    rate: float = 1.0

    def at(self, real: datetime) -> datetime:
        """Return the simulated time for a real one, to the second."""
        passed = real - self.anchor
        if passed > timedelta(0):
            passed = min(passed, MAX_UPTIME / self.rate) * self.rate
        return (self.date + passed).replace(microsecond=0)


class AdviceClock(LoggingConfigurable):
    """The clock used for advice: the wall clock, unless another time is simulated."""

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
        """Create the clock.

        Args:
            real: returns the wall clock time, with fractions of a second.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
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
        """Return the current time for advice, to the second."""
        return self.of(self._real())

    def of(self, real: datetime) -> datetime:
        """Return the time for advice that corresponds to a real time."""
        return self._simulation.at(real) if self.is_simulated else real.replace(microsecond=0)

    def booted(self, real: datetime | None) -> datetime | None:
        """Return the boot time for advice; ``None`` if unknown.

        A simulated uptime applies to a boot before the simulation began; a later boot is used as it is.
        """
        if self._uptime is not None and (real is None or real <= self._simulation.anchor):
            return self._simulation.at(self._simulation.anchor - self._uptime)
        return None if real is None else self.of(real)

    def real_seconds(self, seconds: float) -> float:
        """Return how many real seconds to sleep for a simulated duration in seconds."""
        return max(seconds / self.rate, MIN_SLEEP_SECONDS) if self.is_simulated else seconds

    def to_json(self, now: datetime | None = None) -> dict[str, Any] | None:
        """Return the clock in the format of the state document; ``None`` if it is the wall clock.

        Args:
            now: a time of this clock; ``None`` for the current one.
        """
        return {"now": to_text(now or self.now()), "rate": self.rate} if self.is_simulated else None

    def __str__(self) -> str:
        """Describe the clock for a log or a terminal."""
        if not self.is_simulated:
            return "the wall clock"
        return f"simulated: {to_text(self.now())}" + (f", {self.rate:g} times as fast" if self.rate != 1.0 else "")
