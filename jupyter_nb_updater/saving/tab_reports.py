"""What a page tells about itself and its documents, checked and cut to the fields and sizes that the server accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Documents = list[dict[str, Any]]

OUTCOMES = {"clean", "saved", "rescued", "read-only", "failed", "timeout", "unverified"}
VERIFIED_OUTCOMES = {"clean", "saved"}
"""The page read the file back, and it holds what the page holds."""

MAX_TAB_ID_CHARS = 64
MAX_PAGE_CHARS = 32
MAX_DETAIL_CHARS = 500
MAX_PATH_CHARS = 4096
MAX_UNSAVED_WIDGETS = 50


@dataclass(eq=False)
class Tab:
    """One connected page. The open socket is the proof that it is there: no heartbeat, and no table that expires.

    Args:
        send: sends a message to the page.
        id: the page's own id; empty until its first message.
        page: kind of page, such as ``lab`` or ``notebooks``.
        documents: path and dirty flag of each document that it has open.
        is_closed: whether the page said ``bye``. Then its user has answered the browser's question about unsaved changes.
    """

    send: Callable[[dict[str, Any]], None]
    id: str = ""
    page: str = "unknown"
    documents: Documents = field(default_factory=list)
    is_closed: bool = False

    @property
    def unsaved(self) -> Documents:
        """Return the documents that had unsaved changes in the page's last message."""
        return [document for document in self.documents if document["dirty"]]


@dataclass(frozen=True)
class TabReport:
    """What one tab reported in a save round. A tab that does not answer is reported as such, never assumed to be saved.

    Args:
        tab: the page.
        outcome: ``answered``, ``silent`` (connected, without an answer in time), or ``gone`` (closed or disconnected).
        documents: its documents; with an outcome each, if it answered.
        unsaved_widgets: names of what is unsaved in the tab and is not a document.
    """

    tab: Tab
    outcome: Literal["answered", "silent", "gone"]
    documents: Documents
    unsaved_widgets: tuple[str, ...] = ()

    @property
    def journal_documents(self) -> Documents:
        """Return the documents as the journal records them: one that the tab did not answer for has the tab's outcome."""
        return [{"outcome": self.outcome, **document} for document in self.documents]

    @property
    def unverified(self) -> Documents:
        """Return the documents that the tab could neither verify on disk nor rescue."""
        return [document for document in self.documents if document.get("outcome") not in VERIFIED_OUTCOMES | {"rescued"}]

    @property
    def rescued(self) -> Documents:
        """Return the documents whose content is verified in a copy beside the file. A person decides whether that is enough."""
        return [document for document in self.documents if document.get("outcome") == "rescued"]


def update_tab(tab: Tab, message: dict[str, Any]) -> None:
    """Take over what a ``hello`` message says about a page.

    Args:
        tab: the page.
        message: its message, not yet checked.
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
        message: its message, not yet checked.
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
    """Return one document's outcome. A rescue that does not name its copy is no rescue."""
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
