"""Fetches a document and its signatures from ``https://``, ``s3://`` or ``file://``; never from plain ``http://``."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit, urlunsplit

from traitlets.config import Configurable

from ..instance.aws import Aws
from .document import PolicyRejected
from .signature import SIGNATURE_SUFFIX, RegionalAws, SignatureVerifier
from .store import CachedDocument
from .transport import CHUNK_BYTES, FetchLimits, FetchResult, get_https, get_s3, read_bounded


class DocumentFetcher:
    """Fetches one document, and verifies its signatures.

    Args:
        url: where the document lies.
        keys: the pinned keys; empty where it needs no signature.
        max_bytes: size from which on it is not read.
        timeout_seconds: that the document and its signatures may take.
        openssl: the program that verifies with a public key.
        region: of the instance.
        parent: whose configuration the AWS clients get.
    """

    def __init__(
        self,
        url: str,
        keys: Sequence[str],
        max_bytes: int,
        timeout_seconds: float,
        openssl: str,
        region: str,
        parent: Configurable | None = None,
    ) -> None:
        self._url, self._keys, self._max_bytes, self._timeout_seconds = url, tuple(keys), max_bytes, timeout_seconds
        self._region, self._aws = region, RegionalAws(parent)
        self._verifier = SignatureVerifier(self._keys, self._aws, openssl)

    async def fetch(self, cached: CachedDocument | None = None) -> tuple[FetchResult, bytes]:
        """Fetch the document and its signatures.

        Args:
            cached: what was fetched before: while the document is the same, so are its signatures.

        Raises:
            PolicyRejected: one of the two cannot be fetched.
        """
        limits = FetchLimits(self._max_bytes, time.monotonic() + self._timeout_seconds)
        aws = self._aws.client(self._region)
        found = await fetch(self._url, cached.etag if cached else None, limits, aws)
        if not self._keys:
            return found, b""
        if cached is not None and found.content in {None, cached.content}:
            return found, cached.signatures
        try:
            signatures = await fetch(signature_url(self._url, SIGNATURE_SUFFIX), None, limits, aws, typed=False)
        except PolicyRejected as error:
            if error.code == "not-found":
                raise PolicyRejected("not-signed", f"a key is pinned, and no signature lies beside it: {error}") from error
            raise
        return found, signatures.content or b""

    async def verify(self, content: bytes, signatures: bytes) -> str | None:
        """Return the pinned key that has signed the document; ``None`` where none is pinned.

        Args:
            content: the bytes of the document.
            signatures: the bytes of the file beside it.

        Raises:
            PolicyRejected: none of the keys has signed it, or that is not known.
        """
        return await self._verifier.verify(content, signatures) if self._keys else None

    def close(self) -> None:
        """Close the connections to AWS."""
        self._aws.close()


def url_error(url: str) -> str:
    """Return what is wrong with a URL; an empty text when nothing is."""
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


def signature_url(url: str, suffix: str) -> str:
    """Return the URL of the file beside a document: the same path with a suffix."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + suffix))


async def fetch(url: str, etag: str | None, limits: FetchLimits, aws: Aws | None, *, typed: bool = True) -> FetchResult:
    """Fetch a file, in a worker thread.

    Args:
        url: where it lies.
        etag: of what was fetched before; ``None`` fetches it in any case.
        limits: how many bytes, and until when.
        aws: the AWS client; ``None`` where there is none.
        typed: whether its media type has to be one of JSON.

    Raises:
        PolicyRejected: ``bad-url``, ``not-found``, ``access-denied``, ``http-error``, ``redirect``, ``wrong-type``,
            ``too-large``, ``too-slow`` or ``unreachable``.
    """
    if wrong := url_error(url):
        raise PolicyRejected("bad-url", wrong)
    scheme = urlsplit(url).scheme
    if scheme == "https":
        return await asyncio.to_thread(get_https, url, etag, limits, typed=typed)
    if scheme == "file":
        return await asyncio.to_thread(_file, url, limits)
    if aws is None:
        raise PolicyRejected("bad-url", "there is no way to S3 from here")
    return await get_s3(url, etag, limits, aws, typed=typed)


def _file(url: str, limits: FetchLimits) -> FetchResult:
    path = unquote(urlsplit(url).path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe that nobody writes to would be waited for
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PolicyRejected("wrong-type", f"{path} is no file")
            return FetchResult(read_bounded(iter(lambda: os.read(descriptor, CHUNK_BYTES), b""), limits))
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise PolicyRejected("not-found", f"{path} is not there") from error
    except PermissionError as error:
        raise PolicyRejected("access-denied", f"{path} may not be read") from error
    except OSError as error:
        raise PolicyRejected("unreachable", f"{path}: {error.strerror}") from error
