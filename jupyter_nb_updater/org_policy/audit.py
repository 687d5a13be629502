"""Record the organization's policy documents in the log and the journal: each problem once, not at every refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..journal import Journal
from ..util.clock import to_text
from .document import PolicyRejected
from .store import ActivePolicy

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

IN_FORCE_EVENT, REJECTED_EVENT = "policy-in-force", "policy-rejected"
"""Names of the journal events."""


class PolicyAudit:
    """Record changes of the active document, and why documents were rejected.

    Args:
        journal: the audit log.
        url: URL of the document.
        log: the log of the server.
        writes: whether to write to the journal; the command line only reads.
    """

    def __init__(self, journal: Journal, url: str, log: Logger | LoggerAdapter[Any], *, writes: bool) -> None:
        self._journal, self._log, self._writes = journal, log, writes
        self._location = url.partition("?")[0]  # the query may be a secret
        self._last_problem: tuple[str, str] | None = None

    def load_history(self, records: Iterable[dict[str, Any]]) -> None:
        """Read the last recorded problem from the journal.

        Args:
            records: records of the journal, oldest first.
        """
        for record in records:
            if record["event"] == REJECTED_EVENT:
                self._last_problem = str(record.get("code")), str(record.get("detail"))
            elif record["event"] == IN_FORCE_EVENT:
                self._last_problem = None

    def clear_problem(self) -> None:
        """Forget the last problem, because the document at the URL is active now. The next problem is recorded again."""
        self._last_problem = None

    async def record_active(self, active: ActivePolicy, now: datetime) -> None:
        """Record that a document became active.

        Args:
            active: the document, and the key that signed it.
            now: the current time.
        """
        origin = active.document.origin
        await self._append(
            IN_FORCE_EVENT,
            now,
            organization=origin.organization,
            serial=origin.serial,
            issued=to_text(origin.issued),
            expires=to_text(origin.expires),
            digest=active.document.digest,
            signed=active.signed_by,
        )

    async def record_rejected(self, rejection: PolicyRejected, now: datetime, active: ActivePolicy | None) -> None:
        """Record that a document was rejected or could not be fetched, unless it is the same problem as before.

        Args:
            rejection: the problem.
            now: the current time.
            active: the policy that stays active; ``None`` if there is none.
        """
        problem = rejection.code, str(rejection)
        if problem == self._last_problem:
            return
        self._last_problem = problem
        log = self._log.warning if self._writes else self._log.debug
        log("Rejected the organization's policy document (%s): %s", rejection.code, rejection)
        serial = active.document.serial if active else None
        await self._append(REJECTED_EVENT, now, code=rejection.code, detail=str(rejection), in_force=serial)

    async def _append(self, event: str, now: datetime, **facts: Any) -> None:
        if self._writes:  # the policy applies even if this fails
            await asyncio.to_thread(self._journal.try_append, event, now, **facts, location=self._location)
