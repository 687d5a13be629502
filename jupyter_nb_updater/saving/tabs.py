"""Open browser tabs, and the save round in which every tab reports.

Each tab has one WebSocket. A tab whose WebSocket is refused or cut sends the same messages as requests, and polls the state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.clock import SystemClock
from .tab_reports import Documents, Tab, TabReport, parse_report, update_tab

MAX_ABSENT_PAGES = 50
"""Maximum number of pages to remember without a connection, because any user of the server can announce pages."""

CUT_TIME = timedelta(seconds=30)
"""A connection that lasted less was cut. Behind AWS's proxy some were, after 10 to 13 seconds (marimo-team/marimo#10276)."""

CHECK_SECONDS = 0.25
"""Interval in seconds for checking whether the time in which a page may come back has passed."""


class Tabs(LoggingConfigurable):
    """Track which pages are open, which documents each has open, and what each reports in a save round.

    A page is in one of three states: connected; expected, because it requested the state or lost its connection; or lost,
    because it disconnected with unsaved changes and did not come back.
    """

    expected_seconds = Float(
        150.0, min=0.0, help="Time in seconds to wait for a page that requested the state or lost its connection."
    ).tag(config=True)
    """Longer than a page pauses between attempts to connect: 40 s, or 2 minutes in a background tab with slowed timers."""

    return_seconds = Float(
        10.0,
        min=0.0,
        help="Time in seconds to wait for a page that lost its connection with unsaved changes.",
    ).tag(config=True)
    """Longer than a page needs to notice that its connection was cut, and to ask for the state again."""

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
        self._lost: dict[str, tuple[datetime, Tab]] = {}
        self._reports: dict[Tab, TabReport] = {}
        self._restart_id: str | None = None  # of the save round that is open
        self._has_changed = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self.cuts = 0
        """How many connections in a row were cut soon after they were opened, by a proxy or by a browser that crashed."""

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
        absent = self._unexpired()
        if page_id in self._expected:
            self._expected[page_id] = (self._clock.now(), self._expected[page_id][1])
        elif page_id not in {tab.id for tab in self._tabs} and len(absent) < MAX_ABSENT_PAGES:
            self._expected[page_id] = (self._clock.now(), Tab(lambda _: None, page_id, page))

    def stop_expecting(self, page_id: str) -> None:
        """Stop waiting for a page that was closed before the response."""
        self._expected.pop(page_id, None)
        self._has_changed.set()

    def join(self, send: Callable[[dict[str, Any]], None]) -> Tab:
        """Add a page that connected. If a save round is open, the page takes part in it.

        Args:
            send: sends a message to the page.
        """
        tab = Tab(send, joined=self._clock.now())
        self._tabs.append(tab)
        return tab

    def leave(self, tab: Tab) -> None:
        """Remove a closed connection. Unless the page said ``bye``, it is expected back.

        The page may still hold unsaved changes, or an edit that JupyterLab considers saved.
        """
        if tab in self._tabs:
            self._tabs.remove(tab)
        if tab.joined and not tab.is_closed:
            self.cuts = self.cuts + 1 if self._clock.now() - tab.joined < CUT_TIME else 0
        is_back = (
            tab.id in {other.id for other in self._tabs} | self._expected.keys()
        )  # noticed before the old connection ended
        is_open = bool(tab.id) and not tab.is_closed and not is_back
        if is_open and tab.unsaved and len(self._lost) < MAX_ABSENT_PAGES:
            self._lost[tab.id] = (self._clock.now(), tab)
        elif is_open and len(self._unexpired()) < MAX_ABSENT_PAGES:
            self._expected[tab.id] = (self._clock.now(), tab)
        if self._restart_id is not None and not is_back and tab not in self._reports and tab not in self._unexpired():
            self._reports[tab] = TabReport(tab, "gone", tab.unsaved)
        self._has_changed.set()
        self._notify()

    def forget(self, page_id: str) -> None:
        """Forget a page that was closed while disconnected. A save round that already reported it as gone still does."""
        self._expected.pop(page_id, None)
        self._lost.pop(page_id, None)
        self._has_changed.set()
        self._notify()

    # Messages of a page

    def hello(self, tab: Tab, message: dict[str, Any]) -> None:
        """Register the id of a page and its open documents. A page that reconnects reports for itself again."""
        update_tab(tab, message)
        if tab.id:  # a connection of the same page that has not ended yet no longer counts
            self._tabs = [other for other in self._tabs if other is tab or other.id != tab.id]
            self._expected.pop(tab.id, None)
        self._returned(tab)

    def receive(self, page_id: str, page: str, message: dict[str, Any]) -> None:
        """Handle a ``hello`` or ``report`` that a page sent as a request, because its WebSocket is not open.

        Args:
            page_id: id that the page chose.
            page: kind of page, such as ``lab``.
            message: the unchecked message.
        """
        self.expect(page_id, page)
        tab = next((tab for tab in self._tabs if tab.id == page_id), None)
        if tab is None and page_id in self._expected:
            tab = self._expected[page_id][1]
            tab.polls = True
        if tab is not None and message["type"] == "hello":
            update_tab(tab, {**message, "tab": page_id})
            self._returned(tab)
        elif tab is not None:
            self.report(tab, message)

    def _returned(self, tab: Tab) -> None:
        _, lost = self._lost.pop(tab.id, (None, None))
        if lost:
            self._reports.pop(lost, None)
        self._has_changed.set()
        self._notify()

    def report(self, tab: Tab, message: dict[str, Any]) -> None:
        """Accept the report of a page for the open save round. Reports for another round, and second reports, are ignored."""
        if self._restart_id is None or message.get("restart") != self._restart_id or tab in self._reports:
            return
        self._reports[tab] = parse_report(tab, message)
        self._has_changed.set()

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
        self._reports = {tab: TabReport(tab, "gone", tab.unsaved) for _, tab in self._lost.values()}

    async def collect_reports(self, restart_id: str, timeout_seconds: float) -> list[TabReport]:
        """Wait until every page has reported, and close the round.

        Nothing is sent to the pages: they see the phase ``saving`` in the state document.

        Args:
            restart_id: id of the restart, which pages repeat in their reports.
            timeout_seconds: time limit in seconds; a page without a report by then is ``silent``.
        """
        if self._restart_id != restart_id:
            self.begin_round(restart_id)
        try:
            await asyncio.wait_for(self._complete(), timeout_seconds)
        except asyncio.TimeoutError:
            self.log.warning("%d browser tab(s) did not report within %.0f s", len(self._unanswered()), timeout_seconds)
        finally:
            self._restart_id = None
        return [*self._reports.values(), *(TabReport(tab, "silent", tab.documents) for tab in self._unanswered())]

    # What the state document shows

    @property
    def is_watched(self) -> bool:
        """Whether a page is open that can show a change of the state."""
        return bool(self._tabs or self.polling)

    @property
    def polling(self) -> list[Tab]:
        """The pages without a WebSocket that have asked for the state lately."""
        return [tab for tab in self._unexpired() if tab.polls]

    def broadcast(self, message: dict[str, Any]) -> None:
        """Send a message to every connected page."""
        for tab in list(self._tabs):
            tab.send(message)

    def documents(self) -> Documents:
        """List the open documents by path. A document is dirty if it is dirty in any tab."""
        merged: dict[str, dict[str, Any]] = {}
        for tab in [*self._tabs, *self.polling]:
            for document in tab.documents:
                entry = merged.setdefault(document["path"], {"path": document["path"], "dirty": False, "tabs": 0})
                entry["dirty"] = entry["dirty"] or document["dirty"]
                entry["tabs"] += 1
        return sorted(merged.values(), key=lambda entry: entry["path"])

    def lost_pages(self) -> list[dict[str, Any]]:
        """List the pages that disconnected with unsaved changes and have not come back."""
        return [
            {"id": f"tab:{page_id}", "page": tab.page, "documents": [document["path"] for document in tab.unsaved]}
            for page_id, (_, tab) in self._lost.items()
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
        pages = [*self._tabs, *(tab for _, tab in self._lost.values()), *self._unexpired()]
        return {tab.id: tab.page for tab in pages if tab.id}

    def _unanswered(self) -> list[Tab]:
        return [tab for tab in [*self._tabs, *self._unexpired()] if tab not in self._reports]

    def _unexpired(self) -> list[Tab]:
        """Return the expected pages. One that was expected for too long is dropped, or lost with its unsaved changes."""
        now = self._clock.now()
        oldest = now - timedelta(seconds=self.expected_seconds)
        expired = {page_id: tab for page_id, (since, tab) in self._expected.items() if since <= oldest}
        for page_id, tab in expired.items():
            del self._expected[page_id]
            if tab.unsaved:
                self._lost[page_id] = (now, tab)
                self._reports.setdefault(tab, TabReport(tab, "gone", tab.unsaved))
        return [tab for _, tab in self._expected.values()]

    def _may_return(self) -> bool:
        """Check whether a page lost its connection so recently that it may just be connecting again."""
        oldest = self._clock.now() - timedelta(seconds=self.return_seconds)
        return any(since > oldest and self._reports[tab].outcome == "gone" for since, tab in self._lost.values())

    async def _complete(self) -> None:
        """Wait until every page has reported, or is gone for good. The passing of time alone may complete a round."""
        while self._unanswered() or self._may_return():
            self._has_changed.clear()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._has_changed.wait(), CHECK_SECONDS)

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()
