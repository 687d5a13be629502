"""Read one file over HTTPS or from S3, within limits of size, time and media type."""

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
from .document import PolicyRejected

CHUNK_BYTES = 1 << 14
ACCEPTED_MEDIA_TYPES = {"", "application/json", "text/plain", "application/octet-stream", "binary/octet-stream"}
"""Media types that servers use for JSON. S3 returns the last one if the upload specified none."""
ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
"""Syntax of an ETag (RFC 9110, "ETag")."""


@dataclass(frozen=True)
class FetchLimits:
    """Limits of size and time.

    Args:
        max_bytes: maximum size of the file, in bytes.
        deadline: end on the monotonic clock, in seconds.
    """

    max_bytes: int
    deadline: float

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline; never zero, which would mean no limit."""
        return max(self.deadline - time.monotonic(), 0.01)


@dataclass(frozen=True)
class FetchResult:
    """The response to one request.

    Args:
        content: content of the file; ``None`` if it is unchanged since the given ETag.
        etag: ETag of the file; ``None`` without one.
    """

    content: bytes | None
    etag: str | None = None


def check_type(value: str) -> None:
    """Check that the media type is one that servers use for JSON."""
    kind = value.partition(";")[0].strip().lower()
    if kind not in ACCEPTED_MEDIA_TYPES and not kind.endswith("+json"):
        raise PolicyRejected("wrong-type", f"the media type is {kind}, not JSON")


def check_size(value: Any, limits: FetchLimits) -> None:
    """Check the announced size before anything is read."""
    if str(value or "").isdecimal() and int(value) > limits.max_bytes:
        raise PolicyRejected("too-large", f"the file has {value} bytes; the maximum is {limits.max_bytes}")


def read_bounded(chunks: Iterable[bytes], limits: FetchLimits) -> bytes:
    """Read all chunks, up to the limits."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limits.max_bytes:
            raise PolicyRejected("too-large", f"the file has more than {limits.max_bytes} bytes")
        if time.monotonic() >= limits.deadline:
            raise PolicyRejected("too-slow", "the download took too long")
    return bytes(content)


def safe_etag(value: str | None) -> str | None:
    """Return an ETag that is safe to send back in a header; ``None`` for anything else."""
    return value if value and ETAG.fullmatch(value) else None


MAX_REDIRECTS = 5
CONNECT_AND_READ_TIMEOUT_SECONDS = (3.0, 10.0)
"""Timeouts for a connection and for each read from the socket; ``FetchLimits`` limits the whole download."""


def get_https(url: str, etag: str | None, limits: FetchLimits, *, typed: bool) -> FetchResult:
    """Fetch a file over HTTPS, in the calling thread.

    Args:
        url: URL of the file.
        etag: ETag of the last download; ``None`` to fetch the file in any case.
        limits: limits of size and time.
        typed: whether to require a media type of JSON.

    Raises:
        PolicyRejected: the file cannot be fetched.
    """
    from urllib3.exceptions import HTTPError

    from .http_session import deadline_session

    with deadline_session(limits.seconds_left) as (session, watchdog):
        try:
            found = _follow(session, url, etag, limits, typed=typed)
        except (OSError, ValueError, HTTPError) as error:  # of requests, of sockets, of an invalid URL
            if watchdog.expired:
                raise PolicyRejected("too-slow", "the download took too long") from error
            raise PolicyRejected("unreachable", _without_query(str(error), url)) from error
        if watchdog.expired:  # a body without a length ends when the connection does
            raise PolicyRejected("too-slow", "the download took too long")
        return found


def _without_query(text: str, url: str) -> str:
    """Remove the query, which may be a secret, as in a presigned URL."""
    query = urlsplit(url).query
    return text.replace(query, "…") if query else text


def _follow(session: Any, url: str, etag: str | None, limits: FetchLimits, *, typed: bool) -> FetchResult:
    headers = {"Accept": "application/json, */*;q=0.1", **({"If-None-Match": etag} if etag else {})}
    for _ in range(1 + MAX_REDIRECTS):
        with session.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=CONNECT_AND_READ_TIMEOUT_SECONDS
        ) as answer:
            if not answer.is_redirect:
                return _read_answer(answer, etag, limits, typed=typed)
            url = urljoin(url, answer.headers["location"])
            if urlsplit(url).scheme != "https":
                raise PolicyRejected("redirect", f"the URL redirects to {url[:100]}, which is not https://")
    raise PolicyRejected("redirect", f"the URL redirects more than {MAX_REDIRECTS} times")


def _read_answer(answer: Any, etag: str | None, limits: FetchLimits, *, typed: bool) -> FetchResult:
    status = answer.status_code
    if status == 304 and etag:  # noqa: PLR2004  Not Modified (RFC 9110)
        return FetchResult(None, etag)
    if status != 200:  # noqa: PLR2004  OK
        code = {401: "access-denied", 403: "access-denied", 404: "not-found", 410: "not-found"}.get(status, "http-error")
        raise PolicyRejected(code, f"the server returned {status} {answer.reason}")
    if typed:
        check_type(answer.headers.get("content-type", ""))
    check_size(answer.headers.get("content-length"), limits)
    return FetchResult(read_bounded(answer.iter_content(CHUNK_BYTES), limits), safe_etag(answer.headers.get("etag")))


async def get_s3(url: str, etag: str | None, limits: FetchLimits, aws: Aws, *, typed: bool) -> FetchResult:
    """Fetch an object from S3. An unchanged object is reported as an error (S3 API Reference, "GetObject", If-None-Match).

    Args:
        url: URL of the object.
        etag: ETag of the last download; ``None`` to fetch the object in any case.
        limits: limits of size and time.
        aws: the AWS client.
        typed: whether to require a media type of JSON.

    Raises:
        PolicyRejected: the object cannot be fetched.
    """
    parts = urlsplit(url)
    request = {"Bucket": parts.netloc, "Key": unquote(parts.path[1:]), **({"IfNoneMatch": etag} if etag else {})}
    try:
        answer = await asyncio.wait_for(aws.call("s3", "GetObject", **request), limits.seconds_left)
    except asyncio.TimeoutError as error:
        raise PolicyRejected("too-slow", "S3 did not respond in time") from error
    except AwsError as error:
        if error.code == "not-modified":
            return FetchResult(None, etag)
        raise PolicyRejected(error.code, str(error), action=error.action) from error
    return await asyncio.to_thread(_read_object, answer, limits, typed=typed)


def _read_object(answer: dict[str, Any], limits: FetchLimits, *, typed: bool) -> FetchResult:
    from botocore.exceptions import BotoCoreError
    from urllib3.exceptions import HTTPError

    with closing(answer["Body"]) as body:
        if typed:
            check_type(answer.get("ContentType", ""))
        check_size(answer.get("ContentLength"), limits)
        try:
            content = read_bounded(body.iter_chunks(CHUNK_BYTES), limits)
        except (BotoCoreError, OSError, HTTPError) as error:
            raise PolicyRejected("unreachable", str(error)) from error
    return FetchResult(content, safe_etag(answer.get("ETag")))
