"""After a start of this server: what does the journal say of a restart that was under way? Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ..util.clock import from_text, to_text
from .findings import Finding
from .machine import Event, IllegalTransition, Restart, RestartOrder, next_state

if TYPE_CHECKING:  # what writes and reads records does I/O; judging them does not
    from ..journal import Record


SETTLED = {"idle", "waiting", "refused", "failed"}
OUT_OF_REACH = {"stopping", "away"}
"""AWS may have the stop: the next boot is the return."""

ON_ITS_WAY = OUT_OF_REACH | {"verifying"}
"""The return is still needed, or is taken back at the end of this phase."""


def replay(records: Iterable[Record]) -> Restart:
    """Where the last restart stood when the journal ends. Records that are not of a restart, or do not fit, change nothing."""
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
    _ = order.not_before  # a time that cannot be read is not one to wait for
    return order


def last_sign_of_life(records: Iterable[Record]) -> datetime | None:
    """When something was recorded last; ``None`` when nothing was."""
    times = [record.get("time") for record in records]
    try:
        return from_text(times[-1]) if times else None
    except (TypeError, ValueError):
        return None


def is_new_boot(records: Iterable[Record], boot: str | None) -> bool | None:
    """Whether the machine has booted since the last record; ``None`` when that can only be told by the clock.

    Args:
        records: the journal, oldest first. Those of a restart name the boot in which they were written.
        boot: which one this is.
    """
    boots = [record["boot"] for record in records if record.get("boot")]
    return boots[-1] != boot if boots and boot else None


def decide(
    restart: Restart, booted: datetime | None, seen: datetime | None = None, *, is_new: bool | None = None
) -> Event | None:
    """What the start of this server means for a restart that was under way.

    Args:
        restart: as the journal left it.
        is_new: whether this is another boot than that of the last record. A clock may jump; only where this is not known, the
            times decide.
        booted: when the machine booted. Later than the stop was asked for: this *is* the return.
        seen: when something was recorded last. A boot after that which nobody asked us for is somebody's own restart:
            whatever was waited for or told is done.

    Returns:
        The event to apply; ``None`` when the machine was on its way down and nothing is decided yet, or nothing was under way.
    """
    if is_new is None:
        is_new = _is_later(booted, restart, seen)
    if is_new and restart.phase in OUT_OF_REACH | SETTLED:
        return Event("booted", facts={"machine": to_text(booted)})
    interrupted = (Finding("interrupted", restart.phase),)
    if restart.phase in {"preflight", "saving"}:
        return Event("refused", interrupted)
    if restart.phase in {"arming", "stopping"}:
        return Event("failed", interrupted)
    return None


def left_armed(records: Iterable[Record]) -> tuple[str, datetime] | None:
    """The restart whose return was armed last, and when; whether it is still armed, AWS alone knows.

    A return that nobody takes back would start an instance that somebody stops on purpose, and the server that had to do it may
    have been ended before AWS listened. Arming begins with ``saved``: a server that died in the middle of it counts too.
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
    if restart.phase in OUT_OF_REACH:
        return restart.since is not None and booted >= restart.since
    return seen is not None and booted > seen
