"""When it is time to look again: spread out, so that a fleet does not look at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta


class PollInterval:
    """Of one kind of look.

    Args:
        jitter: by which part of its time a look is moved.
        chance: what gives a number from 0 to 1.
    """

    def __init__(self, jitter: float = 0.1, chance: Callable[[], float] = random.random) -> None:
        self._jitter, self._chance = jitter, chance
        self._looked: datetime | None = None
        self._stretch = 1.0

    def is_due(self, now: datetime, every_seconds: float) -> bool:
        """Whether the last look is so long ago. Also after a clock was set back: nobody knows how long ago it is then."""
        if self._looked is None:
            return True
        return not 0 <= (now - self._looked).total_seconds() < every_seconds * self._stretch

    def looked(self, now: datetime) -> None:
        """A look begins."""
        self._looked = now
        self._stretch = 1 + self._jitter * (2 * self._chance() - 1)

    def forget(self) -> None:
        """Look again at once."""
        self._looked = None


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
