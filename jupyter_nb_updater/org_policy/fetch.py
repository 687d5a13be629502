"""Fetch the policy document and its detached signatures from ``https://``, ``s3://`` or ``file://``; never from ``http://``."""

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
    """Fetch the policy document and its detached signatures, and verify them.

    Args:
        url: URL of the document.
        keys: trusted keys; empty if no signature is required.
        max_bytes: maximum size of a file, in bytes.
        timeout_seconds: time limit in seconds for the document and its signatures.
        openssl: name or path of the openssl program, for public keys.
        region: region of the instance.
        parent: object whose configuration applies to the AWS clients.
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
            cached: the last document. If it is unchanged, its signatures are reused.

        Raises:
            PolicyRejected: the document or its signatures cannot be fetched.
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
                raise PolicyRejected("not-signed", f"a signature is required, but the document has none: {error}") from error
            raise
        return found, signatures.content or b""

    async def verify(self, content: bytes, signatures: bytes) -> str | None:
        """Return the trusted key that signed the document; ``None`` if no key is configured.

        Args:
            content: content of the document.
            signatures: content of the signature file.

        Raises:
            PolicyRejected: no trusted key signed the document, or the keys cannot be used.
        """
        return await self._verifier.verify(content, signatures) if self._keys else None

    def close(self) -> None:
        """Close the connections to AWS."""
        self._aws.close()


def url_error(url: str) -> str:
    """Return why a URL is not accepted; an empty string if it is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        return f"{url!r} is not a valid URL: {error}"
    if parts.scheme == "http":
        return "http:// is not supported, because the document could be changed in transit; use https://"
    if "@" in parts.netloc:
        return "the URL contains a user name or password, which would appear in logs; remove it"
    if parts.scheme not in {"https", "s3", "file"}:
        return f"{url!r} is not a URL such as https://host/path, s3://bucket/key or file:///path"
    wanting = {
        "https": "" if host else "the host is missing",
        "s3": "" if host and parts.path.strip("/") else "the form is s3://bucket/key",
        "file": "" if host in {None, "localhost"} and parts.path.startswith("/") else "the form is file:///path",
    }[parts.scheme]
    return f"{url!r} is not a valid URL: {wanting}" if wanting else ""


def signature_url(url: str, suffix: str) -> str:
    """Return the URL of the file beside a document: the same path with a suffix."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + suffix))


async def fetch(url: str, etag: str | None, limits: FetchLimits, aws: Aws | None, *, typed: bool = True) -> FetchResult:
    """Fetch a file in a worker thread.

    Args:
        url: URL of the file.
        etag: ETag of the last download; ``None`` to fetch the file in any case.
        limits: limits of size and time.
        aws: AWS client for S3; ``None`` if there is none.
        typed: whether to require a media type of JSON.

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
        raise PolicyRejected("bad-url", "s3:// is not supported here")
    return await get_s3(url, etag, limits, aws, typed=typed)


def _file(url: str, limits: FetchLimits) -> FetchResult:
    path = unquote(urlsplit(url).path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # do not block on a named pipe
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PolicyRejected("wrong-type", f"{path} is not a regular file")
            return FetchResult(read_bounded(iter(lambda: os.read(descriptor, CHUNK_BYTES), b""), limits))
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise PolicyRejected("not-found", f"{path} does not exist") from error
    except PermissionError as error:
        raise PolicyRejected("access-denied", f"permission to read {path} is missing") from error
    except OSError as error:
        raise PolicyRejected("unreachable", f"{path}: {error.strerror}") from error
