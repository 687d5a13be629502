"""What may come from outside: how much, how long, of which kind."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .refused import PolicyRejected

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
