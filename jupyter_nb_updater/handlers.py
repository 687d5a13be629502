"""The routes under ``/nb-updater/``; ``docs/protocol.md`` says what goes over them."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from .origin import is_ours
from .restart.request import Request, TooLate

if TYPE_CHECKING:
    from .app import NbUpdaterApp
    from .updater import Updater
    from .work.tabs import Tab

AUTH_RESOURCE = "nb_updater"


class UpdaterMixin(ExtensionHandlerMixin):
    """Typed access to the updater, for routes and channel alike."""

    auth_resource = AUTH_RESOURCE

    async def started(self) -> bool:
        """Wait until the updater runs and knows what the last restart came to; ``False`` when it could not start."""
        app = cast("NbUpdaterApp", self.extensionapp)
        await app.ready.wait()
        return app.updater is not None

    @property
    def updater(self) -> Updater:
        """The parts; there once :meth:`started` has said so."""
        return cast("Updater", cast("NbUpdaterApp", self.extensionapp).updater)


class NbUpdaterHandler(UpdaterMixin, APIHandler):
    """One check of where a change comes from, and one mapping from our errors to HTTP."""

    async def prepare(self) -> None:  # type: ignore[override]  # JupyterHandler's is a coroutine too, its annotation is not
        """Reads never count as activity; a change must come from our own page or from a program that knows us."""
        self._track_activity = self.request.method != "GET"
        await super().prepare()
        if self.request.method != "GET" and not (is_ours(self.request.headers) and "X-Nb-Updater" in self.request.headers):
            self.log.warning("Refused a change that another page asked for")
            self.answer_error(403, "foreign-origin", "this change must come from a page of this server")
        elif not await self.started():
            self.answer_error(503, "not-started", "the updater could not start; the server's log says why")

    def answer(self, content: dict[str, Any], status: int = 200) -> None:
        """Send JSON that nobody may cache."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(content))

    def answer_error(self, status: int, code: str, message: str) -> None:
        """Our errors, as every route gives them."""
        self.answer({"code": code, "message": message}, status)


class StateHandler(NbUpdaterHandler):
    """The state document."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Losses are counted afresh: a kernel that began a moment ago is told."""
        await self.updater.watch.look_at_work()
        _ = self.xsrf_token  # reading it sets the cookie, which a program has no page to get from
        self.answer(self.updater.state.to_json())


class RestartHandler(NbUpdaterHandler):
    """The restart."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin one."""
        try:
            request = self._request()
        except (TypeError, ValueError, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
            return
        try:
            await self.updater.restarts.request(request)
        except TooLate as error:
            self.answer_error(409, "already-running", str(error))
        else:
            self.answer(self.updater.state.to_json(), 202)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Cancel it while that can be done, or acknowledge what became of it."""
        try:
            await self.updater.restarts.cancel()
        except TooLate as error:
            self.answer_error(409, "too-late", str(error))
        else:
            self.answer(self.updater.state.to_json())

    def _request(self) -> Request:
        body = {} if (content := self.get_json_body()) is None else content
        if not isinstance(body, dict):
            raise TypeError("the body must be an object")
        if body.get("when", "now") != "now":
            raise ValueError('"when" can only be "now"')
        losses, without_return = body.get("losses", []), body.get("without_return", False)
        if not isinstance(losses, list) or not all(isinstance(loss, str) for loss in losses):
            raise TypeError('"losses" must be a list of strings')
        if not isinstance(without_return, bool):
            raise TypeError('"without_return" must be true or false')
        user = self.current_user
        facts = {"software": self.updater.state["software"], "advice": self.updater.state["advice"]}
        return Request(getattr(user, "username", "") or "", frozenset(losses), without_return, facts)


class DeferralHandler(NbUpdaterHandler):
    """Remind me later."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Put the banner away for a day, at most until the deadline."""
        if await self.updater.defer():
            self.answer(self.updater.state.to_json())
        else:
            self.answer_error(409, "overdue", "the deadline has passed; it can be put off no longer")


class JournalHandler(NbUpdaterHandler):
    """The evidence."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Every record, oldest first."""
        self.answer({"records": await asyncio.to_thread(self.updater.journal.records)})


class ChannelHandler(UpdaterMixin, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One socket for each open page."""

    tab: Tab | None = None

    async def prepare(self) -> None:  # type: ignore[override]  # JupyterHandler's is a coroutine too
        """Only a page of our own may listen and report."""
        await super().prepare()
        if not is_ours(self.request.headers):
            raise web.HTTPError(403, "this channel is for pages of this server")
        if not await self.started():
            raise web.HTTPError(503, "the updater could not start")

    @web.authenticated
    @authorized
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # WebSocketMixin says Awaitable
        """Open the socket. Without a user ``prepare`` has answered 403 already: a socket is never sent to the login page."""
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """A page is there: it sees the state at once."""
        super().open(*args, **kwargs)
        self.tab = self.updater.tabs.join(self._send)
        self._send({"type": "state", "state": self.updater.state.to_json()})

    def on_message(self, message: str | bytes) -> None:
        """``hello`` or ``report``; anything else is no message of ours."""
        tabs = self.updater.tabs
        try:
            content = json.loads(message)
            receive = {"hello": tabs.hello, "report": tabs.report}[content["type"]]
        except (ValueError, KeyError, TypeError):
            self.log.warning("A tab sent a message that is not of the protocol")
            return
        if self.tab is not None:
            receive(self.tab, content)

    def on_close(self) -> None:
        """The page is gone."""
        super().on_close()
        if self.tab is not None:
            self.updater.tabs.leave(self.tab)

    def _send(self, message: dict[str, Any]) -> None:
        with suppress(WebSocketClosedError):  # `on_close` follows and takes the tab out
            self.write_message(json.dumps(message))


HANDLERS = [
    (r"/nb-updater/state/?", StateHandler),
    (r"/nb-updater/restart/?", RestartHandler),
    (r"/nb-updater/deferral/?", DeferralHandler),
    (r"/nb-updater/journal/?", JournalHandler),
    (r"/nb-updater/channel/?", ChannelHandler),
]
