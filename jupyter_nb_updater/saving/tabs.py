"""Every open browser tab, over one WebSocket each, and the save round over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.clock import utcnow
from .tab_reports import MOST, Documents, Tab, TabReport, documents_of, names_of, outcome_of


class Tabs(LoggingConfigurable):
    """Who is there, what each has open, and whether all of it is proven saved."""

    expected_seconds = Float(
        150.0, min=0.0, help="Seconds for which a page that has asked for the state, or has lost its connection, is waited for."
    ).tag(config=True)
    """Longer than a page that cannot connect pauses: 40 s, and two minutes in the background, where a browser slows timers."""

    def __init__(self, now: Callable[[], datetime] = utcnow, **kwargs: Any) -> None:
        """Args: the wall clock; ``parent``, whose configuration this gets."""
        super().__init__(**kwargs)
        self._now = now
        self._tabs: list[Tab] = []
        self._expected: dict[str, tuple[datetime, Tab]] = {}
        self._lost: dict[str, Tab] = {}
        self._answers: dict[Tab, TabReport] = {}
        self._round: str | None = None
        self._settled = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a tab comes, goes, or opens, changes or closes a document."""
        self._listeners.append(listener)

    def expect(self, key: str, page: str) -> None:
        """A page has asked for the state. It is there, although its connection may take seconds yet: a round waits for it."""
        if key not in {tab.id for tab in self._tabs} and len(self._awaited()) < MOST:
            self._expected[key] = (self._now(), Tab(lambda _: None, key, page))

    def expect_no_more(self, key: str) -> None:
        """It was closed before it had its answer."""
        self._expected.pop(key, None)
        self._settle()

    def join(self, send: Callable[[dict[str, Any]], None]) -> Tab:
        """A page connected, and takes messages by ``send``. In the middle of a round it takes part in that round."""
        tab = Tab(send)
        self._tabs.append(tab)
        return tab

    def leave(self, tab: Tab) -> None:
        """A connection ended. Unless the page was closed it still holds what it had not saved.

        And it may hold more: an edit that JupyterLab takes for saved. So without a farewell it is expected back.
        """
        if tab in self._tabs:
            self._tabs.remove(tab)
        is_there = bool(tab.id) and not tab.is_closed
        if is_there and tab.unsaved and len(self._lost) < MOST:
            self._lost[tab.id] = tab
        elif is_there and len(self._awaited()) < MOST:
            self._expected[tab.id] = (self._now(), tab)
        if self._round is not None and tab not in self._answers and tab not in self._awaited():
            self._answers[tab] = TabReport(tab, "gone", tab.unsaved)
        self._settle()
        self._tell()

    def hello(self, tab: Tab, message: dict[str, Any]) -> None:
        """A page says which one it is and what it has open. One that is back speaks for itself again."""
        tab.id, tab.page = str(message.get("tab") or "")[:64], str(message.get("page", "unknown"))[:32]
        tab.documents = [
            {"path": document["path"], "dirty": document.get("dirty") is True} for document in documents_of(message)
        ]
        self._expected.pop(tab.id, None)
        if lost := self._lost.pop(tab.id, None):
            self._answers.pop(lost, None)
        self._settle()
        self._tell()

    def bye(self, tab: Tab, _message: dict[str, Any]) -> None:
        """A page is being closed."""
        tab.is_closed = True

    def farewell(self, key: str) -> None:
        """A page that is not connected, not yet or no longer, is being closed. A round in which it is missed still names it."""
        self._expected.pop(key, None)
        self._lost.pop(key, None)
        self._settle()
        self._tell()

    def report(self, tab: Tab, message: dict[str, Any]) -> None:
        """A page has saved. An answer to another round, or a second one to this, counts for nothing."""
        if message.get("restart") != self._round or self._round is None or tab in self._answers:
            return
        documents = [outcome_of(document) for document in documents_of(message)]
        self._answers[tab] = TabReport(tab, "answered", documents, names_of(message.get("unsaved_widgets")))
        self._settle()

    def begin(self, restart: str) -> None:
        """From now on nobody leaves unnoticed. A page that lost its connection before has not answered either."""
        self._round = restart
        self._answers = {tab: TabReport(tab, "gone", tab.unsaved) for tab in self._lost.values()}

    async def round(self, restart: str, timeout: float) -> list[TabReport]:
        """Wait until every connected tab has answered for the restart ``restart``, ``timeout`` seconds at most.

        The request itself is the state document, whose phase is ``saving`` while this waits.
        """
        if self._round != restart:
            self.begin(restart)
        self._settled.clear()
        self._settle()
        # By then, whoever has asked and has not connected was closed meanwhile.
        given_up = asyncio.get_running_loop().call_later(self.expected_seconds, self._settle)
        try:
            await asyncio.wait_for(self._settled.wait(), timeout)
        except asyncio.TimeoutError:
            self.log.warning("%d tab(s) did not answer within %.0f s", len(self._missing()), timeout)
        finally:
            given_up.cancel()
            self._round = None
        return [*self._answers.values(), *(TabReport(tab, "silent", tab.documents) for tab in self._missing())]

    def lost(self) -> list[dict[str, Any]]:
        """Pages that lost their connection with unsaved changes, and have not come back."""
        return [
            {"id": f"tab:{key}", "page": tab.page, "documents": [document["path"] for document in tab.unsaved]}
            for key, tab in self._lost.items()
        ]

    def rescued(self) -> dict[str, list[str]]:
        """The rescue copies of each document, as the last round told of them; none until the next one has answers."""
        copies: dict[str, list[str]] = {}
        for answer in self._answers.values():
            for document in answer.rescued:
                copies.setdefault(document["path"], []).append(document["copy"])
        return copies

    def broadcast(self, message: dict[str, Any]) -> None:
        """Send to every tab that is there."""
        for tab in list(self._tabs):
            tab.send(message)

    @property
    def is_watched(self) -> bool:
        """Whether a page is connected that shows what it is told."""
        return bool(self._tabs)

    def documents(self) -> Documents:
        """What all tabs have open, by path; dirty when it is so in one of them."""
        merged: dict[str, dict[str, Any]] = {}
        for tab in self._tabs:
            for document in tab.documents:
                entry = merged.setdefault(document["path"], {"path": document["path"], "dirty": False, "tabs": 0})
                entry["dirty"] = entry["dirty"] or document["dirty"]
                entry["tabs"] += 1
        return sorted(merged.values(), key=lambda entry: entry["path"])

    def present(self) -> dict[str, str]:
        """The kind of every page that is there or expected back, by the id of its tab."""
        everyone = [*self._tabs, *self._lost.values(), *self._awaited()]
        return {tab.id: tab.page for tab in everyone if tab.id}

    def _missing(self) -> list[Tab]:
        return [tab for tab in [*self._tabs, *self._awaited()] if tab not in self._answers]

    def _awaited(self) -> list[Tab]:
        """Pages that have asked and are not connected yet, or no longer; those of long ago are forgotten."""
        since = self._now() - timedelta(seconds=self.expected_seconds)
        self._expected = {key: (asked, tab) for key, (asked, tab) in self._expected.items() if asked > since}
        return [tab for _, tab in self._expected.values()]

    def _settle(self) -> None:
        if self._round is not None and not self._missing():
            self._settled.set()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
