"""Reinstalls packages after a restart that somebody had added before it: on request, or after each boot."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets.config import LoggingConfigurable

from ..instance.context import InstanceContext
from ..util.file_lock import FileLock
from ..util.files import atomic_write, read_json
from ..util.tasks import cancel_all
from .added import AddedPackages, BootId, current_boot
from .candidates import AddedSinceBoot, Candidates
from .environments import Environments
from .pip import Pip
from .reinstall_run import ReinstallRun
from .requirements import PackageLists

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

PREFERENCES_FORMAT = 1

CANCEL_SECONDS = 20.0
"""Seconds that a cancelled run has: pip may finish the package that it is installing, and the journal is written."""


@dataclass(frozen=True)
class ReinstallPreferences:
    """What a person has asked for, and what has happened since.

    Args:
        automatic: whether packages are reinstalled after each boot.
        last_automatic_run: the boot after which the last automatic run began.
    """

    automatic: bool = False
    last_automatic_run: BootId | None = None


def load_preferences(path: Path, log: Logger | LoggerAdapter[Any]) -> ReinstallPreferences:
    """Read the preferences; the default where there is no file, or one that cannot be used.

    Args:
        path: of ``preferences.json``.
        log: gets a warning about a file that cannot be used.
    """
    content = read_json(path, PREFERENCES_FORMAT, log)
    if content is None:
        return ReinstallPreferences()
    try:
        last = content["last_automatic_run"]
        return ReinstallPreferences(content["automatic"] is True, None if last is None else BootId.from_json(last))
    except (ValueError, TypeError, KeyError) as error:
        log.warning("Ignoring %s: %r", path, error)
        return ReinstallPreferences()


def save_preferences(path: Path, preferences: ReinstallPreferences) -> None:
    """Write the preferences.

    Raises:
        OSError: they could not be written.
    """
    last = preferences.last_automatic_run
    content = {
        "format": PREFERENCES_FORMAT,
        "automatic": preferences.automatic,
        "last_automatic_run": last and last.to_json(),
    }
    atomic_write(path, json.dumps(content))


class PackageReinstaller(LoggingConfigurable):
    """Lists added packages and reinstalls them; the only writer of ``packages`` in the state document.

    A restart does not wait for a run of pip, and does not end it: its processes are not counted as anybody's work, so that
    "When idle" does not wait for them, and each stop may interrupt them. Nothing is lost by that, because what is not
    reinstalled yet is still on the list; if the restart is refused, the run goes on. A server that ends does end its run: what
    is being installed may finish within seconds, and what was interrupted is removed before the next attempt.
    """

    def __init__(self, kernel_specs: Any, context: InstanceContext, **kwargs: Any) -> None:
        """Create the manager; :meth:`start` begins.

        Args:
            kernel_specs: jupyter_server's manager of kernel specifications.
            context: journal, state document and clocks of the instance.
            **kwargs: ``parent``, whose configuration this and its parts get.
        """
        super().__init__(**kwargs)
        store = Path(context.journal.directory)
        folder = store / "packages"
        environments = Environments(kernel_specs, store.parent, parent=self)
        added = AddedPackages(environments, folder / "baseline.json", context, parent=self)
        self._candidates = Candidates(added, PackageLists(folder, parent=self), parent=self)
        self._pip = Pip(parent=self)
        self._context = context
        self._preferences_path, self._lock = folder / "preferences.json", FileLock(folder / "run.lock")
        self._preferences = ReinstallPreferences()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._change_lock = asyncio.Lock()
        self._starting: asyncio.Task[None] | None = None
        self._run: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether packages are being reinstalled."""
        return self._run is not None and not self._run.done()

    def start(self) -> None:
        """Look at the environments in the background, and begin an automatic run if one is wanted."""
        self._loop = asyncio.get_running_loop()
        self._starting = asyncio.create_task(self._start())

    def refresh(self) -> list[AddedSinceBoot]:
        """Return what was added since the boot and would be lost; bring lists and state up to date. Runs in a thread."""
        found = self._candidates.refresh()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._publish)
        return found

    def save(self) -> None:
        """Bring the lists on the volume up to date right before a stop. Runs in a thread; it never raises."""
        try:
            self.refresh()
        except Exception:  # whatever it is, work that is not saved yet comes first
            self.log.exception("The lists of added packages could not be brought up to date")

    async def reinstall(self, by: str, *, automatic: bool | None = None) -> bool:
        """Begin a run in the background; return ``False`` when one is under way.

        Args:
            by: name of the person who asks.
            automatic: whether to do so after each boot from now on; ``None`` leaves that as it is.

        Raises:
            OSError: the preference could not be written.
        """
        async with self._change_lock:
            if self.is_running:
                return False
            if automatic is not None and automatic != self._preferences.automatic:
                await self._save_preferences(replace(self._preferences, automatic=automatic))
            await asyncio.to_thread(self.refresh)
            begun = self._begin_run(by)
            self._publish()
            return begun

    async def set_automatic(self, *, automatic: bool) -> None:
        """Set whether packages are reinstalled after each boot. No run begins or ends.

        Args:
            automatic: whether they are.

        Raises:
            OSError: the preference could not be written.
        """
        async with self._change_lock:
            await self._save_preferences(replace(self._preferences, automatic=automatic))
            self._publish()

    async def cancel_or_dismiss(self) -> None:
        """Cancel the run that is under way; without one, dismiss what is available."""
        async with self._change_lock:
            if self.is_running:
                await self._cancel_run()
            else:
                await asyncio.to_thread(self._candidates.dismiss)
            self._publish()

    async def close(self) -> None:
        """End with the server. What is available stays on the volume."""
        self._loop = None
        await cancel_all([self._starting])
        await self._cancel_run()

    async def _start(self) -> None:
        try:
            self._preferences = await asyncio.to_thread(load_preferences, self._preferences_path, self.log)
            await asyncio.to_thread(self.refresh)
            self._publish()
            boot = await asyncio.to_thread(current_boot, self._context)
            last = self._preferences.last_automatic_run
            has_run = last is not None and last.is_same(boot)
            async with self._change_lock:
                if self._preferences.automatic and not has_run and self._candidates.pending() and not self.is_running:
                    # Written first: once a boot, even if the run should end this server.
                    await self._save_preferences(replace(self._preferences, last_automatic_run=boot))
                    self._begin_run("automatic")
                    self._publish()
        except Exception:  # Jupyter goes on, and so do the other parts of ours
            self.log.exception("The packages that were added before this boot could not be looked at")

    async def _save_preferences(self, preferences: ReinstallPreferences) -> None:
        await asyncio.to_thread(save_preferences, self._preferences_path, preferences)
        self._preferences = preferences

    def _begin_run(self, by: str) -> bool:
        pending = self._candidates.pending()
        if not pending:
            return True
        if not self._lock.acquire():
            return False
        run = ReinstallRun(self._pip, self._candidates, self._publish)
        run.queue(pending)
        self._run = asyncio.create_task(self._reinstall(by, run))
        return True

    async def _reinstall(self, by: str, run: ReinstallRun) -> None:
        outcome = "ended"
        try:
            await run.install(self._lock.fds)
            outcome = "done"
        except Exception:  # what is available stays
            self.log.exception("Packages could not be reinstalled")
            outcome = "failed"
        finally:
            self._lock.release()
            self._candidates.progress.working.clear()
            await asyncio.to_thread(self.save)
            await self._record(by, outcome)
            self._run = None
            self._publish()

    async def _record(self, by: str, outcome: str) -> None:
        """Record names, versions and codes in the journal."""
        packages = [
            {"environment": environment["name"], **{key: package[key] for key in ("name", "version", "state", "code")}}
            for environment in self._candidates.to_json(is_running=False)["environments"]
            for package in environment["packages"]
        ]
        now, facts = self._context.system_clock.now(), {"by": by, "outcome": outcome, "packages": packages}
        await asyncio.to_thread(self._context.journal.try_append, "packages-reinstalled", now, **facts)

    async def _cancel_run(self) -> None:
        await cancel_all([self._run], retry_seconds=CANCEL_SECONDS, timeout_seconds=2 * CANCEL_SECONDS)

    def _publish(self) -> None:
        part = self._candidates.to_json(is_running=self.is_running)
        packages = {"phase": part["phase"], "automatic": self._preferences.automatic, "environments": part["environments"]}
        self._context.state.update(packages=packages)
