"""Count the requests to the emulated AWS by operation: what an instance costs its account."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .faults import operation_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
"""In the header of a signed request (IAM User Guide, "Signature Version 4": the scope of the credentials)."""


class RequestCounter:
    """WSGI layer in front of everything, also of the faults: a request that is refused counts.

    Args:
        app: the layer behind it.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Count a WSGI request, and pass it on. The control routes of the sandbox are no requests to AWS."""
        if not environ["PATH_INFO"].startswith(("/sandbox/", "/moto-api/")):
            name = operation_of(environ) or f"{_service(environ)}:{environ['REQUEST_METHOD']}"
            with self._lock:
                self._counts[name] += 1
        return self._app(environ, start_response)

    def counts(self) -> dict[str, int]:
        """Return operation to count; for services whose operations have no name here, service and HTTP method to count."""
        with self._lock:
            return dict(self._counts)


def _service(environ: dict[str, Any]) -> str:
    found = SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else "unsigned"
