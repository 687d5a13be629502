"""A document at ``https://``: every redirect stays https, and nothing takes longer than it may."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from .found import CHUNK, FetchLimits, FetchResult, bounded, check_size, check_type, safe_etag
from .refused import PolicyRejected

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

    from .bounded import deadline_session

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
