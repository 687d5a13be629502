"""What the log and the journal are told of the organization's documents: each problem once, and not at each look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..journal import Journal
from ..util.clock import to_text
from .errors import PolicyRejected
from .store import ActivePolicy

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

IN_FORCE, REFUSED = "policy-in-force", "policy-rejected"
"""Events of the journal."""


class PolicyAudit:
    """Tells what changes.

    Args:
        journal: that gets it.
        url: where the document lies.
        log: that gets it too.
        writes: whether anything is written; the command line only reads.
    """

    def __init__(self, journal: Journal, url: str, log: Logger | LoggerAdapter[Any], *, writes: bool) -> None:
        self._journal, self._log, self._writes = journal, log, writes
        self._location = url.partition("?")[0]  # without what may be a secret
        self._told: tuple[str, str] | None = None

    def recall(self, records: Iterable[dict[str, Any]]) -> None:
        """What was told before this server ran.

        Args:
            records: of the journal, oldest first.
        """
        for record in records:
            if record["event"] == REFUSED:
                self._told = str(record.get("code")), str(record.get("detail"))
            elif record["event"] == IN_FORCE:
                self._told = None

    def agrees(self) -> None:
        """What lies there is in force: the next problem is a new one."""
        self._told = None

    async def in_force(self, made: ActivePolicy, now: datetime) -> None:
        """A document has come into force."""
        origin = made.document.origin
        await self._append(
            IN_FORCE,
            now,
            organization=origin.organization,
            serial=origin.serial,
            issued=to_text(origin.issued),
            expires=to_text(origin.expires),
            digest=made.document.digest,
            signed=made.signed_by,
        )

    async def refused(self, refused: PolicyRejected, now: datetime, current: ActivePolicy | None) -> None:
        """What lies there is not taken, or nothing can be got from there; ``current`` stays in force."""
        told = refused.code, str(refused)
        if told == self._told:
            return
        self._told = told
        say = self._log.warning if self._writes else self._log.debug
        say("The organization's document is not taken (%s): %s", refused.code, refused)
        serial = current.document.serial if current else None
        await self._append(REFUSED, now, code=refused.code, detail=str(refused), in_force=serial)

    async def _append(self, event: str, now: datetime, **facts: Any) -> None:
        if not self._writes:
            return
        try:
            await asyncio.to_thread(self._journal.append, event, now, **facts, location=self._location)
        except OSError as error:  # it counts all the same
            self._log.error("%r could not be written to the journal: %s", event, error)
