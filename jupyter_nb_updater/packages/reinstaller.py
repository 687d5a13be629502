"""The door to added packages: what would be lost, what is offered after a restart, and putting it back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets.config import LoggingConfigurable

from ..util.file_lock import FileLock
from ..util.tasks import cancel_all
from .added import AddedPackages, BootId
from .candidates import AddedSinceBoot, Candidates
from .environments import Environments
from .pip import Pip
from .reinstall_run import ReinstallRun
from .requirements import PackageLists

PREFERENCES_FORMAT = 1


@dataclass(frozen=True)
class ReinstallPreferences:
    """Args: whether packages are put back after each boot; the boot after which that has begun last."""

    automatic: bool = False
    begun: BootId | None = None


def load_preferences(path: Path) -> ReinstallPreferences:
    """As they are kept; without a file that can be read nothing was asked for."""
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != PREFERENCES_FORMAT:
            return ReinstallPreferences()
        begun = content["begun"]
        return ReinstallPreferences(content["automatic"] is True, None if begun is None else BootId.from_json(begun))
    except (OSError, ValueError, TypeError, KeyError):
        return ReinstallPreferences()


def save_preferences(path: Path, wishes: ReinstallPreferences) -> None:
    """Write them, whole or not at all.

    Raises:
        OSError: that did not work.
    """
    content = {"format": PREFERENCES_FORMAT, "automatic": wishes.automatic, "begun": wishes.begun and wishes.begun.to_json()}
    fresh = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(path)


CLEARING_SECONDS = 20.0
"""For a run that is ended: pip may finish what it is installing, and the journal is told."""


class PackageReinstaller(LoggingConfigurable):
    """The only writer of ``packages``.

    A restart is not held up by a run of pip, and does not end it: its processes count as nobody's work, so that "When idle"
    does not wait for them, and each stop is free to cut them off. Nothing is lost by that, because what is not back yet is
    still on the list; if the restart is refused, the run goes on. A server that ends does end its run: what was being installed
    may finish within seconds, and what was cut off is cleared away before the next attempt.
    """

    def __init__(
        self,
        *,
        kernel_specs: Any,
        store: Path,
        boot: Callable[[], BootId],
        record: Callable[..., Any],
        tell: Callable[[dict[str, Any]], None],
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        """Where everything is.

        Args:
            kernel_specs: jupyter_server's manager of kernel specifications.
            store: our folder on the volume. The folder that it is in is what survives.
            boot: tells which boot this is.
            record: writes into the journal.
            tell: is given this part of the state document.
            now: the wall clock.
            **kwargs: ``parent``, whose configuration this and its parts get.
        """
        super().__init__(**kwargs)
        folder = store / "packages"
        environments = Environments(kernel_specs, store.parent, parent=self)
        added = AddedPackages(environments, folder / "baseline.json", boot, now, parent=self)
        self._offers = Candidates(added, PackageLists(folder, parent=self), parent=self)
        self._pip = Pip(parent=self)
        self._boot, self._record, self._tell_part, self._now = boot, record, tell, now
        self._wishes_path, self._turn = folder / "wishes.json", FileLock(folder / "run.lock")
        self._wishes = ReinstallPreferences()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._one_change = asyncio.Lock()
        self._beginning: asyncio.Task[None] | None = None
        self._run: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether packages are being put back."""
        return self._run is not None and not self._run.done()

    @property
    def processes(self) -> Collection[int]:
        """Process numbers of ours: they, and all below them, are nobody's work."""
        return () if self._pip.pid is None else (self._pip.pid,)

    def begin(self) -> None:
        """First thing after a start; nobody waits for it."""
        self._loop = asyncio.get_running_loop()
        self._beginning = asyncio.create_task(self._begin())

    def look(self) -> list[AddedSinceBoot]:
        """What was added since the boot, which would be lost. Belongs into a thread."""
        found = self._offers.look()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell)
        return found

    def keep(self) -> None:
        """Right before a stop, in a thread: the lists are on the volume. That they cannot be is no reason not to restart."""
        try:
            self.look()
        except Exception:  # whatever it is, work that is not saved yet comes first
            self.log.exception("The lists of added packages could not be brought up to date")

    async def put_back(self, by: str, *, automatic: bool | None = None) -> bool:
        """Begin, in the background. ``False`` when a run is under way.

        Args:
            by: who asks.
            automatic: whether that happens by itself after each boot from now on; ``None`` leaves that as it is.

        Raises:
            OSError: what was asked for cannot be kept on the volume.
        """
        async with self._one_change:
            if self.is_running:
                return False
            if automatic is not None and automatic != self._wishes.automatic:
                await self._wish(replace(self._wishes, automatic=automatic))
            await asyncio.to_thread(self.look)
            begun = self._start(by)
            self._tell()
            return begun

    async def wish(self, *, automatic: bool) -> None:
        """Whether that happens by itself after each boot from now on. Nothing begins for it, and a run goes on.

        Raises:
            OSError: what was asked for cannot be kept on the volume.
        """
        async with self._one_change:
            await self._wish(replace(self._wishes, automatic=automatic))
            self._tell()

    async def drop(self) -> None:
        """End the run that is under way; without one, withdraw the offer."""
        async with self._one_change:
            if self.is_running:
                await self._end()
            else:
                await asyncio.to_thread(self._offers.withdraw)
            self._tell()

    async def close(self) -> None:
        """The server ends. The offer stays on the volume."""
        self._loop = None
        await cancel_all([self._beginning])
        await self._end()

    async def _begin(self) -> None:
        try:
            self._wishes = await asyncio.to_thread(load_preferences, self._wishes_path)
            await asyncio.to_thread(self.look)
            self._tell()
            boot = await asyncio.to_thread(self._boot)
            has_begun = self._wishes.begun is not None and self._wishes.begun.is_same(boot)
            async with self._one_change:
                if self._wishes.automatic and not has_begun and self._offers.orders() and not self.is_running:
                    # First: once a boot, even if it should end this server.
                    await self._wish(replace(self._wishes, begun=boot))
                    self._start("automatic")
                    self._tell()
        except Exception:  # Jupyter goes on, and so do the other parts of ours
            self.log.exception("What was added before this boot could not be looked at")

    async def _wish(self, wished: ReinstallPreferences) -> None:
        await asyncio.to_thread(save_preferences, self._wishes_path, wished)
        self._wishes = wished

    def _start(self, by: str) -> bool:
        orders = self._offers.orders()
        if not orders:
            return True
        if not self._turn.take():
            return False
        run = ReinstallRun(self._pip, self._offers, lambda: asyncio.to_thread(self._offers.look), self._tell)
        run.expect(orders)
        self._run = asyncio.create_task(self._work(by, run))
        return True

    async def _work(self, by: str, run: ReinstallRun) -> None:
        ended = "ended"
        try:
            await run.go(self._turn.held)
            ended = "done"
        except Exception:  # the offer stays
            self.log.exception("Packages could not be put back")
            ended = "failed"
        finally:
            self._turn.give_back()
            self._offers.course.working.clear()
            await asyncio.to_thread(self.keep)
            await self._report(by, ended)
            self._run = None
            self._tell()

    async def _report(self, by: str, ended: str) -> None:
        """What came of it, for the journal: names, versions and codes."""
        packages = [
            {"environment": at["name"], **{fact: told[fact] for fact in ("name", "version", "state", "code")}}
            for at in self._offers.to_json(is_running=False)["environments"]
            for told in at["packages"]
        ]
        try:
            await asyncio.to_thread(self._record, "packages-put-back", self._now(), by=by, outcome=ended, packages=packages)
        except OSError as error:
            self.log.warning("The journal does not tell that packages were put back: %s", error)

    async def _end(self) -> None:
        await cancel_all([self._run], again=CLEARING_SECONDS, seconds=2 * CLEARING_SECONDS)

    def _tell(self) -> None:
        part = self._offers.to_json(is_running=self.is_running)
        self._tell_part({"phase": part["phase"], "automatic": self._wishes.automatic, "environments": part["environments"]})
