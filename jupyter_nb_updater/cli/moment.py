"""A time as a person writes it in a terminal."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

from ..clock import DURATION, FORMAT, duration, to_text

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


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
    if clock := CLOCK.fullmatch(text):
        local = now.astimezone(zone).replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return str(to_text(local if local > now else local + timedelta(days=1)))
    try:
        return str(to_text(datetime.strptime(text, FORMAT).replace(tzinfo=timezone.utc)))
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 18:00, 90m or 2026-11-23T18:00:00Z") from None
