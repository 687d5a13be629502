"""The REST routes under ``/nb-updater/``; ``docs/protocol.md`` says what goes over them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from .base import NbUpdaterHandler
from .restart.request import Malformed, TooLate, parse, parse_hold, parse_packages
from .restore.model import NotSaved
from .util.clock import utcnow
from .websocket import ChannelHandler

if TYPE_CHECKING:  # loaded after the server has started
    from .saving.tabs import Tabs


class StateHandler(NbUpdaterHandler):
    """The state document."""

    tabs: Tabs | None = None
    """Where this page may be expected."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Losses are counted afresh: a kernel that began a moment ago is told."""
        self.tabs = self.updater.tabs
        self.meet()
        await self.updater.watch.look_at_work()
        _ = self.xsrf_token  # reading it sets the cookie, which a program has no page to get from
        self.answer(self.updater.state.to_json())

    def on_connection_close(self) -> None:
        """The page did not stay to hear the answer."""
        super().on_connection_close()
        if self.tabs:
            self.tabs.expect_no_more(self.page_id)


class PageHandler(NbUpdaterHandler):
    """One page, known by the id that it gives."""

    @web.authenticated
    @authorized
    def delete(self) -> None:
        """It is being closed, and has no channel to say so by."""
        self.updater.tabs.farewell(self.page_id)
        self.answer({})


class RestartHandler(NbUpdaterHandler):
    """The restart."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Begin one. The page of the click takes part, connected or not."""
        self.meet()
        try:
            asked = parse(self.get_json_body(), utcnow())
        except (Malformed, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
            return
        try:
            await self.updater.restarts.request(asked._replace(by=self.user_name, facts=self.updater.evidence))
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


class HoldHandler(NbUpdaterHandler):
    """Not now, for a reason."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Hold the instance as it is until a time."""
        try:
            until, reason = parse_hold(self.get_json_body())
            await self.updater.advising.set_hold(self.user_name, reason, until)
        except (Malformed, ValueError, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
        else:
            self.answer(self.updater.state.to_json())

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """End it."""
        await self.updater.advising.release(self.user_name)
        self.answer(self.updater.state.to_json())


class DeferralHandler(NbUpdaterHandler):
    """Remind me later."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Put the banner away for a day, at most until the deadline."""
        if await self.updater.advising.defer():
            self.answer(self.updater.state.to_json())
        else:
            self.answer_error(409, "overdue", "the deadline has passed; it can be put off no longer")


class DeskHandler(NbUpdaterHandler):
    """What is the same after a restart."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Keep these files outside the volume from now on."""
        try:
            await self.updater.desk.choose(self.get_json_body(), self.user_name)
        except (ValueError, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
        except NotSaved as error:
            self.answer_error(409, "not-kept", str(error))
        else:
            self.answer(self.updater.state.to_json())


class PackagesHandler(NbUpdaterHandler):
    """What somebody had added before this boot."""

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Put it back, in the background."""
        try:
            begun = await self.updater.packages.put_back(self.user_name, automatic=parse_packages(self.get_json_body()))
        except (Malformed, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
        else:
            state = self.updater.state.to_json()
            self.answer(state, 202) if begun else self.answer_error(409, "already-running", "a run is under way")

    @web.authenticated
    @authorized
    async def patch(self) -> None:
        """Whether that happens by itself from now on; nothing begins for it."""
        try:
            automatic = parse_packages(self.get_json_body())
        except (Malformed, web.HTTPError) as error:
            self.answer_error(400, "malformed", str(error))
            return
        if automatic is None:
            self.answer_error(400, "malformed", '"automatic" is missing')
            return
        await self.updater.packages.wish(automatic=automatic)
        self.answer(self.updater.state.to_json())

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """End the run that is under way, or withdraw the offer."""
        await self.updater.packages.drop()
        self.answer(self.updater.state.to_json())


class JournalHandler(NbUpdaterHandler):
    """The evidence."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Every record, oldest first."""
        self.answer({"records": await asyncio.to_thread(self.updater.journal.records)})


HANDLERS = [
    (r"/nb-updater/state/?", StateHandler),
    (r"/nb-updater/page/?", PageHandler),
    (r"/nb-updater/restart/?", RestartHandler),
    (r"/nb-updater/hold/?", HoldHandler),
    (r"/nb-updater/deferral/?", DeferralHandler),
    (r"/nb-updater/desk/?", DeskHandler),
    (r"/nb-updater/packages/?", PackagesHandler),
    (r"/nb-updater/journal/?", JournalHandler),
    (r"/nb-updater/channel/?", ChannelHandler),
]
