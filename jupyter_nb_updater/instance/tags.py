"""The tags by which an instance, the stack and the fleet know of each other: their names, and what is written in them. Pure.

A value has at most 256 characters (API Reference, Tag); its fields are separated by spaces, and ``-`` stands for unknown.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..util.clock import from_text, to_text

RESTART = "nb-updater:restart"
"""The one armed restart. Written by the instance before it stops; taken away by the stack, or by the instance that is back."""

STATE = "nb-updater:state"
"""How the instance stands. Written by the instance whenever that changes."""

OUTCOME = "nb-updater:outcome"
"""How the last return ended. Written by the stack."""


def restart(restart_id: str, until: datetime, platform: str | None = None) -> str:
    """The value of ``RESTART``.

    Args:
        restart_id: of the restart.
        until: when the request expires.
        platform: to move the instance to before it is started.
    """
    return " ".join(field for field in (restart_id, to_text(until), platform) if field)


def ended(value: str | None, restart_id: str) -> str | None:
    """How the stack says that a return ended: ``returned`` or ``failed-to-return``; ``None`` when it speaks of another one.

    Args:
        value: of ``OUTCOME``: the id, the word, the time, and the status of an instance that did not come back.
        restart_id: of the restart.
    """
    written_id, _, rest = (value or "").partition(" ")
    return rest.partition(" ")[0] or None if written_id == restart_id else None


def expiry(value: str) -> datetime | None:
    """Until when a value of ``RESTART`` asks for the return; ``None`` when it says none that can be read."""
    try:
        return from_text(value.split(" ")[1])
    except (IndexError, ValueError):
        return None


class FleetState(NamedTuple):
    """The value of ``STATE``: all fields as they are written, ``None`` for unknown.

    Args:
        level: of the advice.
        deadline: until when it should be restarted.
        booted: since when it is up.
        held: until when somebody holds it as it is.
        unchanged: how many of its reasons a restart did not change: the organization has to look.
    """

    level: str
    deadline: str | None = None
    booted: str | None = None
    held: str | None = None
    unchanged: str | None = None

    def __str__(self) -> str:
        fields = [self.level, *(field or "-" for field in self[1:])]
        return " ".join(fields[:3] + _without_blanks(fields[3:]))

    @classmethod
    def read(cls, value: str) -> FleetState:
        """Whatever is written there; fields that a newer version adds are left out."""
        level, *fields = value.split(" ")
        return cls(level, *[field if field not in {"", "-"} else None for field in [*fields, "", "", "", ""][:4]])


def _without_blanks(fields: list[str]) -> list[str]:
    """Those at the end say nothing."""
    while fields and fields[-1] == "-":
        fields = fields[:-1]
    return fields
