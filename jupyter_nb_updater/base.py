"""The base of all routes under ``/nb-updater/``: checks who may change something, and answers errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from .util.request_error import MalformedRequest, RequestError

if TYPE_CHECKING:
    import asyncio

    from .service.updater import Updater

    class StartedApp(Protocol):
        """What the routes need of the extension."""

        ready: asyncio.Event
        updater: Updater | None


AUTH_RESOURCE = "nb_updater"


class UpdaterMixin(ExtensionHandlerMixin):
    """Typed access to the updater, for routes and channel alike."""

    auth_resource = AUTH_RESOURCE

    async def started(self) -> bool:
        """Wait until the updater runs and knows what the last restart came to; ``False`` when it could not start."""
        app = cast("StartedApp", self.extensionapp)
        await app.ready.wait()
        return app.updater is not None

    @property
    def updater(self) -> Updater:
        """The parts; there once :meth:`started` has said so."""
        return cast("Updater", cast("StartedApp", self.extensionapp).updater)


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


PROGRAM_ID = "1"
"""What a program sends in the header in which a page gives its id."""

MAX_PAGE_ID_CHARS = 64


class NbUpdaterHandler(UpdaterMixin, APIHandler):
    """Check where a change comes from, and turn errors into JSON answers."""

    async def prepare(self) -> None:  # type: ignore[override]  # JupyterHandler's is a coroutine too, its annotation is not
        """Never count a read as activity; take a change only from a page of ours or from a program that knows us."""
        self._track_activity = self.request.method != "GET"
        await super().prepare()
        if self.request.method != "GET" and not (is_ours(self.request.headers) and "X-Nb-Updater" in self.request.headers):
            self.log.warning("Refused a change that another page asked for")
            raise RequestError(403, "foreign-origin", "this change must come from a page of this server")
        if not await self.started():
            raise RequestError(503, "not-started", "the updater could not start; the server's log says why")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a :class:`RequestError` with its own status and code, and anything else as Jupyter does."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, RequestError):
            self.send_json({"code": error.code, "message": str(error), "detail": error.detail}, error.status)
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log faults only: a request that is not carried out is none."""
        if not isinstance(value, RequestError):
            super().log_exception(typ, value, tb)

    def json_body(self) -> Any:
        """Return the body of the request; ``None`` without one.

        Raises:
            MalformedRequest: it is not JSON.
        """
        try:
            return self.get_json_body()
        except web.HTTPError as error:
            raise MalformedRequest(str(error.log_message)) from error

    @property
    def page_id(self) -> str:
        """The id of the page that asks, or ``PROGRAM_ID``."""
        return str(self.request.headers.get("X-Nb-Updater", PROGRAM_ID))[:MAX_PAGE_ID_CHARS]

    def register_tab(self) -> None:
        """Expect the page that asks to take part in save rounds from now on, whether or not its channel is open."""
        if self.page_id != PROGRAM_ID:
            self.updater.tabs.expect(self.page_id, page_of(self.request.headers.get("Referer", ""), self.base_url))

    @property
    def user_name(self) -> str:
        """Who asks, as Jupyter shows them. Where nobody logs in, the user name is only a random number."""
        user = self.current_user
        return str(getattr(user, "display_name", "") or getattr(user, "username", "") or "")

    def send_json(self, content: dict[str, Any], status: int = 200) -> None:
        """Send JSON that nobody may cache."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(content))

    def send_state(self, status: int = 200) -> None:
        """Send the state document, as it is after the request."""
        self.send_json(self.updater.state.to_json(), status)
