"""The last good document, on the volume: in force at the next start, also when its place cannot be reached then."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ..advice.policy import Policy
from ..signals.org_advisories import AdvisoryList
from ..util.clock import from_text, to_text
from .document import Document, MinSerial
from .errors import PolicyRejected


@dataclass(frozen=True)
class ActivePolicy:
    """A document, and how it came here.

    Args:
        document: what it says.
        kept: as it was fetched.
        signed_by: the pinned key; ``None`` where none is pinned.
    """

    document: Document
    kept: CachedDocument
    signed_by: str | None

    def policy(self, refused: PolicyRejected | None) -> Policy:
        """What it says, with where it comes from.

        Args:
            refused: why no newer one is in force; ``None`` if this is the newest.
        """
        origin = replace(self.document.origin, fetched=self.kept.fetched, signed=True if self.signed_by else None)
        if refused is not None:
            origin = replace(origin, problem=refused.code, detail=str(refused))
        return replace(self.document.policy, origin=origin)


def advisory_list(in_force: ActivePolicy | None, refused: PolicyRejected | None) -> AdvisoryList:
    """The advisories, and whose they are.

    Args:
        in_force: ``None`` lists nothing.
        refused: why no newer one is in force.
    """
    problem = {"problem": refused.code, "detail": str(refused)} if refused else {}
    if in_force is None:
        return AdvisoryList((), problem, in_force=False)
    origin = in_force.policy(refused).origin
    told = {"organization": origin.organization, "serial": origin.serial, "issued": to_text(origin.issued)}
    return AdvisoryList(in_force.document.advisories, told | problem)


@dataclass(frozen=True)
class CachedDocument:
    """A document as it was fetched. Whoever uses the instance can edit it: it is judged again when it is read.

    Args:
        url: where it lies.
        content: its bytes.
        signatures: that lay beside it; empty where no key is pinned.
        etag: by which it is known there.
        fetched: when it was last seen there.
    """

    url: str
    content: bytes
    signatures: bytes
    etag: str | None
    fetched: datetime


class DocumentStore:
    """Two files: the document, and the highest serial that was in force."""

    def __init__(self, folder: Path) -> None:
        self._document, self._floor = folder / "document.json", folder / "serial.json"

    def load(self, url: str) -> CachedDocument | None:
        """The last good one of this place, if it can be read."""
        raw = _read(self._document)
        try:
            fetched = from_text(raw["fetched"])
            if raw["url"] != url or fetched is None:
                return None
            etag = raw["etag"] if isinstance(raw["etag"], str) else None
            return CachedDocument(url, raw["content"].encode("utf-8"), raw["signatures"].encode("latin-1"), etag, fetched)
        except (KeyError, TypeError, AttributeError, ValueError):
            return None

    def keep(self, kept: CachedDocument) -> None:
        """Write it, whole or not at all.

        Raises:
            OSError: it is not on the volume.
        """
        texts = {"content": kept.content.decode("utf-8"), "signatures": kept.signatures.decode("latin-1")}
        _write(self._document, {"url": kept.url, **texts, "etag": kept.etag, "fetched": to_text(kept.fetched)})

    def floor(self, url: str) -> MinSerial | None:
        """The newest that was ever in force from this place."""
        raw = _read(self._floor)
        try:
            return MinSerial(int(raw["serial"]), str(raw["digest"])) if raw["url"] == url else None
        except (KeyError, TypeError, ValueError):
            return None

    def raise_floor(self, url: str, floor: MinSerial) -> None:
        """Nothing older from there any more.

        Raises:
            OSError: it is not on the volume.
        """
        _write(self._floor, {"url": url, **asdict(floor)})


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
