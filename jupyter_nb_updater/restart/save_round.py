"""The save round: every tab, every session, every shared document, and then the disk; whatever is not verified is a finding.

A tab's report comes in by its WebSocket (``websocket.py``), is matched with the open round (``saving/tabs.py``), is parsed
(``saving/tab_reports.py``), and is judged here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..saving.collaboration import CollaborativeRooms
from ..saving.sessions import Sessions
from ..saving.tab_reports import TabReport
from ..saving.tabs import Tabs
from ..util.files import Filesystems
from .findings import Finding
from .machine import Event
from .request import RestartRequest


class SaveRound(LoggingConfigurable):
    """Asks everyone who may hold work to save it, and lets nothing pass that is not verified on disk."""

    tab_timeout_seconds = Float(90.0, min=0.1, help="Seconds that the tabs have to save, read back and report.").tag(
        config=True
    )
    room_timeout_seconds = Float(
        10.0, min=0.1, help="Seconds that the documents shared on the server have to be read back."
    ).tag(config=True)

    def __init__(
        self, *, tabs: Tabs, sessions: Sessions, rooms: CollaborativeRooms, filesystems: Filesystems, **kwargs: Any
    ) -> None:
        """Use everyone who may hold work.

        Args:
            tabs: the open tabs.
            sessions: knows documents that something else has open.
            rooms: the documents that jupyter-collaboration shares.
            filesystems: where the documents and the journal are.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._tabs, self._sessions, self._rooms, self._filesystems = tabs, sessions, rooms, filesystems

    def begin(self, restart_id: str) -> None:
        """Open the round at the click: from now on, no page that may hold work leaves unnoticed.

        Args:
            restart_id: the restart that the tabs answer for.
        """
        self._tabs.begin_round(restart_id)

    async def verify(self, restart_id: str, request: RestartRequest) -> Event:
        """Have everything saved, and return ``saved``, or ``refused`` with a finding for whatever is not verified on disk.

        Args:
            restart_id: the restart that the tabs answer for.
            request: the documents of which a copy is enough, and the lost pages that need not answer.
        """
        # A shared document is written by the server alone: its tabs wait until it is.
        reports, _ = await asyncio.gather(
            self._tabs.collect_reports(restart_id, self.tab_timeout_seconds), self._rooms.unsaved(self.room_timeout_seconds)
        )
        documents = [document for report in reports for document in report.journal_documents]
        required = [report for report in reports if f"tab:{report.tab.id}" not in request.consent.confirmed]
        findings = [finding for finding in unsaved_in_tabs(required) if not _is_copy_enough(finding, request)]
        unreported = await self._sessions.unreported({document["path"] for document in documents})
        findings += [Finding("session-not-reported", path) for path in unreported]
        rescued = {document["path"] for report in reports for document in report.rescued}
        findings = await self._add_rooms(findings, rescued)
        findings += [] if findings else await self._sync()
        return Event("refused" if findings else "saved", tuple(findings), facts={"documents": documents})

    async def _add_rooms(self, findings: list[Finding], rescued: Collection[str]) -> list[Finding]:
        """Add the shared documents that are not saved.

        The server, which writes them, knows better than a tab why one is not saved; but a tab may have made a copy of it.
        """
        rooms = {path: why for path, why in await self._rooms.unsaved(self.room_timeout_seconds) if path not in rescued}
        others = [finding for finding in findings if finding.subject not in rooms]
        return others + [Finding("room-not-saved", path, why) for path, why in rooms.items()]

    async def _sync(self) -> list[Finding]:
        try:
            await asyncio.to_thread(self._filesystems.sync)  # as long as the disk takes; the phase has its deadline
        except OSError as error:
            return [Finding("volume-not-synced", str(error.filename or ""), error.strerror or str(error))]
        return []


def unsaved_in_tabs(reports: Iterable[TabReport]) -> list[Finding]:
    """Return a finding for everything in the tabs' reports that is not verified on disk.

    Args:
        reports: one of each tab.
    """
    reports = list(reports)
    findings = _overwritten(reports)
    for report in reports:
        if report.outcome == "answered":
            findings += [
                Finding("document-not-saved", document["path"], f"{document['outcome']} {document['detail']}".strip())
                for document in report.unverified
            ]
            findings += [Finding("document-rescued", document["path"], document["copy"]) for document in report.rescued]
            if report.unsaved_widgets:
                findings.append(Finding("unsaved-widgets", report.tab.page, ", ".join(report.unsaved_widgets)))
        elif report.outcome == "silent" or report.documents:
            paths = ", ".join(document["path"] for document in report.documents)
            findings.append(Finding(f"tab-{report.outcome}", report.tab.page, paths))
    return findings


def _overwritten(reports: Iterable[TabReport]) -> list[Finding]:
    """Return a finding for each file that several tabs saved at once: each read its own text back, and one of them is lost."""
    proofs: dict[str, set[str | None]] = {}
    for report in reports:
        for document in report.documents:
            if document.get("outcome") == "saved":
                proofs.setdefault(document["path"], set()).add(document.get("proof"))
    return [
        Finding("document-not-saved", path, "failed overwritten: another tab saved over it")
        for path, versions in proofs.items()
        if len(versions) > 1
    ]


def _is_copy_enough(finding: Finding, request: RestartRequest) -> bool:
    """Return whether the person has confirmed that the rescue copy of this document will do."""
    return finding.code == "document-rescued" and f"rescued:{finding.subject}" in request.consent.confirmed
