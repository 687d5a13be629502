"""Time as this project passes it around: aware, in UTC, in whole seconds; unset is ``None``, never epoch 0."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
DURATION = re.compile(r"(\d{1,6})([dhms])")


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


def duration(text: str) -> timedelta:
    """``34d``, ``12h``, ``5m`` or ``30s``.

    Raises:
        ValueError: another form.
    """
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration such as 34d, 12h, 5m or 30s")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
