"""Decide which web pages may use the routes: those of this instance, under every name by which a browser reaches it.

The proxy in front of a notebook instance replaces ``Host`` by an address such as ``172.16.0.9:8443`` and keeps ``Origin``
(seen in jupyterhub/jupyter-server-proxy#194 and jupyter/notebook#5654), and Chromium sends no ``Sec-Fetch-Site`` with a
WebSocket handshake. So the public names must be known: AWS, a file of the image and the pages themselves tell them.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from ..util.text import shorten
from .sagemaker import Description

ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?")
"""A serialized origin (RFC 6454, section 6.2) in lower case. ``null``, a path and user information are not part of one."""

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}

FOREIGN_SUFFIX = ".foreign.invalid"
"""The end of a name that is no instance's (RFC 6761 reserves ``invalid``)."""

WILDCARD_DOT = re.compile(r"(?<!\\)\.(?![*+?{])")
"""A dot in a regular expression that stands for exactly one character."""

MAX_LEARNED_ORIGINS = 8
MAX_ORIGIN_CHARS = 300


class PageOrigin(NamedTuple):
    """A scheme, a host in lower case and a port."""

    scheme: str
    host: str
    port: int


class Allowed(NamedTuple):
    """The origins of this instance, and patterns that match others in full."""

    origins: Collection[PageOrigin] = ()
    patterns: Iterable[re.Pattern[str]] = ()


def parse_origin(text: str) -> PageOrigin | None:
    """Parse an origin; ``None`` if it is not that of a page on the web, such as ``null`` or ``*``."""
    found = ORIGIN.fullmatch(text.lower())
    if found is None:
        return None
    scheme, host, port = found.groups()
    return PageOrigin(scheme, host, int(port) if port else {"http": 80, "https": 443}[scheme])


def is_ours(headers: Mapping[str, str], allowed: Allowed) -> bool:
    """Check whether a request comes from a page of this server, or not from a browser at all.

    A notebook instance may run Jupyter with an empty token and without XSRF checks, so this check must suffice alone.
    ``Sec-Fetch-Site`` is set by the browser, cannot be set by a page, and stays correct behind a proxy; if it is missing,
    ``Origin`` must be one of ours. A program on the instance sends neither; Jupyter's own authentication decides about it.

    Args:
        headers: of the request.
        allowed: the origins of this instance, beside the one that ``Host`` names.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    if "Origin" not in headers:
        return True
    origin = parse_origin(headers["Origin"])
    if origin is None:
        return False
    host = parse_origin(f"{origin.scheme}://{headers.get('Host', '')}")  # without a scheme: TLS may end at the proxy
    if origin == host or origin in allowed.origins:
        return True
    return any(_matches_only(pattern, headers["Origin"].lower()) for pattern in allowed.patterns)


def _matches_only(pattern: re.Pattern[str], origin: str) -> bool:
    """Check whether a pattern matches this origin in full, but no other origin that merely begins with it, as ``.*`` does."""
    return bool(pattern.fullmatch(origin)) and not pattern.fullmatch(origin + FOREIGN_SUFFIX)


def origins_of(url: str) -> set[PageOrigin]:
    """Return the origins of a public address, which AWS gives without a scheme. Only loopback is trusted without TLS."""
    scheme, separator, rest = url.lower().rpartition("://")
    host = rest.partition("/")[0]
    found = {parse_origin(f"{name}://{host}") for name in ([scheme] if separator else ["https", "http"])}
    return {origin for origin in found if origin and (origin.scheme == "https" or origin.host in LOOPBACK_HOSTS)}


def origin_pattern(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    """Compile a pattern of origins.

    A dot stands for a dot, because AWS's pattern does not escape all of them: ``.sagemaker.com.cn`` would also match
    ``.sagemakerxcom.cn``, which anybody can register.

    Raises:
        re.error: the pattern is invalid.
    """
    text = pattern if isinstance(pattern, str) else pattern.pattern
    return re.compile(WILDCARD_DOT.sub(r"\\.", text), re.IGNORECASE)  # a browser writes a host in lower case


class TrustedOrigins(LoggingConfigurable):
    """Collect the public names of this instance, and count the requests of other pages."""

    config_path = Unicode(
        "/etc/opt/ml/sagemaker-notebook-instance-config.json",
        help="File of the notebook image with the pattern of its public address (notebook_uri).",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        """Know no name yet.

        Args:
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._described: set[PageOrigin] = set()
        self._learned: deque[PageOrigin] = deque(maxlen=MAX_LEARNED_ORIGINS)
        self._from_file: re.Pattern[str] | None = None
        self.refusals = 0
        """Number of requests that were refused because of their origin."""
        self.last_refused: str | None = None
        """The origin of the last one."""

    def read(self) -> None:
        """Read the image's own file. AWS documents none of it; ``notebook_uri`` is a regular expression where it was seen."""
        try:
            self._from_file = origin_pattern(str(json.loads(Path(self.config_path).read_text("utf-8"))["notebook_uri"]))
        except (FileNotFoundError, KeyError):
            return  # another image
        except (OSError, ValueError, TypeError, re.error) as error:
            self.log.warning("Ignored the public address in %s: %s", self.config_path, error)

    def describe(self, description: Description | None) -> None:
        """Take the public name from AWS (``Url`` of DescribeNotebookInstance)."""
        if description is not None and description.url:
            self._described = origins_of(description.url)

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take the public name from a page that the browser calls same-origin and that sends our header.

        A page can set neither ``Sec-Fetch-Site`` nor a ``Referer`` of another origin (Fetch standard). That is how a name is
        known that AWS does not tell, such as the one of a VPC endpoint.
        """
        if headers.get("Sec-Fetch-Site") == "same-origin" and "X-Nb-Updater" in headers:
            origin = parse_origin("/".join(headers.get("Referer", "").split("/", 3)[:3]))
            if origin is not None and origin not in self._learned:
                self._learned.append(origin)

    def refuse(self, headers: Mapping[str, str]) -> None:
        """Note a refused request, for the state document and for ``doctor``."""
        self.refusals += 1
        self.last_refused = shorten(headers.get("Origin", ""), MAX_ORIGIN_CHARS)

    def admits(self, headers: Mapping[str, str], settings: Mapping[str, Any]) -> bool:
        """Check whether a request comes from a page of this server, or not from a browser at all.

        Kernels' sockets accept any origin if ``allow_origin`` is ``*``, and an origin that ``allow_origin_pat`` matches only
        at its begin (CVE-2026-40110). A request that stops the instance is not accepted for either reason.

        Args:
            headers: of the request.
            settings: of the server's web application.
        """
        configured = parse_origin(str(settings.get("allow_origin") or ""))
        pattern = settings.get("allow_origin_pat")
        patterns = [self._from_file, origin_pattern(pattern) if pattern else None]
        allowed = Allowed(
            {*self._described, *self._learned, *([configured] if configured else [])}, [one for one in patterns if one]
        )
        return is_ours(headers, allowed)
