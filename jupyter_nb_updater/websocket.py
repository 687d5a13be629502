"""The WebSocket that each open page has."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from .base import UpdaterMixin, is_ours

if TYPE_CHECKING:
    from .saving.tab_reports import Tab


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
        """``hello``, ``report`` or ``bye``; anything else is no message of ours."""
        tabs = self.updater.tabs
        try:
            content = json.loads(message)
            receive = {"hello": tabs.hello, "report": tabs.report, "bye": tabs.bye}[content["type"]]
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
