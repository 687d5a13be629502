"""Tags with which the instance, the stack and the fleet communicate: their names and values.

A value has at most 256 characters (API Reference, Tag); its fields are separated by spaces, and ``-`` means unknown.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..util.clock import from_text, to_text

RESTART = "nb-updater:restart"
"""The armed restart. Set by the instance before it stops; removed by the stack, or by the instance after its return."""

STATE = "nb-updater:state"
"""State of the instance. Set by the instance whenever it changes, and once a day."""

OUTCOME = "nb-updater:outcome"
"""Outcome of the last return. Set by the stack."""

OWNER = "Owner"
"""Whose instance it is, in many organizations. It is read, and never written."""


def restart(restart_id: str, until: datetime, platform: str | None = None) -> str:
    """Return the value of ``RESTART``.

    Args:
        restart_id: id of the restart.
        until: expiry of the request.
        platform: platform to move the instance to before it is started.
    """
    return " ".join(field for field in (restart_id, to_text(until), platform) if field)


def ended(value: str | None, restart_id: str) -> str | None:
    """Return the outcome that the stack recorded: ``returned`` or ``failed-to-return``; ``None`` if it is of another restart.

    Args:
        value: value of ``OUTCOME``: id, outcome, time, and the status of an instance that did not come back.
        restart_id: id of the restart.
    """
    written_id, _, rest = (value or "").partition(" ")
    return rest.partition(" ")[0] or None if written_id == restart_id else None


def expiry(value: str) -> datetime | None:
    """Return the expiry in a value of ``RESTART``; ``None`` if the value is invalid."""
    try:
        return from_text(value.split(" ")[1])
    except (IndexError, ValueError):
        return None


class FleetState(NamedTuple):
    """The value of ``STATE``: all fields as text, ``None`` for unknown.

    Args:
        level: level of the advice.
        deadline: last day to restart.
        booted: time of the last boot.
        held: end of the hold.
        unchanged: number of reasons that a restart did not resolve; the organization has to act on them.
        reported: time at which the instance wrote the value, without which nobody knows whether it still holds.
    """

    level: str
    deadline: str | None = None
    booted: str | None = None
    held: str | None = None
    unchanged: str | None = None
    reported: str | None = None

    def __str__(self) -> str:
        return " ".join(field or "-" for field in self)

    @classmethod
    def read(cls, value: str) -> FleetState:
        """Parse a value. Fields that a newer version adds are ignored."""
        level, *fields = value.split(" ")
        return cls(level, *[field if field not in {"", "-"} else None for field in [*fields, *[""] * 5][:5]])
