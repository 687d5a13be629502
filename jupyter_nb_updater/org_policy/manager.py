"""The document in force: looked for where it lies, and kept when nothing better is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from ..advice.policy import Policy
from ..instance.platforms import PlatformFact
from ..journal import Journal
from ..signals.org_advisories import AdvisoryList
from .audit import PolicyAudit
from .document import Document, MinSerial, check_admissible, check_serial, still_valid
from .errors import PolicyRejected
from .fetch import DocumentFetcher
from .parse import parse_document
from .store import ActivePolicy, CachedDocument, DocumentStore, advisory_list

UNREACHABLE = frozenset({"unreachable", "too-slow", "throttled", "key-unusable"})
"""Codes of what may be better in a minute."""


class PolicyManager(LoggingConfigurable):
    """Looks for a newer document, and leaves the last good one in force whenever that fails."""

    url = Unicode(
        "",
        help="Where the organization's document lies: https://host/path, s3://bucket/key or file:///path. Empty: nowhere.",
    ).tag(config=True)
    keys = List(
        Unicode(),
        help="Keys one of which must have signed it: ARNs of asymmetric KMS keys, or paths of public keys in PEM. "
        "Empty: none needs to.",
    ).tag(config=True)
    max_bytes = Int(1 << 20, min=1, help="Size in bytes from which on a document is not read.").tag(config=True)
    timeout_seconds = Float(20.0, min=0.1, help="Seconds that it may take to get it, with its signatures.").tag(config=True)
    openssl = Unicode("openssl", help="The program that verifies signatures with a public key.").tag(config=True)

    def __init__(
        self, journal: Journal, region: str, changed: Callable[[], None] | None = None, *, writes: bool = True, **kwargs: Any
    ) -> None:
        """What it is made of.

        Args:
            journal: where it is remembered, and beside which it is kept.
            region: of the instance.
            changed: is called when something may be different.
            writes: whether anything is written; the command line only reads.
            kwargs: of a configurable.
        """
        super().__init__(**kwargs)
        self._changed, self._writes = changed or (lambda: None), writes
        self._record = PolicyAudit(journal, self.url, self.log, writes=writes)
        self._store = DocumentStore(Path(journal.directory) / "org_policy")
        self.courier = DocumentFetcher(
            self.url, self.keys, self.max_bytes, self.timeout_seconds, self.openssl, region, self.parent or self
        )
        self._in_force: ActivePolicy | None = None
        self._refused: PolicyRejected | None = None
        self._loaded = False
        self._busy = asyncio.Lock()

    @property
    def is_configured(self) -> bool:
        """Whether there is a document to look for."""
        return bool(self.url)

    @property
    def policy(self) -> Policy | None:
        """What it says, with where it comes from, and why no newer one is in force; ``None`` without a document."""
        return self._in_force.policy(self._refused) if self._in_force else None

    @property
    def platforms(self) -> tuple[PlatformFact, ...]:
        """What it says of platforms."""
        return self._in_force.document.platforms if self._in_force else ()

    @property
    def advisory_list(self) -> AdvisoryList:
        """What it lists."""
        return advisory_list(self._in_force, self._refused)

    async def look(self, now: datetime) -> AdvisoryList:
        """See whether there is a newer one, and say what is in force.

        Args:
            now: the time to judge at.

        Raises:
            Refused: its place cannot be reached, and there is none: it is worth asking again soon.
        """
        async with self._busy:
            await self._load(now)
            try:
                await self._renew(now)
            except PolicyRejected as refused:
                await self._refuse(refused, now)
            except Exception as error:  # nothing that lies there, and no fault of ours, takes the last good one away
                self.log.exception("The organization's document could not be looked at")
                await self._refuse(PolicyRejected("failed", f"{type(error).__name__}: {error}"), now)
            self._changed()
        if self._in_force is None and self._refused is not None and self._refused.code in UNREACHABLE:
            raise self._refused
        return self.advisory_list

    async def load(self, now: datetime) -> AdvisoryList:
        """Say what is in force, without a look at its place.

        Args:
            now: the time to judge at.
        """
        async with self._busy:
            await self._load(now)
            self._changed()
        return self.advisory_list

    async def probe(self, now: datetime) -> Document:
        """What lies there now, without putting it into force.

        Raises:
            Refused: nothing that could be.
        """
        found, signatures = await self.courier.get()
        document = parse_document(found.content or b"")
        await self.courier.verify(found.content or b"", signatures)
        check_admissible(document, now, self._store.floor(self.url))
        return document

    def recall(self, records: Iterable[dict[str, Any]]) -> None:
        """What the journal was told last, so that it is not told again at each start."""
        self._record.recall(records)

    def close(self) -> None:
        """Let go of the ways to AWS."""
        self.courier.close()

    async def _load(self, now: datetime) -> None:
        """Take the last good one from the volume, once. One that has expired meanwhile stays, and requires nothing."""
        if self._loaded or not self.url:
            return
        kept = await asyncio.to_thread(self._store.load, self.url)
        if kept is not None:
            try:
                document, signed_by = parse_document(kept.content), await self.courier.verify(kept.content, kept.signatures)
                check_serial(document, self._store.floor(self.url))
                self._in_force = ActivePolicy(document, kept, signed_by)
                still_valid(document, now)
            except PolicyRejected as refused:
                await self._refuse(refused, now)
                if refused.code in UNREACHABLE:
                    return  # it may be good all the same: the next look tries again
        self._loaded = True

    async def _renew(self, now: datetime) -> None:
        current = self._in_force
        found, signatures = await self.courier.get(current.kept if current else None)
        if current is not None and found.content in {None, current.kept.content}:
            self._in_force = replace(current, kept=replace(current.kept, etag=found.etag, fetched=now))
        else:
            content = found.content or b""
            document = parse_document(content)
            signed_by = await self.courier.verify(content, signatures)
            check_admissible(document, now, await asyncio.to_thread(self._store.floor, self.url))
            self._in_force = ActivePolicy(document, CachedDocument(self.url, content, signatures, found.etag, now), signed_by)
            await self._record.in_force(self._in_force, now)
        if self._writes:
            await asyncio.to_thread(self._keep)
        still_valid(self._in_force.document, now)
        self._refused = None
        self._record.agrees()

    def _keep(self) -> None:
        assert self._in_force is not None  # noqa: S101  it was just made
        document = self._in_force.document
        try:
            self._store.keep(self._in_force.kept)
            self._store.raise_floor(self.url, MinSerial(document.serial, document.digest))
        except OSError as error:  # it is in force as long as this server runs
            self.log.error("The organization's document could not be kept: %s", error)

    async def _refuse(self, refused: PolicyRejected, now: datetime) -> None:
        self._refused = refused
        await self._record.refused(refused, now, self._in_force)
