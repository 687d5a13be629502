"""Law 1, step by step: every tab, every session, every collaborative room, and then the disk itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..losses.loss import journal_name, needs_confirmation
from ..saving.collaboration import CollaborativeRooms
from ..saving.sessions import Sessions
from ..saving.tabs import Tabs
from .findings import Finding, from_round
from .machine import Event
from .request import RestartRequest


class SaveRound(LoggingConfigurable):
    """Asks everyone who may hold work, and lets nothing pass that is not proven to be on the disk."""

    round_seconds = Float(90.0, min=0.1, help="Seconds that the tabs have to save, read back and report.").tag(config=True)
    room_seconds = Float(10.0, min=0.1, help="Seconds that the documents shared on the server have to be read back.").tag(
        config=True
    )

    def __init__(
        self, *, tabs: Tabs, sessions: Sessions, rooms: CollaborativeRooms, sync: Callable[[], None], **kwargs: Any
    ) -> None:
        """Args: who may hold work; ``sync`` brings the disks up to date, or raises ``OSError``."""
        super().__init__(**kwargs)
        self._tabs, self._sessions, self._rooms, self._sync = tabs, sessions, rooms, sync

    def begin(self, restart: str) -> None:
        """From the click on, nobody who may hold work leaves unnoticed."""
        self._tabs.begin(restart)

    async def prove(self, restart: str, request: RestartRequest) -> Event:
        """Have everything saved, and say whether it is.

        Args:
            restart: id of the restart, which the tabs answer for.
            request: the documents of which a copy is enough, and the lost pages that need not answer.
        """
        # A shared document is written by the server alone: its tabs wait until it is.
        answers, _ = await asyncio.gather(
            self._tabs.round(restart, self.round_seconds), self._rooms.unproven(self.room_seconds)
        )
        journal_name = [document for answer in answers for document in answer.recorded]
        open_answers = [answer for answer in answers if f"tab:{answer.tab.id}" not in request.consent.confirmed]
        findings = [finding for finding in from_round(open_answers) if not _is_enough(finding, request)]
        strangers = await self._sessions.unreported({document["path"] for document in journal_name})
        findings += [Finding("session-not-reported", path) for path in strangers]
        copied = {document["path"] for answer in answers for document in answer.rescued}
        findings = await self._with_rooms(findings, copied)
        findings += [] if findings else await self._unsynced()
        return Event("refused" if findings else "saved", tuple(findings), facts={"documents": journal_name})

    async def _with_rooms(self, findings: list[Finding], copied: Collection[str]) -> list[Finding]:
        """Who writes a shared document knows better than a tab why it is not written; but a tab may have made a copy of it."""
        rooms = {path: why for path, why in await self._rooms.unproven(self.room_seconds) if path not in copied}
        others = [finding for finding in findings if finding.subject not in rooms]
        return others + [Finding("room-not-saved", path, why) for path, why in rooms.items()]

    async def _unsynced(self) -> list[Finding]:
        try:
            await asyncio.to_thread(self._sync)  # as long as the disk takes; the phase has its deadline
        except OSError as error:
            return [Finding("volume-not-synced", str(error.filename or ""), error.strerror or str(error))]
        return []


def _is_enough(finding: Finding, request: RestartRequest) -> bool:
    """Whether the person has said that the copy of this document will do."""
    return finding.code == "document-rescued" and f"rescued:{finding.subject}" in request.consent.confirmed


def lost(losses: Iterable[Mapping[str, Any]], request: RestartRequest) -> list[dict[str, Any]]:
    """What goes with the stop although nobody can save it, for the journal, and how the person has agreed to that."""
    return [
        {
            "id": loss["id"],
            "kind": loss["kind"],
            "name": journal_name(loss),
            "busy": loss["busy"],
            "consent": request.consent.for_journal(loss),
        }
        for loss in losses
        if needs_confirmation(loss)
    ]
