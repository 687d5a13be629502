"""REST routes under ``/nb-updater/``, described in ``docs/protocol.md``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import MAX_PAGE_ID_CHARS, PROGRAM_ID, NbUpdaterHandler, page_of
from .restart.request import parse_restart
from .util.clock import parse_time_or_none, utcnow
from .util.request_error import Conflict, MalformedRequest
from .websocket import ChannelHandler

if TYPE_CHECKING:  # loaded after the server has started
    from datetime import datetime

    from .saving.tabs import Tabs


class StateHandler(NbUpdaterHandler):
    """``/state``: the state document."""

    tabs: Tabs | None = None
    """The tabs in which this page was registered; ``None`` before that."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Refresh the losses, so that a kernel that just started is included, and send the state document."""
        self.tabs = self.updater.tabs
        self.register_tab()
        await self.updater.monitor.refresh_work()
        self.updater.refresh_channel()
        _ = self.xsrf_token  # reading it sets the cookie; a program loads no page that would set it
        self.send_state()

    def on_connection_close(self) -> None:
        """Stop waiting for a page that closed the connection before the response."""
        super().on_connection_close()
        if self.tabs:
            self.tabs.stop_expecting(self.page_id)


class PageHandler(NbUpdaterHandler):
    """``/page``: the page that sends the request."""

    @web.authenticated
    @authorized
    def put(self) -> None:
        """Accept a message of a page whose WebSocket is not open: what it has open, or its report of a save round."""
        message = self.json_body()
        if not isinstance(message, dict) or message.get("type") not in ("hello", "report"):
            raise MalformedRequest('a page must send a "hello" or a "report"')
        page_id = self.page_id if self.page_id != PROGRAM_ID else str(message.get("tab", ""))[:MAX_PAGE_ID_CHARS]
        if not page_id:  # a proxy may strip our header
            raise MalformedRequest('"tab" must be the id of the page')
        self.updater.tabs.receive(page_id, page_of(self.request.headers.get("Referer", ""), self.base_url), message)
        self.send_json({})

    @web.authenticated
    @authorized
    def delete(self) -> None:
        """Forget a page that is closing and has no WebSocket to say so."""
        self.updater.tabs.forget(self.page_id)
        self.send_json({})


class RestartHandler(NbUpdaterHandler):
    """``/restart``: the restart in progress."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin or schedule a restart. The requesting page takes part in the save round, even if its WebSocket is not open."""
        self.register_tab()
        body = self.json_body()
        asked = parse_restart(body, utcnow())
        by = await self.person(body.get("by") if body else None)
        facts = {**self.updater.evidence, "verified": bool(by.login)}
        await self.updater.restarts.request(asked._replace(by=by.name, facts=facts))
        self.send_state(202)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Cancel the restart, or acknowledge its result once it has ended."""
        await self.updater.restarts.cancel()
        self.send_state()


class HoldHandler(NbUpdaterHandler):
    """``/hold``: the hold that keeps the instance from restarting."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Place a hold with an end and a reason."""
        body = self.json_body()
        until, reason = _parse_hold(body)
        await self.updater.advice.set_hold(await self.person(body.get("by")), reason, until)
        self.send_state()

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Release the hold."""
        await self.updater.advice.release(await self.person())
        self.send_state()


class DeferralHandler(NbUpdaterHandler):
    """``/deferral``: the "Remind me later" button."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Hide the banner for a day, at most until the deadline."""
        if not await self.updater.advice.defer():
            raise Conflict("overdue", "the deadline has passed; the restart can no longer be postponed")
        self.send_state()


class RestoreHandler(NbUpdaterHandler):
    """``/restore``: what is restored after a restart."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Choose which files outside the volume are kept; replaces the previous choice."""
        await self.updater.session_restore.choose_files(self.json_body(), (await self.person()).name)
        self.send_state()


class PackagesHandler(NbUpdaterHandler):
    """``/packages``: packages that the user installed before this boot."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Start to reinstall the packages in the background."""
        automatic = _parse_automatic(self.json_body())
        if not await self.updater.packages.reinstall((await self.person()).name, automatic=automatic):
            raise Conflict("reinstall-running", "packages are being reinstalled already")
        self.send_state(202)

    @web.authenticated
    @authorized
    async def patch(self) -> None:
        """Set whether packages are reinstalled automatically after each boot. Starts nothing now."""
        automatic = _parse_automatic(self.json_body())
        if automatic is None:
            raise MalformedRequest('"automatic" is missing')
        await self.updater.packages.set_automatic(automatic=automatic)
        self.send_state()

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Cancel the running installation, or dismiss the offer to reinstall."""
        await self.updater.packages.cancel_or_dismiss()
        self.send_state()


class JournalHandler(NbUpdaterHandler):
    """``/journal``: the audit log."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send all records, oldest first."""
        self.send_json({"records": await asyncio.to_thread(self.updater.journal.records)})


def _parse_hold(body: Any) -> tuple[datetime, str]:
    """Return the end and the reason of a hold from the body of ``PUT hold``."""
    content = body if isinstance(body, dict) else {}
    until, reason = parse_time_or_none(content.get("until")), content.get("reason", "")
    if not isinstance(reason, str):
        raise MalformedRequest('"reason" must be text')
    if until is None:
        raise MalformedRequest('"until" must be a time in UTC such as 2026-11-23T18:00:00Z')
    return until, reason


def _parse_automatic(body: Any) -> bool | None:
    """Return the new value of the automatic setting; ``None`` if the body does not contain it."""
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
