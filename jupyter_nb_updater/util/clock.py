"""Times and poll intervals: aware, in UTC, in whole seconds; unset is ``None``, never epoch 0."""

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
    """The clocks of the machine. Tests pass another object with the same methods."""

    def now(self) -> datetime:
        """Return the time in UTC, to the second."""
        return utcnow()

    def monotonic(self) -> float:
        """Return seconds that pass whatever the time is set to."""
        return time.monotonic()


def utcnow() -> datetime:
    """The wall clock, to the second. Effects call it and pass the result on; decisions never do."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def to_text(moment: datetime | None) -> str | None:
    """ISO 8601 with a ``Z``: what the state document, the journal and the tags hold."""
    return None if moment is None else moment.astimezone(timezone.utc).strftime(FORMAT)


def from_text(text: str | None) -> datetime | None:
    """The other way round.

    Raises:
        ValueError: the text is not of that form.
    """
    return None if text is None else datetime.strptime(text, FORMAT).replace(tzinfo=timezone.utc)


def parse_time_or_none(value: Any) -> datetime | None:
    """Return the time in a value that may be anything, such as a field of a record on the volume; ``None`` if it is no time.

    Args:
        value: such as ``2026-11-23T14:02:11Z``.
    """
    try:
        return from_text(value)
    except (TypeError, ValueError):
        return None


def duration(text: str) -> timedelta:
    """``34d``, ``12h``, ``5m`` or ``30s``.

    Raises:
        ValueError: another form.
    """
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration such as 34d, 12h, 5m or 30s")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def parse_when(text: str, now: datetime, zone: tzinfo | None = None) -> str:
    """``18:00`` (the next one), ``90m`` (from now), or ``2026-11-23T18:00:00Z``, as the server takes it. Pure.

    Args:
        text: what the person wrote.
        now: the present time, aware.
        zone: of a time without a date; the machine's own unless given.

    Raises:
        ValueError: another form.
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
    """Remembers the last poll of one kind and tells when the next one is due."""

    def __init__(self, jitter: float = 0.1, chance: Callable[[], float] = random.random) -> None:
        """Create an interval whose first poll is due at once.

        Args:
            jitter: part of the interval by which a poll is moved at most, from 0 to 1.
            chance: returns a random number from 0 to 1.
        """
        self._jitter, self._chance = jitter, chance
        self._last_poll: datetime | None = None
        self._stretch = 1.0

    def is_due(self, now: datetime, interval_seconds: float) -> bool:
        """Return whether the next poll is due; it is when the clock was set back, because the last poll's age is unknown then.

        Args:
            now: the present time.
            interval_seconds: seconds between two polls, before jitter.
        """
        if self._last_poll is None:
            return True
        return not 0 <= (now - self._last_poll).total_seconds() < interval_seconds * self._stretch

    def mark(self, now: datetime) -> None:
        """Remember that a poll begins now."""
        self._last_poll = now
        self._stretch = 1 + self._jitter * (2 * self._chance() - 1)

    def reset(self) -> None:
        """Make the next poll due at once."""
        self._last_poll = None


class PollSchedule:
    """When something is polled next: after its interval, earlier after a failure, and moved at random.

    Args:
        jitter: by which part of itself a wait is moved at most, so that a fleet does not poll at once.
        retry_seconds: wait after the first failure, in seconds; it doubles with each further one.
        rng: random numbers from 0 to 1.
    """

    def __init__(self, jitter: float, retry_seconds: float, rng: random.Random | None = None) -> None:
        self._jitter, self._retry_seconds, self._rng = jitter, retry_seconds, rng or random.Random()  # noqa: S311  no secret
        self.next_poll: datetime | None = None
        self.failures = 0

    def is_due(self, now: datetime, interval_seconds: float) -> bool:
        """Return whether it is time to poll; also after a clock was set back, since nobody knows how long ago it was then.

        Args:
            now: the time to judge at.
            interval_seconds: between two polls.
        """
        max_wait = timedelta(seconds=interval_seconds) * (1 + self._jitter)
        return self.next_poll is None or not now < self.next_poll <= now + max_wait

    def succeeded(self, now: datetime, interval_seconds: float) -> None:
        """Poll again after the interval.

        Args:
            now: the time of the poll.
            interval_seconds: between two polls.
        """
        self.failures = 0
        self._wait(now, interval_seconds)

    def failed(self, now: datetime, interval_seconds: float) -> None:
        """Poll again earlier, but less and less often, and not more seldom than after the interval.

        Args:
            now: the time of the poll.
            interval_seconds: between two polls.
        """
        self.failures += 1
        self._wait(now, min(interval_seconds, self._retry_seconds * 2 ** min(self.failures - 1, 16)))

    def invalidate(self) -> None:
        """Poll as soon as possible."""
        self.next_poll = None

    def _wait(self, now: datetime, seconds: float) -> None:
        self.next_poll = now + timedelta(seconds=seconds * (1 + self._jitter * (2 * self._rng.random() - 1)))
