"""Parse the messages of a page: only the fields and sizes that the server accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Documents = list[dict[str, Any]]

OUTCOMES = {"clean", "saved", "rescued", "read-only", "failed", "timeout", "unverified"}
VERIFIED_OUTCOMES = {"clean", "saved"}
"""Outcomes for which the page read the file back and found its own content."""

MAX_TAB_ID_CHARS = 64
MAX_PAGE_CHARS = 32
MAX_DETAIL_CHARS = 500
MAX_PATH_CHARS = 4096
MAX_UNSAVED_WIDGETS = 50


@dataclass(eq=False)
class Tab:
    """One page. Its open socket proves that it is there, so no heartbeat is needed; without a socket it polls the state.

    Args:
        send: sends a message to the page.
        id: id that the page chose; empty until its first message.
        page: kind of page, such as ``lab`` or ``notebooks``.
        documents: path and dirty flag of each open document.
        is_closed: whether the page said ``bye``: its user has answered the browser's question about unsaved changes.
        polls: whether the page sends its messages as requests, because its WebSocket is refused or cut.
        joined: when its WebSocket was opened; ``None`` without one.
    """

    send: Callable[[dict[str, Any]], None]
    id: str = ""
    page: str = "unknown"
    documents: Documents = field(default_factory=list)
    is_closed: bool = False
    polls: bool = False
    joined: datetime | None = None

    @property
    def unsaved(self) -> Documents:
        """Documents with unsaved changes in the page's last message."""
        return [document for document in self.documents if document["dirty"]]


@dataclass(frozen=True)
class TabReport:
    """Report of one tab in a save round. A tab that does not report is never assumed to be saved.

    Args:
        tab: the page.
        outcome: ``answered``, ``silent`` (connected, but no report in time), or ``gone`` (closed or disconnected).
        documents: open documents of the page, each with an outcome if the page reported.
        unsaved_widgets: names of tabs with unsaved changes that are not documents.
    """

    tab: Tab
    outcome: Literal["answered", "silent", "gone"]
    documents: Documents
    unsaved_widgets: tuple[str, ...] = ()

    @property
    def journal_documents(self) -> Documents:
        """Documents in the format of the journal. One that the tab did not report has the tab's outcome."""
        return [{"outcome": self.outcome, **document} for document in self.documents]

    @property
    def unverified(self) -> Documents:
        """Documents that the tab could neither verify on disk nor rescue."""
        return [document for document in self.documents if document.get("outcome") not in VERIFIED_OUTCOMES | {"rescued"}]

    @property
    def rescued(self) -> Documents:
        """Documents whose content is verified in a rescue copy beside the file. The user decides whether that is enough."""
        return [document for document in self.documents if document.get("outcome") == "rescued"]


def update_tab(tab: Tab, message: dict[str, Any]) -> None:
    """Update a page from its ``hello`` message.

    Args:
        tab: the page.
        message: the unchecked message.
    """
    tab.id = str(message.get("tab") or "")[:MAX_TAB_ID_CHARS]
    tab.page = str(message.get("page", "unknown"))[:MAX_PAGE_CHARS]
    tab.documents = [
        {"path": document["path"], "dirty": document.get("dirty") is True} for document in _listed_documents(message)
    ]


def parse_report(tab: Tab, message: dict[str, Any]) -> TabReport:
    """Parse a ``report`` message.

    Args:
        tab: the page that sent it.
        message: the unchecked message.
    """
    documents = [_parse_outcome(document) for document in _listed_documents(message)]
    return TabReport(tab, "answered", documents, _parse_names(message.get("unsaved_widgets")))


def _listed_documents(message: dict[str, Any]) -> Documents:
    """Return the documents in a message that have a path."""
    listed = message.get("documents")
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("path"), str)]


def _parse_outcome(document: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome of one document. A rescue without the name of its copy is not accepted."""
    outcome, copy = document.get("outcome"), document.get("copy")
    if outcome != "rescued" or not isinstance(copy, str) or not 0 < len(copy) <= MAX_PATH_CHARS:
        copy = None
    if outcome not in OUTCOMES or (outcome == "rescued" and copy is None):
        outcome = "unverified"
    return {
        "path": document["path"],
        "outcome": outcome,
        "detail": str(document.get("detail") or "")[:MAX_DETAIL_CHARS],
        "copy": copy,
        "proof": str(document["proof"])[:MAX_DETAIL_CHARS] if outcome == "saved" and document.get("proof") else None,
    }


def _parse_names(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(name[:MAX_DETAIL_CHARS] for name in listed[:MAX_UNSAVED_WIDGETS] if isinstance(name, str))
