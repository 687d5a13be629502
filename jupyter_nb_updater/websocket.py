"""The WebSocket between each open page and the server."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from .base import UpdaterMixin

if TYPE_CHECKING:
    from .saving.tab_reports import Tab


class ChannelHandler(UpdaterMixin, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Push the state document to one page, and receive its reports."""

    tab: Tab | None = None

    async def prepare(self) -> None:  # type: ignore[override]  # JupyterHandler's is a coroutine too
        """Accept connections only from pages of this server."""
        await super().prepare()
        if not await self.started():
            raise web.HTTPError(503, "the updater could not start")
        if not self.comes_from_us():
            raise web.HTTPError(403, "this WebSocket accepts only pages of this server")

    def check_origin(self, origin: str | None = None) -> bool:
        """Apply the rule of the server for all WebSockets too, and note a refusal."""
        is_allowed = bool(super().check_origin(origin))
        if not is_allowed:
            self.updater.origins.refuse(self.request.headers)
        return is_allowed

    @web.authenticated
    @authorized
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # WebSocketMixin says Awaitable
        """Open the socket. Without a user, ``prepare`` has already responded 403.

        A WebSocket cannot be redirected to the login page.
        """
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Register the page and send it the state document."""
        super().open(*args, **kwargs)
        self.tab = self.updater.tabs.join(self._send)
        self._send({"type": "state", "state": self.updater.state.to_json()})

    def on_message(self, message: str | bytes) -> None:
        """Handle ``hello``, ``report`` and ``bye``; log and ignore any other message."""
        tabs = self.updater.tabs
        try:
            content = json.loads(message)
            receive = {"hello": tabs.hello, "report": tabs.report, "bye": tabs.bye}[content["type"]]
        except (ValueError, KeyError, TypeError):
            self.log.warning("Ignored a message from a browser tab that does not follow the protocol")
            return
        if self.tab is not None:
            receive(self.tab, content)

    def on_close(self) -> None:
        """Remove the page."""
        super().on_close()
        if self.tab is not None:
            self.updater.tabs.leave(self.tab)

    def _send(self, message: dict[str, Any]) -> None:
        with suppress(WebSocketClosedError):  # `on_close` follows and takes the tab out
            self.write_message(json.dumps(message))
