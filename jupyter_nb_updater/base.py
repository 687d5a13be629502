"""Base class of all REST routes under ``/nb-updater/``: access checks and error responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from .util.request_error import MalformedRequest, RequestError

if TYPE_CHECKING:
    import asyncio

    from tornado.httputil import HTTPServerRequest

    from .advice.hold import Person
    from .service.updater import Updater

    class StartedApp(Protocol):
        """What the routes use of the server extension."""

        ready: asyncio.Event
        updater: Updater | None


AUTH_RESOURCE = "nb_updater"


class UpdaterMixin(ExtensionHandlerMixin):
    """Give REST routes and the WebSocket typed access to the updater."""

    auth_resource = AUTH_RESOURCE
    if TYPE_CHECKING:
        request: HTTPServerRequest  # tornado's

    async def started(self) -> bool:
        """Wait until the updater has started and recovered the last restart; ``False`` if it could not start."""
        app = cast("StartedApp", self.extensionapp)
        await app.ready.wait()
        return app.updater is not None

    @property
    def updater(self) -> Updater:
        """The updater. It exists once :meth:`started` has returned ``True``."""
        return cast("Updater", cast("StartedApp", self.extensionapp).updater)

    def comes_from_us(self) -> bool:
        """Check whether the request comes from a page of this server, or from a program; note one that does not.

        Call it after :meth:`started`.
        """
        origins, headers = self.updater.origins, self.request.headers
        is_ours = origins.admits(headers, self.settings)
        if not is_ours:
            origins.refuse(headers)
        return is_ours


def page_of(referer: str, base_url: str) -> str:
    """Return the kind of page that sent a request: ``lab``, ``notebooks``, ``edit``, ``tree``.

    Args:
        referer: the ``Referer`` header; empty if the browser does not send it.
        base_url: base URL of this server, with a slash at each end.
    """
    rest = urlsplit(referer).path.removeprefix(base_url)
    return next((part[:32] for part in rest.split("/") if part), "unknown")


PROGRAM_ID = "1"
"""Value of the ``X-Nb-Updater`` header for programs; pages send their id instead."""

MAX_PAGE_ID_CHARS = 64


SHOW_THE_SENDER = ("X-Nb-Updater", "Origin", "Sec-Fetch-Site")
"""Headers of which a change needs one, so that no form of another site is taken for a program. A proxy may strip our own."""


class NbUpdaterHandler(UpdaterMixin, APIHandler):
    """Reject changes from other sites, and send errors as JSON."""

    async def prepare(self) -> None:  # type: ignore[override]  # JupyterHandler's is a coroutine too, its annotation is not
        """Require our own origin for changes, or from a program our header. Reads do not count as activity."""
        self._track_activity = self.request.method != "GET"
        await super().prepare()
        if not await self.started():
            raise RequestError(503, "not-started", "the updater could not start; see the server log for the cause")
        if self.current_user:
            self.updater.origins.learn(self.request.headers)
        shows_sender = any(name in self.request.headers for name in SHOW_THE_SENDER)
        if self.request.method != "GET" and not (self.comes_from_us() and shows_sender):
            self.log.warning("Rejected a request to change the state that did not come from a page of this server")
            raise RequestError(403, "foreign-origin", "this request must come from a page of this server")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send a :class:`RequestError` with its status and code, and any other error as Jupyter does."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, RequestError):
            self.send_json({"code": error.code, "message": str(error), "detail": error.detail}, error.status)
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log unexpected errors only; a rejected request is not one."""
        if not isinstance(value, RequestError):
            super().log_exception(typ, value, tb)

    def json_body(self) -> Any:
        """Return the parsed request body; ``None`` if it is empty.

        Raises:
            MalformedRequest: the body is not JSON.
        """
        try:
            return self.get_json_body()
        except web.HTTPError as error:
            raise MalformedRequest(str(error.log_message)) from error

    @property
    def page_id(self) -> str:
        """Id of the page that sent the request, or ``PROGRAM_ID``."""
        return str(self.request.headers.get("X-Nb-Updater", PROGRAM_ID))[:MAX_PAGE_ID_CHARS]

    def register_tab(self) -> None:
        """Include the requesting page in save rounds from now on, even before its WebSocket is open."""
        if self.page_id != PROGRAM_ID:
            self.updater.tabs.expect(self.page_id, page_of(self.request.headers.get("Referer", ""), self.base_url))

    async def person(self, given: object = None) -> Person:
        """Return who sends the request.

        Args:
            given: the name in the request, unchecked; ``None`` for the name that somebody gave before.
        """
        return await self.updater.given_name.identify(self.current_user, self.identity_provider, given)

    def send_json(self, content: dict[str, Any], status: int = 200) -> None:
        """Send a JSON response that must not be cached."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(content))

    def send_state(self, status: int = 200) -> None:
        """Send the current state document."""
        self.send_json(self.updater.state.to_json(), status)
