"""Open browser tabs, one WebSocket each, and the save round in which every tab reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.clock import SystemClock
from .tab_reports import Documents, Tab, TabReport, parse_report, update_tab

MAX_ABSENT_PAGES = 50
"""Maximum number of pages to remember without a connection, because any user of the server can announce pages."""


class Tabs(LoggingConfigurable):
    """Track which pages are open, which documents each has open, and what each reports in a save round.

    A page is in one of three states: connected; expected, because it requested the state or lost its connection; or lost,
    because it disconnected with unsaved changes and did not come back.
    """

    expected_seconds = Float(
        150.0, min=0.0, help="Time in seconds to wait for a page that requested the state or lost its connection."
    ).tag(config=True)
    """Longer than a page pauses between attempts to connect: 40 s, or 2 minutes in a background tab with slowed timers."""

    def __init__(self, clock: SystemClock | None = None, **kwargs: Any) -> None:
        """Start without any page.

        Args:
            clock: the wall clock; the system clock by default.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._clock = clock or SystemClock()
        self._tabs: list[Tab] = []
        self._expected: dict[str, tuple[datetime, Tab]] = {}
        self._lost: dict[str, Tab] = {}
        self._reports: dict[Tab, TabReport] = {}
        self._restart_id: str | None = None  # of the save round that is open
        self._is_complete = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a tab connects or disconnects, or opens, changes or closes a document."""
        self._listeners.append(listener)

    # Pages that come and go

    def expect(self, page_id: str, page: str) -> None:
        """Expect a page that requested the state. A save round waits for it, because connecting may take seconds.

        Args:
            page_id: id that the page chose.
            page: kind of page, such as ``lab``.
        """
        if page_id not in {tab.id for tab in self._tabs} and len(self._unexpired()) < MAX_ABSENT_PAGES:
            self._expected[page_id] = (self._clock.now(), Tab(lambda _: None, page_id, page))

    def stop_expecting(self, page_id: str) -> None:
        """Stop waiting for a page that was closed before the response."""
        self._expected.pop(page_id, None)
        self._check_complete()

    def join(self, send: Callable[[dict[str, Any]], None]) -> Tab:
        """Add a page that connected. If a save round is open, the page takes part in it.

        Args:
            send: sends a message to the page.
        """
        tab = Tab(send)
        self._tabs.append(tab)
        return tab

    def leave(self, tab: Tab) -> None:
        """Remove a closed connection. Unless the page said ``bye``, it is expected back.

        The page may still hold unsaved changes, or an edit that JupyterLab considers saved.
        """
        if tab in self._tabs:
            self._tabs.remove(tab)
        is_open = bool(tab.id) and not tab.is_closed
        if is_open and tab.unsaved and len(self._lost) < MAX_ABSENT_PAGES:
            self._lost[tab.id] = tab
        elif is_open and len(self._unexpired()) < MAX_ABSENT_PAGES:
            self._expected[tab.id] = (self._clock.now(), tab)
        if self._restart_id is not None and tab not in self._reports and tab not in self._unexpired():
            self._reports[tab] = TabReport(tab, "gone", tab.unsaved)
        self._check_complete()
        self._notify()

    def forget(self, page_id: str) -> None:
        """Forget a page that was closed while disconnected. A save round that already reported it as gone still does."""
        self._expected.pop(page_id, None)
        self._lost.pop(page_id, None)
        self._check_complete()
        self._notify()

    # Messages of a page

    def hello(self, tab: Tab, message: dict[str, Any]) -> None:
        """Register the id of a page and its open documents. A page that reconnects reports for itself again."""
        update_tab(tab, message)
        self._expected.pop(tab.id, None)
        if lost := self._lost.pop(tab.id, None):
            self._reports.pop(lost, None)
        self._check_complete()
        self._notify()

    def report(self, tab: Tab, message: dict[str, Any]) -> None:
        """Accept the report of a page for the open save round. Reports for another round, and second reports, are ignored."""
        if self._restart_id is None or message.get("restart") != self._restart_id or tab in self._reports:
            return
        self._reports[tab] = parse_report(tab, message)
        self._check_complete()

    def bye(self, tab: Tab, _message: dict[str, Any]) -> None:
        """Note that a page is closing."""
        tab.is_closed = True

    # The save round

    def begin_round(self, restart_id: str) -> None:
        """Open a save round. Pages that are already lost count as gone.

        Args:
            restart_id: id of the restart, which pages repeat in their reports.
        """
        self._restart_id = restart_id
        self._reports = {tab: TabReport(tab, "gone", tab.unsaved) for tab in self._lost.values()}

    async def collect_reports(self, restart_id: str, timeout_seconds: float) -> list[TabReport]:
        """Wait until every page has reported, and close the round.

        Nothing is sent to the pages: they see the phase ``saving`` in the state document.

        Args:
            restart_id: id of the restart, which pages repeat in their reports.
            timeout_seconds: time limit in seconds; a page without a report by then is ``silent``.
        """
        if self._restart_id != restart_id:
            self.begin_round(restart_id)
        self._is_complete.clear()
        self._check_complete()
        # A page that requested the state and has not connected by then was closed meanwhile.
        expiry = asyncio.get_running_loop().call_later(self.expected_seconds, self._check_complete)
        try:
            await asyncio.wait_for(self._is_complete.wait(), timeout_seconds)
        except asyncio.TimeoutError:
            self.log.warning("%d browser tab(s) did not report within %.0f s", len(self._unanswered()), timeout_seconds)
        finally:
            expiry.cancel()
            self._restart_id = None
        return [*self._reports.values(), *(TabReport(tab, "silent", tab.documents) for tab in self._unanswered())]

    # What the state document shows

    @property
    def is_watched(self) -> bool:
        """Whether a page is connected that can show a change of the state."""
        return bool(self._tabs)

    def broadcast(self, message: dict[str, Any]) -> None:
        """Send a message to every connected page."""
        for tab in list(self._tabs):
            tab.send(message)

    def documents(self) -> Documents:
        """List the open documents by path. A document is dirty if it is dirty in any tab."""
        merged: dict[str, dict[str, Any]] = {}
        for tab in self._tabs:
            for document in tab.documents:
                entry = merged.setdefault(document["path"], {"path": document["path"], "dirty": False, "tabs": 0})
                entry["dirty"] = entry["dirty"] or document["dirty"]
                entry["tabs"] += 1
        return sorted(merged.values(), key=lambda entry: entry["path"])

    def lost_pages(self) -> list[dict[str, Any]]:
        """List the pages that disconnected with unsaved changes and have not come back."""
        return [
            {"id": f"tab:{page_id}", "page": tab.page, "documents": [document["path"] for document in tab.unsaved]}
            for page_id, tab in self._lost.items()
        ]

    def rescue_copies(self) -> dict[str, list[str]]:
        """Return the rescue copies of the last save round, by the path of their document."""
        copies: dict[str, list[str]] = {}
        for report in self._reports.values():
            for document in report.rescued:
                copies.setdefault(document["path"], []).append(document["copy"])
        return copies

    def open_pages(self) -> dict[str, str]:
        """Return the kind of each page that is connected or expected back, by page id."""
        pages = [*self._tabs, *self._lost.values(), *self._unexpired()]
        return {tab.id: tab.page for tab in pages if tab.id}

    def _unanswered(self) -> list[Tab]:
        return [tab for tab in [*self._tabs, *self._unexpired()] if tab not in self._reports]

    def _unexpired(self) -> list[Tab]:
        """Return the expected pages, after dropping those that were expected for too long."""
        oldest = self._clock.now() - timedelta(seconds=self.expected_seconds)
        self._expected = {page_id: (since, tab) for page_id, (since, tab) in self._expected.items() if since > oldest}
        return [tab for _, tab in self._expected.values()]

    def _check_complete(self) -> None:
        if self._restart_id is not None and not self._unanswered():
            self._is_complete.set()

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()
