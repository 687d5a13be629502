"""The active policy, and the last good document on the volume, which is used after a start even if nothing can be fetched."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..advice.policy import Policy
from ..util.clock import from_text, to_text
from ..util.files import atomic_write, read_json
from .document import AdvisoryList, Document, MinSerial, PolicyRejected

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

FILE_FORMAT = 1


@dataclass(frozen=True)
class CachedDocument:
    """A document as it was downloaded. Users of the instance can edit the file, so it is checked again whenever it is read.

    Args:
        url: URL of the document.
        content: content of the document.
        signatures: content of the signature file; empty if no key is configured.
        etag: ETag of the response; ``None`` without one.
        fetched: time of the last successful download.
    """

    url: str
    content: bytes
    signatures: bytes
    etag: str | None
    fetched: datetime


@dataclass(frozen=True)
class ActivePolicy:
    """The active document, and where it came from.

    Args:
        document: its parsed content.
        cached: its bytes as downloaded.
        signed_by: the trusted key that signed it; ``None`` if no key is configured.
    """

    document: Document
    cached: CachedDocument
    signed_by: str | None

    def policy(self, rejection: PolicyRejected | None) -> Policy:
        """Return the policy with its origin.

        Args:
            rejection: why no newer document is active; ``None`` if this is the newest.
        """
        origin = replace(self.document.origin, fetched=self.cached.fetched, signed=True if self.signed_by else None)
        if rejection is not None:
            origin = replace(origin, problem=rejection.code, detail=str(rejection))
        return replace(self.document.policy, origin=origin)


def advisory_list(active: ActivePolicy | None, rejection: PolicyRejected | None) -> AdvisoryList:
    """Return the advisories of the active policy, with the document as evidence.

    Args:
        active: the active policy; ``None`` returns an empty list.
        rejection: why no newer document is active; ``None`` if this is the newest.
    """
    problem = {"problem": rejection.code, "detail": str(rejection)} if rejection else {}
    if active is None:
        return AdvisoryList((), problem, in_force=False)
    origin = active.policy(rejection).origin
    evidence = {"organization": origin.organization, "serial": origin.serial, "issued": to_text(origin.issued)}
    return AdvisoryList(active.document.advisories, evidence | problem)


class DocumentStore:
    """Keep two files on the volume: the last good document, and the highest serial that was active.

    Args:
        folder: folder of both files.
        log: receives a warning about a file that cannot be used.
    """

    def __init__(self, folder: Path, log: Logger | LoggerAdapter[Any]) -> None:
        self._document, self.serial_file, self._log = folder / "document.json", folder / "serial.json", log

    def load(self, url: str) -> CachedDocument | None:
        """Return the last good document of a URL; ``None`` if there is none that can be read."""
        raw = self._read(self._document)
        try:
            fetched = from_text(raw["fetched"])
            if raw["url"] != url or fetched is None:
                return None
            etag = raw["etag"] if isinstance(raw["etag"], str) else None
            return CachedDocument(url, raw["content"].encode("utf-8"), raw["signatures"].encode("latin-1"), etag, fetched)
        except (KeyError, TypeError, AttributeError, ValueError):
            return None

    def save(self, cached: CachedDocument) -> None:
        """Save the last good document.

        Raises:
            OSError: it could not be written.
        """
        texts = {"content": cached.content.decode("utf-8"), "signatures": cached.signatures.decode("latin-1")}
        self._write(self._document, {"url": cached.url, **texts, "etag": cached.etag, "fetched": to_text(cached.fetched)})

    def min_serial(self, url: str) -> MinSerial | None:
        """Return the serial that was active last from a URL; ``None`` if there is none."""
        raw = self._read(self.serial_file)
        try:
            return MinSerial(int(raw["serial"]), str(raw["digest"]), raw["signed"] is True) if raw["url"] == url else None
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    def save_min_serial(self, url: str, newest: MinSerial) -> None:
        """Save the serial that is active now. If its document is signed, older ones from this URL are rejected from now on.

        Raises:
            OSError: it could not be written.
        """
        self._write(self.serial_file, {"url": url, **asdict(newest)})

    def _read(self, path: Path) -> dict[str, Any]:
        return read_json(path, FILE_FORMAT, self._log) or {}

    @staticmethod
    def _write(path: Path, content: dict[str, Any]) -> None:
        atomic_write(path, json.dumps({"format": FILE_FORMAT, **content}))
