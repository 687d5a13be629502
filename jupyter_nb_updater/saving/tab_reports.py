"""What a page says of itself and of its documents, taken as far as it makes sense. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Documents = list[dict[str, Any]]
OUTCOMES = {"clean", "saved", "rescued", "read-only", "failed", "timeout", "unverified"}
PROVEN = {"clean", "saved"}
DETAIL, PATH, MOST = 500, 4096, 50
"""How much is taken of what a page says: characters of a detail and of a path, things that are no document."""


@dataclass(eq=False)
class Tab:
    """One connected page. The socket itself is the presence record: no heartbeat table to expire."""

    send: Callable[[dict[str, Any]], None]
    id: str = ""
    page: str = "unknown"
    documents: Documents = field(default_factory=list)
    is_closed: bool = False
    """It said good-bye: whoever closed it has seen the browser's question about unsaved changes."""

    @property
    def unsaved(self) -> Documents:
        """What it had not saved when it last said so."""
        return [document for document in self.documents if document["dirty"]]


@dataclass(frozen=True)
class TabReport:
    """What one tab said in a save round. A silent tab is told as such, never assumed saved."""

    tab: Tab
    outcome: Literal["answered", "silent", "gone"]
    documents: Documents
    unsaved_widgets: tuple[str, ...] = ()
    """What is unsaved in the tab but is no document, by name."""

    @property
    def recorded(self) -> Documents:
        """As the journal keeps it: what the tab did not answer for has the tab's outcome, and is never without one."""
        return [{"outcome": self.outcome, **document} for document in self.documents]

    @property
    def unproven(self) -> Documents:
        """What the tab answered for without proof."""
        return [document for document in self.documents if document.get("outcome") not in PROVEN | {"rescued"}]

    @property
    def rescued(self) -> Documents:
        """What is proven in a copy beside its file, which holds something else. Whether that will do is for a person to say."""
        return [document for document in self.documents if document.get("outcome") == "rescued"]


def documents_of(message: dict[str, Any]) -> Documents:
    """The documents that a message lists, as far as each has a path."""
    listed = message.get("documents")
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("path"), str)]


def outcome_of(document: dict[str, Any]) -> dict[str, Any]:
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
        "proof": str(document["proof"])[:DETAIL] if outcome == "saved" and document.get("proof") else None,
    }


def names_of(listed: object) -> tuple[str, ...]:
    """The names in a list of them."""
    if not isinstance(listed, list):
        return ()
    return tuple(name[:DETAIL] for name in listed[:MOST] if isinstance(name, str))
