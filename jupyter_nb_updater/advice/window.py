"""The maintenance window: the hours in which an instance may restart without a click.

The hours are those of a wall clock in a place, so that "from 22:00" means that in summer and in winter. On the night on which
clocks go forward an hour that does not exist begins when the clocks have moved; an hour that is there twice belongs to the
window both times (PEP 495: ``fold``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 15
"""Days to search ahead: a window that opens once a week is found, also where a day has no such hour."""


@dataclass(frozen=True)
class Window:
    """A window that opens on some days of the week.

    Args:
        days: on which it opens, Monday is 0.
        opens: at this time of the wall clock.
        closes: at this time; not later than ``opens``, it is that of the next day.
        zone: of the wall clock.
        name: of the zone, as IANA has it.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: tzinfo
    name: str

    def is_open(self, now: datetime) -> bool:
        """Whether something may begin at this time."""
        return any(begin <= now < end for begin, end in self._around(now))

    def next(self, moment: datetime) -> datetime:
        """This moment, if it lies in the window; else when the window opens next."""
        if self.is_open(moment):
            return moment
        return min((begin for begin, _ in self._around(moment) if begin >= moment), default=moment)

    def until(self, now: datetime) -> datetime | None:
        """When it closes, if it is open."""
        return max((end for begin, end in self._around(now) if begin <= now < end), default=None)

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "days": [DAYS[day] for day in sorted(self.days)],
            "from": f"{self.opens:%H:%M}",
            "to": f"{self.closes:%H:%M}",
            "timezone": self.name,
        }

    def _around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = moment.astimezone(self.zone).date()
        for offset in range(-2, SEARCH_DAYS):
            day = today + timedelta(days=offset)
            if day.weekday() in self.days:
                ends = day if self.closes > self.opens else day + timedelta(days=1)
                begin, end = self._utc(day, self.opens, 0), self._utc(ends, self.closes, 1)
                if begin < end:
                    yield begin, end

    def _utc(self, day: date, clock: time, fold: int) -> datetime:
        """Through UTC and back, an hour that does not exist is the one after it."""
        return datetime.combine(day, clock, self.zone).replace(fold=fold).astimezone(timezone.utc)
