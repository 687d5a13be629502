"""Every open browser tab, over one WebSocket each, and the save round over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from traitlets.config import LoggingConfigurable

Documents = list[dict[str, Any]]
OUTCOMES = {"clean", "saved", "rescued", "read-only", "failed", "timeout", "unverified"}
PROVEN = {"clean", "saved"}
DETAIL, PATH, THINGS = 500, 4096, 50
"""How much is taken of what a page says: characters of a detail and of a path, things that are no document."""


@dataclass(eq=False)
class Tab:
    """One connected page. The socket itself is the presence record: no heartbeat table to expire."""

    send: Callable[[dict[str, Any]], None]
    page: str = "unknown"
    documents: Documents = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What one tab said in a save round. A silent tab is told as such, never assumed saved."""

    tab: Tab
    outcome: Literal["answered", "silent", "gone"]
    documents: Documents
    elsewhere: tuple[str, ...] = ()
    """What is unsaved in the tab but is no document, by name."""

    @property
    def unproven(self) -> Documents:
        """What the tab answered for without proof."""
        return [document for document in self.documents if document.get("outcome") not in PROVEN | {"rescued"}]

    @property
    def rescued(self) -> Documents:
        """What is proven in a copy beside its file, which holds something else. Whether that will do is for a person to say."""
        return [document for document in self.documents if document.get("outcome") == "rescued"]


class Tabs(LoggingConfigurable):
    """Who is there, what each has open, and whether all of it is proven saved."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._tabs: list[Tab] = []
        self._answers: dict[Tab, Answer] = {}
        self._round: str | None = None
        self._settled = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever a tab comes, goes, or opens, changes or closes a document."""
        self._listeners.append(listener)

    def join(self, send: Callable[[dict[str, Any]], None]) -> Tab:
        """A page connected, and takes messages by ``send``. In the middle of a round it takes part in that round."""
        tab = Tab(send)
        self._tabs.append(tab)
        return tab

    def leave(self, tab: Tab) -> None:
        """A page went away; what it had not saved is not proven saved."""
        if tab in self._tabs:
            self._tabs.remove(tab)
        if self._round is not None and tab not in self._answers:
            unsaved = [document for document in tab.documents if document["dirty"]]
            self._answers[tab] = Answer(tab, "gone", unsaved)
        self._settle()
        self._tell()

    def hello(self, tab: Tab, message: dict[str, Any]) -> None:
        """A page says which one it is and what it has open."""
        tab.page = str(message.get("page", "unknown"))[:32]
        tab.documents = [{"path": document["path"], "dirty": document.get("dirty") is True} for document in _documents(message)]
        self._tell()

    def report(self, tab: Tab, message: dict[str, Any]) -> None:
        """A page has saved. An answer to another round, or a second one to this, counts for nothing."""
        if message.get("restart") != self._round or self._round is None or tab in self._answers:
            return
        documents = [_outcome(document) for document in _documents(message)]
        self._answers[tab] = Answer(tab, "answered", documents, _names(message.get("elsewhere")))
        self._settle()

    async def round(self, restart: str, timeout: float) -> list[Answer]:
        """Wait until every connected tab has answered for the restart ``restart``, ``timeout`` seconds at most.

        The request itself is the state document, whose phase is ``saving`` while this waits.
        """
        self._round, self._answers = restart, {}
        self._settled.clear()
        self._settle()
        try:
            await asyncio.wait_for(self._settled.wait(), timeout)
        except asyncio.TimeoutError:
            self.log.warning("%d tab(s) did not answer within %.0f s", len(self._missing()), timeout)
        finally:
            self._round = None
        return [*self._answers.values(), *(Answer(tab, "silent", tab.documents) for tab in self._missing())]

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

    def documents(self) -> Documents:
        """What all tabs have open, by path; dirty when it is so in one of them."""
        merged: dict[str, dict[str, Any]] = {}
        for tab in self._tabs:
            for document in tab.documents:
                entry = merged.setdefault(document["path"], {"path": document["path"], "dirty": False, "tabs": 0})
                entry["dirty"] = entry["dirty"] or document["dirty"]
                entry["tabs"] += 1
        return sorted(merged.values(), key=lambda entry: entry["path"])

    def _missing(self) -> list[Tab]:
        return [tab for tab in self._tabs if tab not in self._answers]

    def _settle(self) -> None:
        if self._round is not None and not self._missing():
            self._settled.set()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _documents(message: dict[str, Any]) -> Documents:
    listed = message.get("documents")
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("path"), str)]


def _outcome(document: dict[str, Any]) -> dict[str, Any]:
    """What a page says became of a document. A rescue without the name of its copy is none."""
    outcome, copy = document.get("outcome"), document.get("copy")
    if outcome != "rescued" or not isinstance(copy, str) or not 0 < len(copy) <= PATH:
        copy = None
    if outcome not in OUTCOMES or (outcome == "rescued" and copy is None):
        outcome = "unverified"
    return {
        "path": document["path"],
        "outcome": outcome,
        "detail": str(document.get("detail") or "")[:DETAIL],
        "copy": copy,
    }


def _names(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(name[:DETAIL] for name in listed[:THINGS] if isinstance(name, str))
