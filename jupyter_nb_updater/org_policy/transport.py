"""What may come from outside: how much, how long, of which kind."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ..instance.aws import Aws, AwsError
from .errors import PolicyRejected

MAX_REDIRECTS = 5
TIMEOUTS = (3.0, 10.0)
"""Seconds until a connection counts as refused, and for one read; the bound on all of it is another one."""


def get_https(url: str, etag: str | None, limits: FetchLimits, *, typed: bool) -> FetchResult:
    """Get it, in the thread of the caller.

    Args:
        url: the place.
        etag: of what is here already.
        limits: how much, and how long.
        typed: whether it has to be something like JSON.

    Raises:
        Refused: it is not to be had.
    """
    from urllib3.exceptions import HTTPError

    from .deadline_session import deadline_session

    with deadline_session(limits.left) as (session, watchdog):
        try:
            found = _follow(session, url, etag, limits, typed=typed)
        except (OSError, ValueError, HTTPError) as error:  # of requests, of the sockets, of an address that is none
            if watchdog.barked:
                raise PolicyRejected("too-slow", "the server takes too long") from error
            raise PolicyRejected("unreachable", _without_query(str(error), url)) from error
        if watchdog.barked:  # a body without a length ends when the connection does
            raise PolicyRejected("too-slow", "the server takes too long")
        return found


def _without_query(words: str, url: str) -> str:
    """A query may be a secret, as in a presigned URL."""
    query = urlsplit(url).query
    return words.replace(query, "…") if query else words


def _follow(session: Any, url: str, etag: str | None, limits: FetchLimits, *, typed: bool) -> FetchResult:
    headers = {"Accept": "application/json, */*;q=0.1", **({"If-None-Match": etag} if etag else {})}
    for _ in range(1 + MAX_REDIRECTS):
        with session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=TIMEOUTS) as answer:
            if not answer.is_redirect:
                return _answered(answer, etag, limits, typed=typed)
            url = urljoin(url, answer.headers["location"])
            if urlsplit(url).scheme != "https":
                raise PolicyRejected("redirect", f"it redirects to {url[:100]}, which is not https://")
    raise PolicyRejected("redirect", f"it redirects more than {MAX_REDIRECTS} times")


def _answered(answer: Any, etag: str | None, limits: FetchLimits, *, typed: bool) -> FetchResult:
    status = answer.status_code
    if status == 304 and etag:  # noqa: PLR2004  Not Modified (RFC 9110)
        return FetchResult(None, etag)
    if status != 200:  # noqa: PLR2004  OK
        code = {401: "access-denied", 403: "access-denied", 404: "not-found", 410: "not-found"}.get(status, "http-error")
        raise PolicyRejected(code, f"the server answers {status} {answer.reason}")
    if typed:
        check_type(answer.headers.get("content-type", ""))
    check_size(answer.headers.get("content-length"), limits)
    return FetchResult(bounded(answer.iter_content(CHUNK), limits), safe_etag(answer.headers.get("etag")))


async def get_s3(url: str, etag: str | None, limits: FetchLimits, aws: Aws, *, typed: bool) -> FetchResult:
    """GetObject, conditional: 304 comes as an error (S3 API Reference, "GetObject", If-None-Match).

    Args:
        url: the place.
        etag: of what is here already.
        limits: how much, and how long.
        aws: the way to S3.
        typed: whether it has to be something like JSON.

    Raises:
        Refused: it is not to be had.
    """
    parts = urlsplit(url)
    place = {"Bucket": parts.netloc, "Key": unquote(parts.path[1:]), **({"IfNoneMatch": etag} if etag else {})}
    try:
        answer = await asyncio.wait_for(aws.call("s3", "GetObject", **place), limits.left)
    except asyncio.TimeoutError as error:
        raise PolicyRejected("too-slow", "S3 takes too long") from error
    except AwsError as error:
        if error.code == "not-modified":
            return FetchResult(None, etag)
        raise PolicyRejected(error.code, str(error), action=error.action) from error
    return await asyncio.to_thread(_object, answer, limits, typed=typed)


def _object(answer: dict[str, Any], limits: FetchLimits, *, typed: bool) -> FetchResult:
    from botocore.exceptions import BotoCoreError
    from urllib3.exceptions import HTTPError

    with closing(answer["Body"]) as body:
        if typed:
            check_type(answer.get("ContentType", ""))
        check_size(answer.get("ContentLength"), limits)
        try:
            content = bounded(body.iter_chunks(CHUNK), limits)
        except (BotoCoreError, OSError, HTTPError) as error:
            raise PolicyRejected("unreachable", str(error)) from error
    return FetchResult(content, safe_etag(answer.get("ETag")))


CHUNK = 1 << 14
GOOD_TYPES = {"", "application/json", "text/plain", "application/octet-stream", "binary/octet-stream"}
"""As servers call JSON; the last one is what S3 says when nothing else was said at the upload."""
ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
"""RFC 9110, "ETag"."""


@dataclass(frozen=True)
class FetchLimits:
    """How much, and how long.

    Args:
        max_bytes: of a document.
        ends: until when on the monotonic clock.
    """

    max_bytes: int
    ends: float

    @property
    def left(self) -> float:
        """Seconds."""
        return max(self.ends - time.monotonic(), 0.01)


@dataclass(frozen=True)
class FetchResult:
    """What lies there.

    Args:
        content: ``None`` when it is still the one of the ETag that was named.
        etag: by which it is known there, if it is.
    """

    content: bytes | None
    etag: str | None = None


def check_type(told: str) -> None:
    """Refuse what is not called JSON, or something that may be."""
    kind = told.partition(";")[0].strip().lower()
    if kind not in GOOD_TYPES and not kind.endswith("+json"):
        raise PolicyRejected("wrong-type", f"it is {kind}, and no JSON")


def check_size(told: Any, limits: FetchLimits) -> None:
    """Refuse what is said to be too large, before it is read."""
    if str(told or "").isdecimal() and int(told) > limits.max_bytes:
        raise PolicyRejected("too-large", f"it has {told} bytes, and at most {limits.max_bytes} are read")


def bounded(chunks: Iterable[bytes], limits: FetchLimits) -> bytes:
    """Read it all, and stop where it is too much or takes too long."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limits.max_bytes:
            raise PolicyRejected("too-large", f"it has more than {limits.max_bytes} bytes")
        if time.monotonic() >= limits.ends:
            raise PolicyRejected("too-slow", "it takes too long")
    return bytes(content)


def safe_etag(told: str | None) -> str | None:
    """What its server may be asked about later; nothing that could not stand in a header."""
    return told if told and ETAG.fullmatch(told) else None
