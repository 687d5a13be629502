"""Decides when to poll again, with jitter, so that a fleet does not poll at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta


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
