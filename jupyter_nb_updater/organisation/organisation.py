"""The document in force: looked for where it lies, and kept when nothing better is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from ..advice.policy import Origin, Policy
from ..clock import to_text
from ..instance.platforms import PlatformFact
from ..journal import Journal
from ..signals.organisation import Listing
from .courier import Courier
from .document import Document, Floor, admit, still_the_newest, still_valid
from .reading import read
from .refused import Refused
from .store import Kept, Store

UNREACHABLE = frozenset({"unreachable", "too-slow", "throttled", "key-unusable"})
"""Codes of what may be better in a minute."""


@dataclass(frozen=True)
class InForce:
    """A document, and how it came here.

    Args:
        document: what it says.
        kept: as it was fetched.
        signed_by: the pinned key; ``None`` where none is pinned.
    """

    document: Document
    kept: Kept
    signed_by: str | None


class Organisation(LoggingConfigurable):
    """Looks for a newer document, and leaves the last good one in force whenever that fails."""

    url = Unicode(
        "",
        help="Where the organisation's document lies: https://host/path, s3://bucket/key or file:///path. Empty: nowhere.",
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
        self._journal, self._changed = journal, changed or (lambda: None)
        self._writes = writes
        self._store = Store(Path(journal.directory) / "organisation")
        self.courier = Courier(
            self.url, self.keys, self.max_bytes, self.timeout_seconds, self.openssl, region, self.parent or self
        )
        self._in_force: InForce | None = None
        self._refused: Refused | None = None
        self._told: tuple[str, str] | None = None
        self._loaded = False
        self._busy = asyncio.Lock()

    @property
    def is_configured(self) -> bool:
        """Whether there is a document to look for."""
        return bool(self.url)

    @property
    def _place(self) -> str:
        """Without what may be a secret."""
        return self.url.partition("?")[0]

    @property
    def policy(self) -> Policy | None:
        """What it says, with where it comes from, and why no newer one is in force; ``None`` without a document."""
        if self._in_force is None:
            return None
        document, kept, refused = self._in_force.document, self._in_force.kept, self._refused
        signed = True if self._in_force.signed_by else None
        origin = replace(document.origin, fetched=kept.fetched, signed=signed)
        if refused is not None:
            origin = replace(origin, problem=refused.code, detail=str(refused))
        return replace(document.policy, origin=origin)

    @property
    def platforms(self) -> tuple[PlatformFact, ...]:
        """What it says of platforms."""
        return self._in_force.document.platforms if self._in_force else ()

    @property
    def listing(self) -> Listing:
        """What it lists."""
        origin = self.policy.origin if self.policy else Origin(detail=str(self._refused or ""))
        problem = {"problem": self._refused.code, "detail": str(self._refused)} if self._refused else {}
        told = {"organisation": origin.organisation, "serial": origin.serial, "issued": to_text(origin.issued)}
        advisories = self._in_force.document.advisories if self._in_force else ()
        return Listing(advisories, (told if self._in_force else {}) | problem, self._in_force is not None)

    async def look(self, now: datetime) -> Listing:
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
            except Refused as refused:
                await self._refuse(refused, now)
            except Exception as error:  # nothing that lies there, and no fault of ours, takes the last good one away
                self.log.exception("The organisation's document could not be looked at")
                await self._refuse(Refused("failed", f"{type(error).__name__}: {error}"), now)
            self._changed()
        if self._in_force is None and self._refused is not None and self._refused.code in UNREACHABLE:
            raise self._refused
        return self.listing

    async def load(self, now: datetime) -> Listing:
        """Say what is in force, without a look at its place.

        Args:
            now: the time to judge at.
        """
        async with self._busy:
            await self._load(now)
            self._changed()
        return self.listing

    async def probe(self, now: datetime) -> Document:
        """What lies there now, without putting it into force.

        Raises:
            Refused: nothing that could be.
        """
        found, signatures = await self.courier.get()
        document = read(found.content or b"")
        await self.courier.verify(found.content or b"", signatures)
        admit(document, now, self._store.floor(self.url))
        return document

    def recall(self, records: Iterable[dict[str, Any]]) -> None:
        """What the journal was told last, so that it is not told again at each start."""
        for record in records:
            if record["event"] == "organisation-refused":
                self._told = str(record.get("code")), str(record.get("detail"))
            elif record["event"] == "organisation-in-force":
                self._told = None

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
                document, signed_by = read(kept.content), await self.courier.verify(kept.content, kept.signatures)
                still_the_newest(document, self._store.floor(self.url))
                self._in_force = InForce(document, kept, signed_by)
                still_valid(document, now)
            except Refused as refused:
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
            document = read(content)
            signed_by = await self.courier.verify(content, signatures)
            admit(document, now, await asyncio.to_thread(self._store.floor, self.url))
            self._in_force = InForce(document, Kept(self.url, content, signatures, found.etag, now), signed_by)
            await self._remember("organisation-in-force", now, **self._evidence())
        if self._writes:
            await asyncio.to_thread(self._keep)
        still_valid(self._in_force.document, now)
        self._refused, self._told = None, None

    def _evidence(self) -> dict[str, Any]:
        assert self._in_force is not None  # noqa: S101  it was just made
        origin = self._in_force.document.origin
        return {
            "organisation": origin.organisation,
            "serial": origin.serial,
            "issued": to_text(origin.issued),
            "expires": to_text(origin.expires),
            "digest": self._in_force.document.digest,
            "signed": self._in_force.signed_by,
            "place": self._place,
        }

    def _keep(self) -> None:
        assert self._in_force is not None  # noqa: S101  it was just made
        document = self._in_force.document
        try:
            self._store.keep(self._in_force.kept)
            self._store.raise_floor(self.url, Floor(document.serial, document.digest))
        except OSError as error:  # it is in force as long as this server runs
            self.log.error("The organisation's document could not be kept: %s", error)

    async def _refuse(self, refused: Refused, now: datetime) -> None:
        """Say it in the log and in the journal, once for each problem and not at each look."""
        self._refused = refused
        told = refused.code, str(refused)
        if told == self._told:
            return
        self._told = told
        serial = self._in_force.document.serial if self._in_force else None
        say = self.log.warning if self._writes else self.log.debug
        say("The organisation's document is not taken (%s): %s", refused.code, refused)
        await self._remember(
            "organisation-refused", now, code=refused.code, detail=str(refused), place=self._place, in_force=serial
        )

    async def _remember(self, event: str, now: datetime, **facts: Any) -> None:
        if not self._writes:
            return
        try:
            await asyncio.to_thread(self._journal.append, event, now, **facts)
        except OSError as error:  # it counts all the same
            self.log.error("%r could not be written to the journal: %s", event, error)
