"""Earlier restarts according to the journal: their outcome and their usual duration."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from traitlets.config import LoggingConfigurable

from ..instance.software import changes
from ..journal import WRITE_ERRORS, Journal, Record
from ..util.clock import parse_time_or_none, to_text
from .findings import Finding
from .machine import Event, Restart

FAILED_TO_RETURN = "failed-to-return"
DURATION_SAMPLES = 5
"""Number of recent restarts whose median duration is the usual one."""


def outcome(records: Iterable[Record]) -> dict[str, Any] | None:
    """Return the last completed restart that nobody has acknowledged, in the format of the state document.

    Args:
        records: records of the journal, oldest first. ``requested``, ``begun`` and ``returned`` contain the installed software.
    """
    found: dict[str, Any] | None = None
    for events in _restarts(records):
        last = next(reversed(events))
        if last == "returned":
            found = _outcome(events)
        elif last in {"requested", "begun", "acknowledged"}:
            found = None
    return found


def usual_seconds(records: Iterable[Record]) -> int | None:
    """Return the usual duration in seconds, from the request to verification; ``None`` if no restart has completed.

    The median of the last few, so that one that waited for capacity counts little. Restarts that somebody else brought back,
    or that only stopped the instance, do not count.

    Args:
        records: records of the journal, oldest first.
    """
    durations = [found["seconds"] for found in returns(records) if found["outcome"] != FAILED_TO_RETURN]
    seconds = [duration for duration in durations if duration is not None]
    return int(statistics.median(seconds[-DURATION_SAMPLES:])) if seconds else None


def returns(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Yield every completed restart, oldest first, except those that only stopped the instance.

    Args:
        records: records of the journal, oldest first.
    """
    for events in _restarts(records):
        if next(reversed(events)) == "returned" and not events["returned"].get("stops_only"):
            yield _outcome(events)


def _restarts(records: Iterable[Record]) -> Iterator[dict[str, Record]]:
    """Yield, after each record of a restart, its records so far by event, the latest last."""
    events: dict[str, Record] = {}
    for record in records:
        event = record["event"]
        if event in {"requested", "begun"}:
            events = {}
        if events or event in {"requested", "begun"}:
            events.pop(event, None)  # so that it is inserted at the end
            events[event] = record
            yield events


def _outcome(events: dict[str, Record]) -> dict[str, Any]:
    began = events.get("requested") or events["begun"]
    returned = events["returned"]
    first, last = parse_time_or_none(began.get("time")), parse_time_or_none(returned.get("time"))
    different = changes(began.get("software") or {}, returned.get("software") or {})
    return {
        "id": began.get("restart"),
        "outcome": returned.get("outcome") or _return_outcome(events, "updated" if different else "unchanged"),
        "requested": to_text(first),
        "expected": (events.get("armed") or {}).get("until"),
        "returned": to_text(last),
        "seconds": int((last - first).total_seconds()) if first and last else None,
        "changes": different,
    }


def _return_outcome(events: dict[str, Record], otherwise: str) -> str:
    """Return ``failed-to-return`` if somebody other than the return path started the machine, else ``otherwise``.

    The return path's own record decides; without one, the time of the boot does: a boot after the request expired was started
    by a person. A restart that only stops was always to be started by a person.
    """
    armed, booted = events.get("armed") or {}, events.get("booted") or {}
    ended = events["returned"].get("return")
    if armed.get("stops_only") or ended is not None:
        return FAILED_TO_RETURN if ended == FAILED_TO_RETURN else otherwise
    booted_at = parse_time_or_none(booted.get("machine"))
    void = parse_time_or_none(armed.get("void")) or parse_time_or_none(armed.get("until"))
    return FAILED_TO_RETURN if booted_at and void and booted_at > void else otherwise


class RestartHistory(LoggingConfigurable):
    """Write the records of restarts, and compute their outcome."""

    def __init__(self, journal: Journal, **kwargs: object) -> None:
        """Create the history of a journal.

        Args:
            journal: the journal that records restarts.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._journal = journal
        self.boot: str | None = None
        self.outcome: dict[str, Any] | None = None
        self.usual_seconds: int | None = None

    async def load(self) -> list[Record]:
        """Read all records of the journal, and update the outcome."""
        records = await asyncio.to_thread(self._journal.records)
        self._update(records)
        return records

    async def with_outcome(self, event: Event, restart: Restart, now: datetime) -> Event:
        """Return the event ``returned`` with its outcome added for the journal.

        Args:
            event: the event ``returned``.
            restart: state of the restart before the event.
            now: time of the event.
        """
        facts = {"stops_only": restart.stops_only, **event.facts}
        record = self._journal.record(event.name, now, **facts)
        self._update([*await asyncio.to_thread(self._journal.records), record])
        return replace(event, facts={**event.facts, "outcome": self.outcome["outcome"]}) if self.outcome else event

    async def append(self, event: Event, after: Restart, now: datetime) -> Finding | None:
        """Write an event to the journal and wait until it is on disk; return a finding if that fails.

        Args:
            event: the event.
            after: state of the restart after the event.
            now: time of the event.
        """
        findings = [finding.to_json() for finding in event.findings]
        which = {"restart": after.id, "boot": self.boot, "stops_only": after.stops_only}
        order = {"by": after.order.by, "when": after.order.when} if event.order and after.order else {}
        facts = {**which, **order, "findings": findings, **event.facts}
        try:
            await asyncio.to_thread(self._journal.append, event.name, now, **facts)
        except WRITE_ERRORS as error:
            self.log.error("Could not write to the journal %s: %s", self._journal.path, error)
            return Finding("journal-not-written", str(self._journal.path), str(error))
        return None

    def _update(self, records: list[Record]) -> None:
        self.outcome, self.usual_seconds = outcome(records), usual_seconds(records)
