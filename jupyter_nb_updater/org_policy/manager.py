"""Refresh the organization's policy from its URL, and keep the last good document if that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from ..advice.policy import Policy
from ..instance.platforms import PlatformFact
from ..journal import Journal
from ..util.clock import PollSchedule
from .audit import PolicyAudit
from .document import (
    AdvisoryList,
    Document,
    MinSerial,
    PolicyRejected,
    check_admissible,
    check_applicable,
    check_not_expired,
    check_serial,
)
from .fetch import DocumentFetcher
from .parse import parse_document
from .store import ActivePolicy, CachedDocument, DocumentStore, advisory_list

TRANSIENT_CODES = frozenset({"unreachable", "too-slow", "throttled", "key-unusable"})
"""Codes of temporary problems, which are retried soon."""

REFRESH_JITTER = 0.1
"""Random jitter on the interval, as a fraction (0.1 = ±10 %), so that a fleet does not fetch at the same time."""


class PolicyManager(LoggingConfigurable):
    """Fetch newer documents, and keep the last good one active if that fails."""

    url = Unicode(
        "",
        help="URL of the policy document: https://host/path, s3://bucket/key or file:///path. Empty: no organization policy.",
    ).tag(config=True)
    keys = List(
        Unicode(),
        help="Trusted signing keys, one of which must have signed the document: ARNs of asymmetric KMS keys, or paths of "
        "public keys in PEM format. Empty: signatures are not verified.",
    ).tag(config=True)
    audience = Unicode(
        "",
        help="Name of the group that this instance belongs to, such as `prod`. A document is accepted only if its `audience` "
        "has that name; without a name, only if it has no `audience`.",
    ).tag(config=True)
    max_bytes = Int(1 << 20, min=1, help="Maximum size of the document, in bytes.").tag(config=True)
    timeout_seconds = Float(20.0, min=0.1, help="Timeout in seconds for downloading the document and its signatures.").tag(
        config=True
    )
    openssl = Unicode("openssl", help="Name or path of the openssl program, which verifies signatures with public keys.").tag(
        config=True
    )
    interval_seconds = Float(3600.0, min=1.0, help="Interval in seconds for checking for a newer document.").tag(config=True)
    retry_seconds = Float(
        60.0,
        min=1.0,
        help="Delay in seconds before the first retry while no document is known; doubled after each further failure.",
    ).tag(config=True)
    refresh_timeout_seconds = Float(
        60.0, min=0.1, help="Timeout in seconds for one check for a newer document, including its verification."
    ).tag(config=True)

    def __init__(self, journal: Journal, region: str, *, writes: bool = True, **kwargs: Any) -> None:
        """Create the manager.

        Args:
            journal: the audit log; the last good document is saved in its folder.
            region: region of the instance.
            writes: whether to write anything; the command line only reads.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._writes = writes
        self._audit = PolicyAudit(journal, self.url, self.log, writes=writes)
        self._store = DocumentStore(Path(journal.directory) / "org_policy", self.log)
        self._fetcher = DocumentFetcher(
            self.url, self.keys, self.max_bytes, self.timeout_seconds, self.openssl, region, self.parent or self
        )
        self._schedule = PollSchedule(REFRESH_JITTER, self.retry_seconds)
        self._active: ActivePolicy | None = None
        self._rejection: PolicyRejected | None = None
        self._is_loaded = False
        self._lock = asyncio.Lock()
        self.outage: PolicyRejected | None = None
        """Temporary problem because of which no document is active; ``None`` otherwise."""

    @property
    def is_configured(self) -> bool:
        """Whether a URL is configured."""
        return bool(self.url)

    @property
    def policy(self) -> Policy | None:
        """The active policy with its origin, including why no newer one is active; ``None`` without a document."""
        return self._active.policy(self._rejection) if self._active else None

    @property
    def platforms(self) -> tuple[PlatformFact, ...]:
        """Facts about platforms in the active document. A successor is a target of a move only if the document is signed."""
        if self._active is None:
            return ()
        facts = self._active.document.platforms
        return tuple(fact.with_target() for fact in facts) if self._active.signed_by else facts

    @property
    def advisory_list(self) -> AdvisoryList:
        """The advisories of the active document."""
        return advisory_list(self._active, self._rejection)

    @property
    def serial_file(self) -> Path:
        """File with the serial of the last signed document. Whoever removes it accepts an older one again."""
        return self._store.serial_file

    @property
    def next_refresh(self) -> datetime | None:
        """Time of the next refresh; ``None`` if it is due now, or if there is none."""
        return self._schedule.next_poll

    async def refresh(self, now: datetime) -> None:
        """Fetch a newer document if the interval has passed. Limited in time; raises nothing.

        Args:
            now: the current time, by the clock used for advice.
        """
        if not self.is_configured or not self._schedule.is_due(now, self.interval_seconds):
            return
        try:
            await asyncio.wait_for(self.refresh_now(now), self.refresh_timeout_seconds)
        except PolicyRejected:  # it is recorded
            self._schedule.failed(now, self.interval_seconds)
        except asyncio.TimeoutError:
            await self._reject(PolicyRejected("too-slow", "checking for a newer document took too long"), now)
            self.outage = None if self._active else self._rejection
            self._schedule.failed(now, self.interval_seconds)
        else:
            self._schedule.succeeded(now, self.interval_seconds)

    def invalidate(self) -> None:
        """Fetch the document at the next refresh, even if the interval has not passed."""
        self._schedule.invalidate()

    async def refresh_now(self, now: datetime) -> AdvisoryList:
        """Fetch a newer document, and return the advisories of the active one.

        Args:
            now: the current time.

        Raises:
            PolicyRejected: the document cannot be reached and no other is active; retry soon.
        """
        async with self._lock:
            await self._load(now)
            try:
                await self._fetch(now)
            except PolicyRejected as rejection:
                await self._reject(rejection, now)
            except Exception as error:  # neither a bad document nor a bug may replace the last good one
                self.log.exception("Unexpected error while checking the organization's policy document")
                await self._reject(PolicyRejected("failed", f"{type(error).__name__}: {error}"), now)
            is_outage = self._active is None and self._rejection is not None and self._rejection.code in TRANSIENT_CODES
            self.outage = self._rejection if is_outage else None
        if self.outage is not None:
            raise self.outage
        return self.advisory_list

    async def load(self, now: datetime) -> AdvisoryList:
        """Load the last good document from the volume, and return its advisories. Fetches nothing.

        Args:
            now: the current time.
        """
        async with self._lock:
            await self._load(now)
        return self.advisory_list

    async def check(self, now: datetime) -> Document:
        """Fetch and check the document without making it active.

        Args:
            now: the current time.

        Raises:
            PolicyRejected: the document could not become active.
        """
        found, signatures = await self._fetcher.fetch()
        document = parse_document(found.content or b"")
        signed_by = await self._fetcher.verify(found.content or b"", signatures)
        check_applicable(document, self.audience, is_signed=signed_by is not None)
        check_admissible(document, now, self._min_serial())
        return document

    def load_history(self, records: Iterable[dict[str, Any]]) -> None:
        """Read from the journal which problem was recorded last, so that it is not recorded again.

        Args:
            records: records of the journal, oldest first.
        """
        self._audit.load_history(records)

    def close(self) -> None:
        """Close the connections to AWS."""
        self._fetcher.close()

    async def _load(self, now: datetime) -> None:
        """Activate the last good document on the volume, once. An expired one stays active, and requires nothing."""
        if self._is_loaded or not self.url:
            return
        cached = await asyncio.to_thread(self._store.load, self.url)
        if cached is not None:
            try:
                document = parse_document(cached.content)
                signed_by = await self._fetcher.verify(cached.content, cached.signatures)
                check_applicable(document, self.audience, is_signed=signed_by is not None)
                newest = self._store.min_serial(self.url)
                check_serial(document, newest if newest and newest.signed == (signed_by is not None) else None)
                self._active = ActivePolicy(document, cached, signed_by)
                check_not_expired(document, now)
            except PolicyRejected as rejection:
                await self._reject(rejection, now)
                if rejection.code in TRANSIENT_CODES:
                    return  # it may still be good: the next refresh tries again
        self._is_loaded = True

    async def _fetch(self, now: datetime) -> None:
        """Fetch the document, and activate it if it is newer."""
        current = self._active
        found, signatures = await self._fetcher.fetch(current.cached if current else None)
        if current is not None and found.content in {None, current.cached.content}:
            self._active = replace(current, cached=replace(current.cached, etag=found.etag, fetched=now))
        else:
            content = found.content or b""
            document = parse_document(content)
            signed_by = await self._fetcher.verify(content, signatures)
            check_applicable(document, self.audience, is_signed=signed_by is not None)
            check_admissible(document, now, await asyncio.to_thread(self._min_serial))
            self._active = ActivePolicy(document, CachedDocument(self.url, content, signatures, found.etag, now), signed_by)
            await self._audit.record_active(self._active, now)
        if self._writes:
            await asyncio.to_thread(self._save, self._active)
        check_not_expired(self._active.document, now)
        self._rejection = None
        self._audit.clear_problem()

    def _min_serial(self) -> MinSerial | None:
        """Return the newest document that was active, if a pinned key is required and had signed it."""
        newest = self._store.min_serial(self.url)
        return newest if newest is not None and newest.signed and self.keys else None

    def _save(self, active: ActivePolicy) -> None:
        try:
            self._store.save(active.cached)
            signed = active.signed_by is not None
            self._store.save_min_serial(self.url, MinSerial(active.document.serial, active.document.digest, signed))
        except OSError as error:  # it stays active while this server runs
            self.log.error("Could not save the organization's policy document on the volume: %s", error)

    async def _reject(self, rejection: PolicyRejected, now: datetime) -> None:
        self._rejection = rejection
        await self._audit.record_rejected(rejection, now, self._active)
