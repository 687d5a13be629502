"""The journal as the restarts write it: what happened, and what came of the ones before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from traitlets.config import LoggingConfigurable

from ..journal import Journal, Record
from . import outcome
from .findings import Finding
from .machine import Event, Restart


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
        self.outcome, self.usual_seconds = outcome.outcome(records), outcome.usual_seconds(records)
