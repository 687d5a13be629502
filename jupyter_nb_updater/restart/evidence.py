"""The journal as a restart uses it: what happened so far, and each event with its facts before the effect."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..journal import Journal, Record
from . import outcome
from .findings import Finding
from .machine import Event, Restart


class Evidence:
    """Args: the journal; the clock; the log, for what the journal does not take."""

    def __init__(self, journal: Journal, now: Callable[[], datetime], log: logging.Logger | logging.LoggerAdapter[Any]) -> None:
        self._journal, self._now, self._log = journal, now, log
        self.boot: str | None = None
        """Which boot this is; every record names it."""
        self.outcome: dict[str, Any] | None = None
        self.usual_seconds: int | None = None

    async def recall(self) -> list[Record]:
        """Everything that is recorded; what came of it is known from then on."""
        records = await asyncio.to_thread(self._journal.records)
        self._judge(records)
        return records

    async def judged(self, event: Event, restart: Restart) -> Event:
        """A restart has come back: its event with what came of it, so that the journal says so too."""
        facts = {"stops_only": restart.stops_only, **event.facts}
        back = self._journal.record(event.name, self._now(), **facts)
        self._judge([*await asyncio.to_thread(self._journal.records), back])
        return replace(event, facts={**event.facts, "outcome": self.outcome["outcome"]}) if self.outcome else event

    async def write(self, event: Event, after: Restart) -> Finding | None:
        """Wait until the disk has it; a finding when it has not."""
        findings = [finding.to_json() for finding in event.findings]
        order = {"by": after.order.by, "when": after.order.when} if event.order and after.order else {}
        evidence = {
            "restart": after.id,
            "boot": self.boot,
            "stops_only": after.stops_only,
            **order,
            "findings": findings,
            **event.facts,
        }
        try:
            await asyncio.to_thread(self._journal.append, event.name, self._now(), **evidence)
        except OSError as error:
            self._log.error("The journal %s cannot be written: %s", self._journal.path, error)
            return Finding("journal-not-written", str(self._journal.path), str(error))
        return None

    def _judge(self, records: list[Record]) -> None:
        self.outcome, self.usual_seconds = outcome.outcome(records), outcome.usual_seconds(records)
