"""When it is time to look again: spread out, so that a fleet does not look at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime


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
