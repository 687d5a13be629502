"""The REST routes under ``/nb-updater/``; ``docs/protocol.md`` says what goes over them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import NbUpdaterHandler
from .restart.request import parse_restart
from .util.clock import parse_time_or_none, utcnow
from .util.request_error import Conflict, MalformedRequest
from .websocket import ChannelHandler

if TYPE_CHECKING:  # loaded after the server has started
    from datetime import datetime

    from .saving.tabs import Tabs


class StateHandler(NbUpdaterHandler):
    """The state document."""

    tabs: Tabs | None = None
    """Where this page may be expected."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Count the losses afresh, so that a kernel that began a moment ago is in it, and send the document."""
        self.tabs = self.updater.tabs
        self.register_tab()
        await self.updater.monitor.refresh_work()
        _ = self.xsrf_token  # reading it sets the cookie, which a program has no page to get from
        self.send_state()

    def on_connection_close(self) -> None:
        """Stop expecting a page that did not wait for the answer."""
        super().on_connection_close()
        if self.tabs:
            self.tabs.stop_expecting(self.page_id)


class PageHandler(NbUpdaterHandler):
    """One page, known by the id that it gives."""

    @web.authenticated
    @authorized
    def delete(self) -> None:
        """Forget a page that is being closed and has no channel to say so by."""
        self.updater.tabs.forget(self.page_id)
        self.send_json({})


class RestartHandler(NbUpdaterHandler):
    """The restart."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin a restart. The page of the click takes part, connected or not."""
        self.register_tab()
        asked = parse_restart(self.json_body(), utcnow())
        await self.updater.restarts.request(asked._replace(by=self.user_name, facts=self.updater.evidence))
        self.send_state(202)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Cancel the restart while that can be done, or acknowledge what became of it."""
        await self.updater.restarts.cancel()
        self.send_state()


class HoldHandler(NbUpdaterHandler):
    """The hold: somebody's "not now", with a reason and an end."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Hold the instance as it is until a time."""
        until, reason = _parse_hold(self.json_body())
        await self.updater.advice.set_hold(self.user_name, reason, until)
        self.send_state()

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """End the hold."""
        await self.updater.advice.release(self.user_name)
        self.send_state()


class DeferralHandler(NbUpdaterHandler):
    """The deferral: "remind me later"."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Put the banner away for a day, at most until the deadline."""
        if not await self.updater.advice.defer():
            raise Conflict("overdue", "the deadline has passed; it can be put off no longer")
        self.send_state()


class RestoreHandler(NbUpdaterHandler):
    """What is restored after a restart."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Keep these files outside the volume from now on, and no others."""
        await self.updater.session_restore.choose_files(self.json_body(), self.user_name)
        self.send_state()


class PackagesHandler(NbUpdaterHandler):
    """The packages that somebody had added before this boot."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Reinstall them, in the background."""
        automatic = _parse_automatic(self.json_body())
        if not await self.updater.packages.reinstall(self.user_name, automatic=automatic):
            raise Conflict("reinstall-running", "packages are being reinstalled already")
        self.send_state(202)

    @web.authenticated
    @authorized
    async def patch(self) -> None:
        """Say whether that happens by itself from now on; nothing begins for it."""
        automatic = _parse_automatic(self.json_body())
        if automatic is None:
            raise MalformedRequest('"automatic" is missing')
        await self.updater.packages.set_automatic(automatic=automatic)
        self.send_state()

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """End the run that is under way, or withdraw the offer."""
        await self.updater.packages.cancel_or_dismiss()
        self.send_state()


class JournalHandler(NbUpdaterHandler):
    """The evidence."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send every record, oldest first."""
        self.send_json({"records": await asyncio.to_thread(self.updater.journal.records)})


def _parse_hold(body: Any) -> tuple[datetime, str]:
    """Return until when, and why, from the body of ``PUT hold``."""
    content = body if isinstance(body, dict) else {}
    until, reason = parse_time_or_none(content.get("until")), content.get("reason", "")
    if not isinstance(reason, str):
        raise MalformedRequest('"reason" must be text')
    if until is None:
        raise MalformedRequest('"until" must be a time in UTC such as 2026-11-23T18:00:00Z')
    return until, reason


def _parse_automatic(body: Any) -> bool | None:
    """Return whether packages are reinstalled by themselves from now on; ``None`` where the body does not say."""
    content = {} if body is None else body
    automatic = content.get("automatic") if isinstance(content, dict) else 0
    if not (automatic is None or isinstance(automatic, bool)):
        raise MalformedRequest('"automatic" must be true or false')
    return automatic


HANDLERS = [
    (r"/nb-updater/state/?", StateHandler),
    (r"/nb-updater/page/?", PageHandler),
    (r"/nb-updater/restart/?", RestartHandler),
    (r"/nb-updater/hold/?", HoldHandler),
    (r"/nb-updater/deferral/?", DeferralHandler),
    (r"/nb-updater/restore/?", RestoreHandler),
    (r"/nb-updater/packages/?", PackagesHandler),
    (r"/nb-updater/journal/?", JournalHandler),
    (r"/nb-updater/channel/?", ChannelHandler),
]
