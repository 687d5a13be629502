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
from .restart.runner import Request, TooLate
from .work.tabs import Tab

if TYPE_CHECKING:
    from .app import NbUpdaterApp

AUTH_RESOURCE = "nb_updater"


class NbUpdaterHandler(ExtensionHandlerMixin, APIHandler):
    """Typed access to the app, one check of where a change comes from, one mapping from our errors to HTTP."""

    auth_resource = AUTH_RESOURCE

    @property
    def app(self) -> NbUpdaterApp:
        """The extension, with its parts."""
        return cast("NbUpdaterApp", self.extensionapp)

    async def prepare(self) -> None:  # type: ignore[override]  # JupyterHandler's is a coroutine too, its annotation is not
        """Reads never count as activity; a change must come from our own page or from a program that knows us."""
        self._track_activity = self.request.method != "GET"
        await super().prepare()
        if self.request.method != "GET" and not (is_ours(self.request.headers) and "X-Nb-Updater" in self.request.headers):
            self.log.warning("Refused a change that another page asked for")
            self.answer_error(403, "foreign-origin", "this change must come from a page of this server")
        await self.app.ready.wait()  # what the last restart came to is known before anything is told or asked

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
        await self.app.watch.look_at_work()
        self.answer(self.app.state.to_json())


class RestartHandler(NbUpdaterHandler):
    """The restart."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin one."""
        try:
            request = self._request()
            await self.app.runner.request(request)
        except (TypeError, ValueError, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
        except TooLate as error:
            self.answer_error(409, "already-running", str(error))
        else:
            self.answer(self.app.state.to_json(), 202)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Cancel it while that can be done, or acknowledge what became of it."""
        try:
            await self.app.runner.cancel()
        except TooLate as error:
            self.answer_error(409, "too-late", str(error))
        else:
            self.answer(self.app.state.to_json())

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
        facts = {"software": self.app.state["software"], "advice": self.app.state["advice"]}
        return Request(getattr(user, "username", "") or "", frozenset(losses), without_return, facts)


class DeferralHandler(NbUpdaterHandler):
    """Remind me later."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Put the banner away for a day, at most until the deadline."""
        if await self.app.defer():
            self.answer(self.app.state.to_json())
        else:
            self.answer_error(409, "overdue", "the deadline has passed; it can be put off no longer")


class JournalHandler(NbUpdaterHandler):
    """The evidence."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Every record, oldest first."""
        self.answer({"records": await asyncio.to_thread(self.app.journal.records)})


class ChannelHandler(ExtensionHandlerMixin, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One socket for each open page."""

    auth_resource = AUTH_RESOURCE
    tab: Tab | None = None

    async def prepare(self) -> None:  # type: ignore[override]  # as above
        """Only a page of our own may listen and report."""
        await super().prepare()
        if not is_ours(self.request.headers):
            raise web.HTTPError(403, "this channel is for pages of this server")

    @web.authenticated
    @authorized
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # WebSocketMixin says Awaitable
        """Open the socket. Without a user ``prepare`` has answered 403 already: a socket is never sent to the login page."""
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """A page is there: it sees the state at once."""
        super().open(*args, **kwargs)
        app = cast("NbUpdaterApp", self.extensionapp)
        self.tab = Tab(send=self._send)
        app.tabs.join(self.tab)
        self._send({"type": "state", "state": app.state.to_json()})

    def on_message(self, message: str | bytes) -> None:
        """``hello`` or ``report``; anything else is no message of ours."""
        app = cast("NbUpdaterApp", self.extensionapp)
        try:
            content = json.loads(message)
            receive = {"hello": app.tabs.hello, "report": app.tabs.report}[content["type"]]
        except (ValueError, KeyError, TypeError):
            self.log.warning("A tab sent a message that is not of the protocol")
            return
        if self.tab is not None:
            receive(self.tab, content)

    def on_close(self) -> None:
        """The page is gone."""
        super().on_close()
        if self.tab is not None:
            cast("NbUpdaterApp", self.extensionapp).tabs.leave(self.tab)

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
