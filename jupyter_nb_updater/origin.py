"""Did one of our own pages send this, and which? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_ours(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a page of this very server, or from no page at all.

    A notebook instance may run Jupyter with an empty token and without XSRF checks, so this decides by itself.
    ``Sec-Fetch-Site`` is set by the browser, cannot be set by a page, and stays true behind a proxy that rewrites ``Host``;
    where it is missing, ``Origin`` must name our host. A program on the instance sends neither; Jupyter's own
    authentication judges that one.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("Host", "").lower()


def page_of(referer: str, base_url: str) -> str:
    """The kind of page that a request comes from: ``lab``, ``notebooks``, ``edit``, ``tree``.

    Args:
        referer: the header, which is empty where a browser keeps it to itself.
        base_url: of this server, with slashes around it.
    """
    rest = urlsplit(referer).path.removeprefix(base_url)
    return next((part[:32] for part in rest.split("/") if part), "unknown")
