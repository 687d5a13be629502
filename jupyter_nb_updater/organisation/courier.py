"""Brings a document from its place, with the signatures that lie beside it, and sees who has made them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from traitlets.config import Configurable

from ..instance.aws import Aws
from .found import FetchLimits, FetchResult
from .place import fetch, signature_url
from .refused import PolicyRejected
from .signature import ENDING, SignatureVerifier
from .store import CachedDocument


@dataclass
class DocumentFetcher:
    """The way to a document and to its keys.

    Args:
        url: where it lies.
        keys: that are pinned.
        max_bytes: that are read at most.
        seconds: that it may take, with the signatures.
        openssl: the program that verifies with a public key.
        region: of the instance.
        parent: whose configuration the ways to AWS share.
    """

    url: str
    keys: Sequence[str]
    max_bytes: int
    seconds: float
    openssl: str
    region: str
    parent: Configurable | None = None
    _ways: dict[str, Aws] = field(default_factory=dict)

    async def get(self, kept: CachedDocument | None = None) -> tuple[FetchResult, bytes]:
        """The document and its signatures.

        Args:
            kept: what is here already: if it is still what lies there, so are its signatures.

        Raises:
            Refused: one of the two is not to be had.
        """
        limits = FetchLimits(self.max_bytes, time.monotonic() + self.seconds)
        aws = self._aws(self.region)
        found = await fetch(self.url, kept.etag if kept else None, limits, aws)
        if not self.keys:
            return found, b""
        if kept is not None and found.content in {None, kept.content}:
            return found, kept.signatures
        try:
            signatures = await fetch(signature_url(self.url, ENDING), None, limits, aws, typed=False)
        except PolicyRejected as refused:
            if refused.code == "not-found":
                raise PolicyRejected("not-signed", f"a key is pinned, and no signature lies beside it: {refused}") from refused
            raise
        return found, signatures.content or b""

    async def verify(self, content: bytes, signatures: bytes) -> str | None:
        """The pinned key that has signed it; ``None`` where none is pinned.

        Raises:
            Refused: none of them has, or it is not known.
        """
        if not self.keys:
            return None
        return await SignatureVerifier(tuple(self.keys), self._aws, self.openssl).verify(content, signatures)

    def close(self) -> None:
        """Let go of the ways to AWS."""
        for aws in self._ways.values():
            aws.close()

    def _aws(self, region: str) -> Aws:
        if region not in self._ways:
            self._ways[region] = Aws(region, parent=self.parent)
        return self._ways[region]
