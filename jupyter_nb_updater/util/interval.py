"""Decides when to poll again, with jitter, so that a fleet does not poll at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime


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
