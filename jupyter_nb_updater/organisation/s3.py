"""A document at ``s3://bucket/key``."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

from ..instance.aws import Aws, AwsError
from .found import CHUNK, FetchLimits, FetchResult, bounded, check_size, check_type, safe_etag
from .refused import PolicyRejected


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
