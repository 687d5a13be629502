"""Times and polling intervals. Times are aware, in UTC and in whole seconds; an unset time is ``None``, never epoch 0."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
DURATION = re.compile(r"(\d{1,6})([dhms])")


class SystemClock:
    """The clocks of the machine. Tests replace them by an object with the same methods."""

    def now(self) -> datetime:
        """Return the current time in UTC, to the second."""
        return utcnow()

    def monotonic(self) -> float:
        """Return seconds of a clock that setting the time does not affect."""
        return time.monotonic()


def utcnow() -> datetime:
    """Return the current time in UTC, to the second. Only code with effects calls it; decisions receive the time."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def to_text(moment: datetime | None) -> str | None:
    """Format a time as ISO 8601 with a ``Z``, for the state document, the journal and the tags."""
    return None if moment is None else moment.astimezone(timezone.utc).strftime(FORMAT)


def from_text(text: str | None) -> datetime | None:
    """Parse a time in the format of :func:`to_text`.

    Raises:
        ValueError: the text has another format.
    """
    return None if text is None else datetime.strptime(text, FORMAT).replace(tzinfo=timezone.utc)


def parse_time_or_none(value: Any) -> datetime | None:
    """Parse a value of any type, such as a field of a journal record; ``None`` if it is not a time.

    Args:
        value: the value, such as ``2026-11-23T14:02:11Z``.
    """
    try:
        return from_text(value)
    except (TypeError, ValueError):
        return None


def duration(text: str) -> timedelta:
    """Parse a duration such as ``34d``, ``12h``, ``5m`` or ``30s``.

    Raises:
        ValueError: the text has another format.
    """
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration such as 34d, 12h, 5m or 30s")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def parse_when(text: str, now: datetime, zone: tzinfo | None = None) -> str:
    """Parse ``18:00`` (the next one), ``90m`` (from now) or ``2026-11-23T18:00:00Z``, and return the time as text.

    Args:
        text: input of the user.
        now: the current time, aware.
        zone: time zone of a time without a date; that of the machine by default.

    Raises:
        ValueError: the text has another format.
    """
    if DURATION.fullmatch(text):
        return str(to_text(now + duration(text)))
    if clock := CLOCK_TIME.fullmatch(text):
        local = now.astimezone(zone).replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return str(to_text(local if local > now else local + timedelta(days=1)))
    try:
        return str(to_text(datetime.strptime(text, FORMAT).replace(tzinfo=timezone.utc)))
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 18:00, 90m or 2026-11-23T18:00:00Z") from None


class PollInterval:
    """Remember the last poll, and decide when the next one is due."""

    def __init__(self, jitter: float = 0.1, chance: Callable[[], float] = random.random) -> None:
        """Create an interval whose first poll is due immediately.

        Args:
            jitter: maximum random jitter, as a fraction of the interval from 0 to 1.
            chance: returns a random number from 0 to 1.
        """
        self._jitter, self._chance = jitter, chance
        self._last_poll: datetime | None = None
        self._stretch = 1.0

    def is_due(self, now: datetime, interval_seconds: float) -> bool:
        """Check whether the next poll is due.

        If the clock was set back, it is due, because the age of the last poll is unknown.

        Args:
            now: the current time.
            interval_seconds: interval in seconds, before jitter.
        """
        if self._last_poll is None:
            return True
        return not 0 <= (now - self._last_poll).total_seconds() < interval_seconds * self._stretch

    def mark(self, now: datetime) -> None:
        """Remember that a poll begins now."""
        self._last_poll = now
        self._stretch = 1 + self._jitter * (2 * self._chance() - 1)

    def reset(self) -> None:
        """Make the next poll due immediately."""
        self._last_poll = None


class PollSchedule:
    """Schedule polls: after an interval, sooner after a failure, with random jitter.

    Args:
        jitter: maximum random jitter, as a fraction of each delay, so that a fleet does not poll at the same time.
        retry_seconds: delay in seconds after the first failure; doubled after each further one.
        rng: generator of random numbers from 0 to 1.
    """

    def __init__(self, jitter: float, retry_seconds: float, rng: random.Random | None = None) -> None:
        self._jitter, self._retry_seconds, self._rng = jitter, retry_seconds, rng or random.Random()  # noqa: S311  no secret
        self.next_poll: datetime | None = None
        self.failures = 0

    def is_due(self, now: datetime, interval_seconds: float) -> bool:
        """Check whether the next poll is due.

        If the clock was set back, it is due, because the age of the last poll is unknown.

        Args:
            now: the current time.
            interval_seconds: interval in seconds.
        """
        max_wait = timedelta(seconds=interval_seconds) * (1 + self._jitter)
        return self.next_poll is None or not now < self.next_poll <= now + max_wait

    def succeeded(self, now: datetime, interval_seconds: float) -> None:
        """Schedule the next poll after the interval.

        Args:
            now: time of the poll.
            interval_seconds: interval in seconds.
        """
        self.failures = 0
        self._wait(now, interval_seconds)

    def failed(self, now: datetime, interval_seconds: float) -> None:
        """Schedule a retry, with a growing delay of at most the interval.

        Args:
            now: time of the poll.
            interval_seconds: interval in seconds.
        """
        self.failures += 1
        self._wait(now, min(interval_seconds, self._retry_seconds * 2 ** min(self.failures - 1, 16)))

    def invalidate(self) -> None:
        """Make the next poll due immediately."""
        self.next_poll = None

    def _wait(self, now: datetime, seconds: float) -> None:
        self.next_poll = now + timedelta(seconds=seconds * (1 + self._jitter * (2 * self._rng.random() - 1)))
