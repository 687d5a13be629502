"""Record which headers reach Jupyter with the requests of the first page: what the proxy keeps, adds, removes and replaces."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..util.text import shorten

if TYPE_CHECKING:
    from tornado.httputil import HTTPHeaders
    from tornado.web import RequestHandler

LOG = logging.getLogger(__name__)

RequestKind = Literal["GET", "POST", "WebSocket"]
RequestRecord = dict[str, Any]
"""JSON: ``method``, ``route``, ``status``, ``names`` of the headers, and a few ``values``."""

KINDS: tuple[RequestKind, ...] = ("GET", "POST", "WebSocket")
VALUES_SHOWN = {
    *("host", "origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user"),
    *("x-forwarded-host", "x-forwarded-server", "x-forwarded-proto", "x-forwarded-port"),
}
"""Headers with a value that names a host, a port or a kind of request. No other value is recorded."""

FORWARDED_HOST = re.compile(r'\b(?:host|proto)="?[\w.:\[\]-]+"?', re.IGNORECASE)
"""The parts of ``Forwarded`` (RFC 7239) that are no address of a client."""

MAX_HEADERS = 64
MAX_NAME_CHARS = 64
MAX_VALUE_CHARS = 200
ACCEPTED_BELOW = 400


def request_kind(method: str, headers: Mapping[str, str]) -> RequestKind | None:
    """Return which kind of request a browser has sent; ``None`` for a request of another program.

    A browser sends ``Origin`` with each change and with each WebSocket, and ``Referer`` or ``Sec-Fetch-Site`` with what a page
    fetches. A change counts as a ``POST``, whatever its method.

    Args:
        method: of HTTP.
        headers: of the request.
    """
    if not any(name in headers for name in ("Origin", "Referer", "Sec-Fetch-Site")):
        return None
    if method == "GET":
        return "WebSocket" if headers.get("Upgrade", "").lower() == "websocket" else "GET"
    return "POST" if method in {"POST", "PUT", "PATCH", "DELETE"} else None


def record_of(method: str, route: str, status: int, headers: HTTPHeaders) -> RequestRecord:
    """Return what may be recorded of a request: the names of its headers, and the values that hold no secret.

    Args:
        method: of HTTP.
        route: path of the request below the base URL. Only its begin is recorded, because it may name a file.
        status: of the response.
        headers: of the request.
    """
    names = sorted({shorten(name.lower(), MAX_NAME_CHARS) for name in headers})[:MAX_HEADERS]
    values = {name: shorten(headers[name], MAX_VALUE_CHARS) for name in names if name in VALUES_SHOWN}
    if "forwarded" in names and (hosts := FORWARDED_HOST.findall(headers["Forwarded"])):
        values["forwarded"] = shorten(";".join(hosts), MAX_VALUE_CHARS)
    return {"method": method, "route": route_begin(route), "status": status, "names": names, "values": values}


def route_begin(route: str) -> str:
    """Return the begin of a route: two parts of our own ones, else the first: ``nb-updater/channel``, ``api``."""
    parts = [part for part in route.partition("?")[0].split("/") if part]
    return shorten("/".join(parts[: 2 if parts[:1] == ["nb-updater"] else 1]), MAX_NAME_CHARS)


class RequestRecorder:
    """Records one request of each kind, by the log function of the web application, until each was accepted.

    Args:
        settings: of the web application; its ``log_function`` is called with each finished request (tornado, Application).
        base_url: base URL of the server, with a slash at each end.
        changed: called after each change of the records.
    """

    def __init__(self, settings: dict[str, Any], base_url: str, changed: Callable[[], None]) -> None:
        self.records: dict[str, RequestRecord] = {}
        self._settings, self._base_url, self._changed = settings, base_url, changed
        self._log_function: Callable[[RequestHandler], None] | None = None
        self._is_active = False

    @property
    def is_complete(self) -> bool:
        """Whether a request of each kind was accepted."""
        return all(_is_accepted(self.records.get(kind)) for kind in KINDS)

    def recall(self, records: Mapping[str, Any]) -> None:
        """Take what was recorded before, unless something newer is known.

        Args:
            records: by kind.
        """
        for kind in KINDS:
            if isinstance(records.get(kind), dict) and not _is_accepted(self.records.get(kind)):
                self.records[kind] = records[kind]
        if self.is_complete:
            self.stop()

    def start(self) -> None:
        """Look at each finished request from now on. Without Jupyter's log function nothing is recorded."""
        found = self._settings.get("log_function")
        if found is not None and self._log_function is None:
            self._log_function, self._is_active = found, True
            self._settings["log_function"] = self._look

    def stop(self) -> None:
        """Look at no further request. Another program may have wrapped the log function meanwhile, which stays."""
        self._is_active = False
        if self._log_function is not None and self._settings.get("log_function") == self._look:
            self._settings["log_function"] = self._log_function

    def _look(self, handler: RequestHandler) -> None:
        if self._log_function is not None:
            self._log_function(handler)
        try:
            if self._is_active:
                self._record(handler)
        except Exception:  # Jupyter has answered the request, and answers the next one
            LOG.debug("Could not record the headers of a request", exc_info=True)
            self.stop()

    def _record(self, handler: RequestHandler) -> None:
        request = handler.request
        kind = request_kind(request.method or "", request.headers)
        route = request.path.removeprefix(self._base_url)
        # Every page of ours gets its state and opens its channel, so other requests of these kinds show nothing more.
        if kind is None or (kind != "POST" and not route.startswith("nb-updater/")):
            return
        record = record_of(request.method or "", route, handler.get_status(), request.headers)
        known = self.records.get(kind)
        if known is None or (_is_accepted(record) and not _is_accepted(known)):
            self.records[kind] = record
            if self.is_complete:
                self.stop()
            self._changed()


def _is_accepted(record: Mapping[str, Any] | None) -> bool:
    return record is not None and isinstance(record.get("status"), int) and record["status"] < ACCEPTED_BELOW
