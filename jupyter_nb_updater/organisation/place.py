"""Where a document lies: ``https://``, ``s3://`` or ``file://``. Never plain ``http://``."""

from __future__ import annotations

import asyncio
import os
import stat
from urllib.parse import unquote, urlsplit, urlunsplit

from ..instance.aws import Aws
from . import https, s3
from .found import CHUNK, FetchLimits, FetchResult, bounded
from .refused import PolicyRejected


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
        Refused: ``bad-place``, ``not-found``, ``access-denied``, ``http-error``, ``redirect``, ``wrong-type``, ``too-large``,
            ``too-slow`` or ``unreachable``.
    """
    if wrong := url_error(url):
        raise PolicyRejected("bad-place", wrong)
    scheme = urlsplit(url).scheme
    if scheme == "https":
        return await asyncio.to_thread(https.get_https, url, etag, limits, typed=typed)
    if scheme == "file":
        return await asyncio.to_thread(_file, url, limits)
    if aws is None:
        raise PolicyRejected("bad-place", "there is no way to S3 from here")
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
