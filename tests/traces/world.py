"""The instance in the simulated cloud: a volume that can be full, a server that can be killed, an open page, and users."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.journal import Journal
from jupyter_nb_updater.restart.coordinator import RestartCoordinator
from jupyter_nb_updater.restart.machine import BOUNDS
from jupyter_nb_updater.restart.request import RestartRequest, TooLate
from jupyter_nb_updater.restart.runner import RestartRunner
from jupyter_nb_updater.restart.save_round import SaveRound
from jupyter_nb_updater.saving.open_pages import OpenPages
from jupyter_nb_updater.saving.tabs import Tabs

from .cloud import Cloud
from .page import Page

IN_FLIGHT = set(BOUNDS) - {"waiting"}
BACK = 2.0
"""Seconds until a page reconnects."""

CALM = 120.0
"""Seconds of a working AWS in which a server must have disarmed."""

LONG = 2400.0
"""Seconds in which everything ends, while an armed return would still be valid."""


class Disk(Journal):
    """A journal on a volume that can be full."""

    is_full = False

    def append(self, event, now, **facts):
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().append(event, now, **facts)


class World:
    """The simulated world.

    Args:
        loop: the event loop.
        folder: folder of the volume.
        grace: seconds for which a server continues after a stop.
    """

    def __init__(self, loop, folder, grace):
        self._loop, self._grace = loop, grace
        self.cloud = Cloud(loop)
        self.cloud.goes_down, self.cloud.comes_up = self._goes_down, self._comes_up
        self.journal = Disk(directory=str(folder))
        self._folder = Path(folder)
        self.page = Page(self._folder, lambda: self.journal.is_full)
        self.booted, self.server, self._tabs = self.cloud.instance_clock, None, None
        self.calm_since, self.boots = 0.0, 0
        self.reached = lambda phase: None  # is told each phase of a restart

    # What happens

    async def serve(self, _=None):
        """Start the Jupyter server."""
        if self.server is None and self.cloud.is_up:
            self._tabs = Tabs(self)
            presence = OpenPages(self._tabs, self._folder / "pages.json")
            self.server = self._coordinator()
            self._loop.call_later(BACK, self._connect, self._tabs)
            await self.server.resume(self.booted, f"boot-{self.boots}")
            if self.server.restart.phase != "verifying":
                await presence.load()
            self.calm_since = self._loop.time()

    async def kill(self, _=None):
        """Kill the Jupyter server."""
        server, self.server = self.server, None
        self.page.lose_connection()
        if server is not None:
            await server.close()

    async def request(self, when):
        """Request a restart."""
        if self.server is not None:
            with suppress(TooLate):
                await self.server.request(RestartRequest(by="someone", when=when, without_return=False))

    async def stop_only(self, _):
        """Request a save and stop without a return."""
        if self.server is not None:
            with suppress(TooLate):
                await self.server.request(RestartRequest(by="someone", without_return=True))

    async def cancel(self, _):
        """Cancel or acknowledge."""
        if self.server is not None:
            with suppress(TooLate):
                await self.server.cancel()

    async def aws(self, mood):
        """Let AWS refuse everything, or work again."""
        self.cloud.mood, self.calm_since = mood, self._loop.time()

    async def clock(self, seconds):
        """Set the clock of the instance."""
        self.cloud.skew, self.calm_since = seconds, self._loop.time()

    async def disk(self, how):
        """Fill the volume, or free it."""
        self.journal.is_full = how == "full"

    async def write(self, _=None):
        """Change the text in a page, if input is possible."""
        takes_input = self.server is None or self.server.restart.phase not in IN_FLIGHT
        if self.page.was_connected and takes_input:
            self.page.write()

    async def network(self, _=None):
        """Disconnect the page, and reconnect it later."""
        self.page.lose_connection()
        if self._tabs is not None:
            self._loop.call_later(BACK, self._connect, self._tabs)

    async def event(self, _=None):
        """Send the event of the last stop again."""
        self.cloud.tell_that_it_stopped()

    async def no_capacity(self, starts):
        """Let AWS refuse starts for lack of capacity."""
        self.cloud.quota = starts

    async def maintenance(self, stops):
        """Let AWS announce maintenance, in which it accepts a stop or refuses it."""
        self.cloud.announce_maintenance(stops=stops)

    async def console(self, what):
        """Act like a user of the AWS console."""
        is_calm = self._loop.time() - self.calm_since > CALM and self.server is not None and self.cloud.mood == "well"
        is_calm = is_calm and self.cloud.skew == 0 and self.server.restart.phase not in IN_FLIGHT
        if what == "stop" and is_calm and self.cloud.armed:
            self.cloud.broken.append(f"armed and forgotten while {self.server.restart.phase}: {self.cloud.tag_value}")
        with suppress(AwsError):
            if what == "stop":
                self.cloud.begin_to_stop("console")
            else:
                self.cloud.begin_to_start()

    # What comes of it

    async def come_to_rest(self):
        """Let everything work again for long enough."""
        self.cloud.mood, self.cloud.skew, self.cloud.quota, self.journal.is_full = "well", 0.0, 0, False
        self.cloud.end_maintenance()
        await asyncio.sleep(100)
        await self.serve()
        await asyncio.sleep(LONG)

    def wrongs(self):
        """Yield violations in words."""
        cloud = self.cloud
        yield from cloud.broken
        if cloud.status == "InService" and cloud.armed:
            yield f"up, and still armed: {cloud.tag_value}"
        if self.server is not None and self.server.restart.phase in IN_FLIGHT:
            yield f"for ever {self.server.restart.phase}"
        told = self.server.outcome if self.server is not None else None
        if told and told["outcome"] == "failed-to-return" and cloud.outcome == f"{told['id']} returned":
            yield f"brought back by the stack, and told that somebody else did it ({told})"
        if cloud.status not in {"InService", "Stopped"}:
            yield f"for ever {cloud.status}"
        may_stay = cloud.stopped_by in {"console", "instance, for good"} or str(cloud.outcome).endswith("failed-to-return")
        if cloud.status == "Stopped" and not may_stay:
            yield f"down, and nobody brings it back or says so ({cloud.tag_value}, {cloud.outcome})"

    def _coordinator(self):
        saving = SaveRound(tabs=self._tabs, sessions=self, rooms=self, filesystems=self)
        runner = RestartRunner(
            instance=SimpleNamespace(sagemaker=self.cloud, aws=self.cloud, system_clock=self),
            saving=saving,
            losses=self,
            advice=self,
            risks=self,
            software=SimpleNamespace(read=dict),
            before_stop=[],
        )
        coordinator = RestartCoordinator(runner, self.journal, self)
        coordinator.subscribe(self._changed)
        return coordinator

    async def nothing(self, *_):
        """Return no losses, sessions or shared documents."""
        return []

    list = unreported = unsaved = nothing
    hold = None

    def is_restart_required(self):
        """Return a constant, because no policy is simulated."""
        return True

    def returned_recently(self, now):
        """Return nothing, because loops of restarts are not tested here."""

    def now(self):
        """Return the clock of the instance."""
        return self.cloud.instance_clock

    def sync(self):
        """Do nothing: every sync succeeds."""

    def _changed(self, event, restart):
        if restart.phase == "saving":
            self._loop.call_soon(self.page.answer, restart.id)
        self.reached(restart.phase)

    def _connect(self, tabs):
        if self.server is not None and tabs is self._tabs:  # not one that is gone
            self.page.connect_again(tabs)

    def _comes_up(self):
        self.booted, self.boots = self.cloud.instance_clock, self.boots + 1
        self._loop.create_task(self.serve(), name="boot")

    def _goes_down(self):
        restart = self.server.restart if self.server is not None else None
        if self.cloud.stopped_by == "instance" and not self.page.is_saved:
            self.cloud.broken.append("stopped, and not saved")
        if self.cloud.stopped_by == "instance" and restart is not None:
            if restart.stops_only:
                self.cloud.stopped_by = "instance, for good"
                if self.cloud.armed:
                    self.cloud.broken.append("it was to stay down, and is armed")
            elif self.cloud.armed != restart.id:
                self.cloud.broken.append(f"stopped for {restart.id}, and armed for {self.cloud.armed}")
        self._loop.call_later(self._grace, lambda: self._loop.create_task(self.kill(), name="power off"))
