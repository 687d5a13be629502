"""Disturbances between a page and its server: saves refused, lost, swallowed, delayed, or held until released."""

import json
import time
from datetime import datetime, timezone
from urllib.parse import unquote, urlsplit

SLOW_SAVE_SECONDS = 0.4
"""Delay in seconds."""


class Traffic:
    """The disturbed saves of one page.

    Args:
        page: the page that sends the requests.
        path: path of the document, or of a folder with a slash at the end for everything in it.
        how: ``500``, ``drop``, ``swallow`` (all with ``-once``), ``slow`` or ``hold``.
    """

    def __init__(self, page, path, how):
        self.page, self.path = page, path
        self.how, _, self.once = how.partition("-")
        self.struck = 0
        self._parked = []
        page.route(self._is_meant, self._handle)

    @property
    def is_holding(self):
        """Whether a save is being held."""
        return bool(self._parked) and self.how == "hold"

    def pump(self):
        """Release requests that have been delayed for long enough."""
        if self.how == "slow":
            now = time.monotonic()
            while self._parked and self._parked[0][0] <= now:
                self._parked.pop(0)[1].continue_()

    def release(self):
        """Release held requests, and hold no others."""
        self.how = "none"
        while self._parked:
            self._parked.pop(0)[1].continue_()

    def end(self):
        """End the disturbance."""
        self.release()
        self.page.unroute(self._is_meant, self._handle)

    def _is_meant(self, url):
        path = unquote(urlsplit(url).path).removeprefix("/api/contents/")
        return path.startswith(self.path) if self.path.endswith("/") else path == self.path

    def _handle(self, route):
        if route.request.method != "PUT" or self.how == "none" or (self.once and self.struck):
            route.fallback()
            return
        self.struck += 1
        if self.how == "500":
            route.fulfill(status=500, json={"message": "the disk of this server is broken", "reason": None})
        elif self.how == "drop":
            route.abort()
        elif self.how == "swallow":
            route.fulfill(status=200, json=_as_if_written(route.request))
        else:
            self._parked.append((time.monotonic() + SLOW_SAVE_SECONDS, route))


def _as_if_written(request):
    """Return the response of a server that has written the file."""
    path = unquote(urlsplit(request.url).path).removeprefix("/api/contents/")
    now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    sent = json.loads(request.post_data or "{}")
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "type": sent.get("type", "file"),
        "format": None,
        "content": None,
        "mimetype": None,
        "created": now,
        "last_modified": now,
        "writable": True,
        "size": len(request.post_data or ""),
    }
