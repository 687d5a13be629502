"""Where a document lies: ``https://``, ``s3://`` or ``file://``. Never plain ``http://``."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from traitlets.config import Configurable

from ..instance.aws import Aws
from . import transport as https, transport as s3
from .errors import PolicyRejected
from .signature import ENDING, SignatureVerifier
from .store import CachedDocument
from .transport import CHUNK, FetchLimits, FetchResult, bounded


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


def url_error(url: str) -> str:
    """What is wrong with a place; empty when nothing is. Pure."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        return f"{url!r} is no place: {error}"
    if parts.scheme == "http":
        return "a document is never taken over plain http://: whoever is on the way could change it"
    if "@" in parts.netloc:
        return "there is a name or a password in it: both would stand in logs"
    if parts.scheme not in {"https", "s3", "file"}:
        return f"{url!r} is no place such as https://host/path, s3://bucket/key or file:///path"
    wanting = {
        "https": "" if host else "there is no host in it",
        "s3": "" if host and parts.path.strip("/") else "it is not of the form s3://bucket/key",
        "file": "" if host in {None, "localhost"} and parts.path.startswith("/") else "it is not of the form file:///path",
    }[parts.scheme]
    return f"{url!r} is no place: {wanting}" if wanting else ""


def signature_url(url: str, ending: str) -> str:
    """The place of what belongs to it: the same name with an ending."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + ending))


async def fetch(url: str, etag: str | None, limits: FetchLimits, aws: Aws | None, *, typed: bool = True) -> FetchResult:
    """Get what lies there, in a worker thread.

    Args:
        url: the place.
        etag: of what is here already.
        limits: how much, and how long.
        aws: the way to S3; ``None`` where there is none.
        typed: whether it has to be something like JSON.

    Raises:
        Refused: ``bad-url``, ``not-found``, ``access-denied``, ``http-error``, ``redirect``, ``wrong-type``, ``too-large``,
            ``too-slow`` or ``unreachable``.
    """
    if wrong := url_error(url):
        raise PolicyRejected("bad-url", wrong)
    scheme = urlsplit(url).scheme
    if scheme == "https":
        return await asyncio.to_thread(https.get_https, url, etag, limits, typed=typed)
    if scheme == "file":
        return await asyncio.to_thread(_file, url, limits)
    if aws is None:
        raise PolicyRejected("bad-url", "there is no way to S3 from here")
    return await s3.get_s3(url, etag, limits, aws, typed=typed)


def _file(url: str, limits: FetchLimits) -> FetchResult:
    path = unquote(urlsplit(url).path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe that nobody writes to would be waited for
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PolicyRejected("wrong-type", f"{path} is no file")
            return FetchResult(bounded(iter(lambda: os.read(descriptor, CHUNK), b""), limits))
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise PolicyRejected("not-found", f"{path} is not there") from error
    except PermissionError as error:
        raise PolicyRejected("access-denied", f"{path} may not be read") from error
    except OSError as error:
        raise PolicyRejected("unreachable", f"{path}: {error.strerror}") from error
