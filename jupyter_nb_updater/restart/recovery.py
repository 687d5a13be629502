"""Recover a restart that was in progress when this server started, from the records of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ..util.clock import from_text, parse_time_or_none, to_text
from .findings import Finding
from .machine import Event, IllegalTransition, Restart, RestartOrder, next_state

if TYPE_CHECKING:  # for types only: this module does no I/O
    from ..journal import Record


SETTLED_PHASES = {"idle", "waiting", "refused", "failed"}
STOP_REQUESTED_PHASES = {"stopping", "away"}
"""Phases in which AWS may have accepted the stop: the next boot completes the restart."""

RETURN_NEEDED_PHASES = STOP_REQUESTED_PHASES | {"verifying"}
"""Phases in which the armed return is still needed, or is disarmed at the end of the phase."""


def replay(records: Iterable[Record]) -> Restart:
    """Return the state of the last restart at the end of the journal. Invalid records are ignored.

    Args:
        records: records of the journal, oldest first.
    """
    restart = Restart()
    for record in records:
        try:
            now = from_text(record["time"])
            findings = tuple(Finding(**finding) for finding in record.get("findings", ()))
            if now is not None:
                event = Event(record["event"], findings, _order(record, now))
                restart = next_state(restart, event, now)
        except (IllegalTransition, KeyError, TypeError, ValueError):
            continue
    return restart


def _order(record: Record, now: datetime) -> RestartOrder | None:
    if record["event"] not in {"requested", "scheduled"}:
        return None
    by, when, stops_only = record.get("by"), record.get("when"), record.get("stops_only")
    order = RestartOrder(record["restart"], str(by or ""), str(when or "now"), bool(stops_only), now)
    _ = order.not_before  # raises ValueError for a time that cannot be read
    return order


def last_sign_of_life(records: Iterable[Record]) -> datetime | None:
    """Return the time of the last record; ``None`` if there is none.

    Args:
        records: records of the journal, oldest first.
    """
    times = [record.get("time") for record in records]
    return parse_time_or_none(times[-1]) if times else None


def is_new_boot(records: Iterable[Record], boot: str | None) -> bool | None:
    """Check whether the machine has booted since the last record; ``None`` if only the clock can decide.

    Args:
        records: records of the journal, oldest first. Records of a restart contain the id of the boot in which they were
            written.
        boot: id of the current boot.
    """
    boots = [record["boot"] for record in records if record.get("boot")]
    return boots[-1] != boot if boots and boot else None


def decide(
    restart: Restart, booted: datetime | None, seen: datetime | None = None, *, is_new: bool | None = None
) -> Event | None:
    """Return the event that follows from this start of the server for a restart in progress.

    Args:
        restart: state of the restart according to the journal.
        booted: time of the last boot. A boot after the stop request completes the restart.
        seen: time of the last record. A later boot that was not requested here is somebody's own restart, which ends a
            scheduled restart and acknowledges a refused or failed one.
        is_new: whether this is another boot than that of the last record. The clock may jump, so times decide only if this is
            unknown.

    Returns:
        The event to apply; ``None`` if the machine was still going down, or no restart was in progress.
    """
    if is_new is None:
        is_new = _is_later(booted, restart, seen)
    if is_new and restart.phase in STOP_REQUESTED_PHASES | SETTLED_PHASES:
        return Event("booted", facts={"machine": to_text(booted)})
    interrupted = (Finding("interrupted", restart.phase),)
    if restart.phase in {"preflight", "saving"}:
        return Event("refused", interrupted)
    if restart.phase in {"arming", "stopping"}:
        return Event("failed", interrupted)
    return None


def left_armed(records: Iterable[Record]) -> tuple[str, datetime] | None:
    """Return the restart whose return was armed last, and when. Only AWS knows whether it is still armed.

    A return that is never disarmed would start an instance that a user stopped on purpose, and the server that had to disarm
    it may have ended before AWS responded. Arming begins with ``saved``, so that a server that ended during arming counts too.

    Args:
        records: records of the journal, oldest first.
    """
    armed: tuple[str, datetime] | None = None
    for record in records:
        try:
            moment = from_text(record["time"]) if record["event"] == "saved" and not record.get("stops_only") else None
            armed = (record["restart"], moment) if moment is not None else armed
        except (KeyError, TypeError, ValueError):
            continue
    return armed


def _is_later(booted: datetime | None, restart: Restart, seen: datetime | None) -> bool:
    if booted is None:
        return False
    if restart.phase in STOP_REQUESTED_PHASES:
        return restart.since is not None and booted >= restart.since
    return seen is not None and booted > seen
