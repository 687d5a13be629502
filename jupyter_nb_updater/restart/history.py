"""What came of the restarts that the journal tells of, and how long they take. Pure."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from traitlets.config import LoggingConfigurable

from ..instance.software import changes
from ..journal import Journal, Record
from ..util.clock import from_text, to_text
from .findings import Finding
from .machine import Event, Restart

if TYPE_CHECKING:
    from ..journal import Record


FAILED_TO_RETURN = "failed-to-return"
USUAL = 5
"""How many of the last restarts say how long one usually takes."""


def outcome(records: Iterable[Record]) -> dict[str, Any] | None:
    """The last restart that has come back and that nobody has acknowledged, as the state document tells it.

    Args:
        records: the journal, oldest first. ``requested`` or ``begun``, and ``returned``, hold the software before and after.
    """
    told: dict[str, Any] | None = None
    for way in _ways(records):
        last = next(reversed(way))
        if last == "returned":
            told = _outcome(way)
        elif last in {"requested", "begun", "acknowledged"}:
            told = None
    return told


def usual_seconds(records: Iterable[Record]) -> int | None:
    """How long a restart usually takes here, from its beginning until it is verified; ``None`` as long as none has come back.

    The middle one of the last few: one that waited for capacity, or that was watched by nobody, says little. One that
    somebody else brought back, or that nobody was to bring back, says nothing.
    """
    back = [told["seconds"] for told in returns(records) if told["outcome"] != FAILED_TO_RETURN]
    seconds = [taken for taken in back if taken is not None]
    return int(statistics.median(seconds[-USUAL:])) if seconds else None


def returns(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Every restart that has come back, oldest first; not those after which nobody was to start the instance."""
    for way in _ways(records):
        if next(reversed(way)) == "returned" and not way["returned"].get("stops_only"):
            yield _outcome(way)


def _ways(records: Iterable[Record]) -> Iterator[dict[str, Record]]:
    """After each record of a restart that has begun: its records so far, by their events, in order."""
    way: dict[str, Record] = {}
    for record in records:
        event = record["event"]
        if event in {"requested", "begun"}:
            way = {}
        if way or event in {"requested", "begun"}:
            way.pop(event, None)  # in order: the last is what has happened last
            way[event] = record
            yield way


def _outcome(way: dict[str, Record]) -> dict[str, Any]:
    began = way.get("requested") or way["begun"]
    returned = way["returned"]
    first, last = _time(began, "time"), _time(returned, "time")
    different = changes(began.get("software") or {}, returned.get("software") or {})
    return {
        "id": began.get("restart"),
        "outcome": returned.get("outcome") or _word(way, "updated" if different else "unchanged"),
        "requested": to_text(first),
        "expected": (way.get("armed") or {}).get("until"),
        "returned": to_text(last),
        "seconds": int((last - first).total_seconds()) if first and last else None,
        "changes": different,
    }


def _word(way: dict[str, Record], otherwise: str) -> str:
    """Whether it was our return that brought it back: by that one's own word, or by when the machine booted.

    A request that nobody acts on any more has not started the machine, so that a person has. A restart that only stops
    was to be started by a person.
    """
    armed, booted = way.get("armed") or {}, way.get("booted") or {}
    said = way["returned"].get("return")
    if armed.get("stops_only") or said is not None:
        return FAILED_TO_RETURN if said == FAILED_TO_RETURN else otherwise
    came, void = _time(booted, "machine"), _time(armed, "void") or _time(armed, "until")
    return FAILED_TO_RETURN if came and void and came > void else otherwise


def _time(record: Record, field: str) -> datetime | None:
    try:
        return from_text(record.get(field))
    except (TypeError, ValueError):
        return None


class RestartHistory(LoggingConfigurable):
    """Every record of a restart, and what follows from all of them."""

    def __init__(self, journal: Journal, **kwargs: object) -> None:
        """Args: where it is written."""
        super().__init__(**kwargs)
        self._journal = journal
        self.boot: str | None = None
        self.outcome: dict[str, Any] | None = None
        self.usual_seconds: int | None = None

    async def recall(self) -> list[Record]:
        """All records, and what came of the restarts in them."""
        records = await asyncio.to_thread(self._journal.records)
        self._conclude(records)
        return records

    async def judged(self, event: Event, restart: Restart, now: datetime) -> Event:
        """A return with what came of it, so that the journal says so too."""
        facts = {"stops_only": restart.stops_only, **event.facts}
        back = self._journal.record(event.name, now, **facts)
        self._conclude([*await asyncio.to_thread(self._journal.records), back])
        return replace(event, facts={**event.facts, "outcome": self.outcome["outcome"]}) if self.outcome else event

    async def write(self, event: Event, after: Restart, now: datetime) -> Finding | None:
        """On the disk when this ends; else what is in the way.

        Args:
            event: what happened.
            after: where the restart stands with it.
            now: when it happened.
        """
        findings = [finding.to_json() for finding in event.findings]
        which = {"restart": after.id, "boot": self.boot, "stops_only": after.stops_only}
        order = {"by": after.order.by, "when": after.order.when} if event.order and after.order else {}
        facts = {**which, **order, "findings": findings, **event.facts}
        try:
            await asyncio.to_thread(self._journal.append, event.name, now, **facts)
        except OSError as error:
            self.log.error("The journal %s cannot be written: %s", self._journal.path, error)
            return Finding("journal-not-written", str(self._journal.path), str(error))
        return None

    def _conclude(self, records: list[Record]) -> None:
        self.outcome, self.usual_seconds = outcome(records), usual_seconds(records)
