"""Time as this project passes it around: aware, in UTC, in whole seconds; unset is ``None``, never epoch 0."""

from __future__ import annotations

import re
import time
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
