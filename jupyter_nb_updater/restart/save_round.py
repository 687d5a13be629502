"""The save round: save and verify every tab, session and shared document, then sync the disk.

Whatever is not verified is a finding. A tab's report is received by ``websocket.py``, matched with the open round
(``saving/tabs.py``), parsed (``saving/tab_reports.py``), and judged here.
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
    """Request a save from everything that may hold work, and verify all of it on disk."""

    tab_timeout_seconds = Float(90.0, min=0.1, help="Timeout in seconds for all browser tabs to save, verify and report.").tag(
        config=True
    )
    room_timeout_seconds = Float(
        10.0, min=0.1, help="Timeout in seconds for verifying documents that are shared through jupyter-collaboration."
    ).tag(config=True)

    def __init__(
        self, *, tabs: Tabs, sessions: Sessions, rooms: CollaborativeRooms, filesystems: Filesystems, **kwargs: Any
    ) -> None:
        """Create a save round.

        Args:
            tabs: the open tabs.
            sessions: knows documents that other clients have open.
            rooms: documents that jupyter-collaboration shares.
            filesystems: the filesystems of the documents and the journal.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._tabs, self._sessions, self._rooms, self._filesystems = tabs, sessions, rooms, filesystems

    def begin(self, restart_id: str) -> None:
        """Open the round at the click. From now on, a page with unsaved work that leaves is noticed.

        Args:
            restart_id: id of the restart, which the tabs repeat in their reports.
        """
        self._tabs.begin_round(restart_id)

    async def verify(self, restart_id: str, request: RestartRequest) -> Event:
        """Save everything, and return ``saved``, or ``refused`` with a finding for everything that is not verified on disk.

        Args:
            restart_id: id of the restart, which the tabs repeat in their reports.
            request: which documents need only a rescue copy, and which lost pages can be ignored.
        """
        # Only the server writes a shared document; its tabs wait for that.
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

        The server writes shared documents, so its reason is better than the tab's; but a tab may have made a rescue copy.
        """
        rooms = {path: why for path, why in await self._rooms.unsaved(self.room_timeout_seconds) if path not in rescued}
        others = [finding for finding in findings if finding.subject not in rooms]
        return others + [Finding("room-not-saved", path, why) for path, why in rooms.items()]

    async def _sync(self) -> list[Finding]:
        try:
            await asyncio.to_thread(self._filesystems.sync)  # without a time limit of its own: the phase has one
        except OSError as error:
            return [Finding("volume-not-synced", str(error.filename or ""), error.strerror or str(error))]
        return []


def unsaved_in_tabs(reports: Iterable[TabReport]) -> list[Finding]:
    """Return a finding for everything in the tabs' reports that is not verified on disk.

    Args:
        reports: one report of each tab.
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
    """Return a finding for each file that several tabs saved at once.

    Each tab verified its own version, and one of them is lost.
    """
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
    """Check whether the user confirmed that the rescue copy of this document is enough."""
    return finding.code == "document-rescued" and f"rescued:{finding.subject}" in request.consent.confirmed
