"""Reinstall packages after a restart that the user had installed before it: on request, or after each boot."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool
from traitlets.config import LoggingConfigurable

from ..instance.context import InstanceContext
from ..util.file_lock import FileLock
from ..util.files import atomic_write, read_json
from ..util.request_error import Conflict
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
"""Time in seconds for a canceled run to finish the current package and write the journal."""


@dataclass(frozen=True)
class ReinstallPreferences:
    """Preferences of the user, and the last automatic run.

    Args:
        automatic: whether packages are reinstalled automatically after each boot.
        last_automatic_run: boot after which the last automatic run began.
    """

    automatic: bool = False
    last_automatic_run: BootId | None = None


def load_preferences(path: Path, log: Logger | LoggerAdapter[Any]) -> ReinstallPreferences:
    """Read the preferences; the default if there is no file that can be used.

    Args:
        path: path of ``preferences.json``.
        log: receives a warning about a file that cannot be used.
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
    """Save the preferences.

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
    """List and reinstall packages that the user installed; the only writer of ``packages`` in the state document.

    A restart neither waits for pip nor cancels it: its processes do not count as work, so "When idle" does not wait for them,
    and
    a stop may interrupt them. Nothing is lost then, because packages that are not reinstalled stay on the list; if the restart
    is
    refused, the run continues. When the server shuts down, the run is canceled: pip may finish the current package within
    seconds, and interrupted installations are removed before the next attempt.
    """

    allow_automatic = Bool(
        default_value=False,
        help="Whether users may have packages reinstalled automatically after each boot. The setting and the lists are files "
        "on the volume, which an unpacked archive may have brought.",
    ).tag(config=True)

    def __init__(self, kernel_specs: Any, context: InstanceContext, **kwargs: Any) -> None:
        """Create the manager. Call :meth:`start` to begin.

        Args:
            kernel_specs: jupyter_server's manager of kernel specifications.
            context: journal, state document and clocks of the instance.
            **kwargs: traits, and the ``parent`` whose configuration applies.
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

    @property
    def _is_automatic(self) -> bool:
        """Whether packages are reinstalled automatically: the user has chosen it, and an administrator allows it."""
        return self.allow_automatic and self._preferences.automatic

    def start(self) -> None:
        """Scan the environments in the background, and begin an automatic run if it is enabled."""
        self._loop = asyncio.get_running_loop()
        self._starting = asyncio.create_task(self._start())

    def refresh(self) -> list[AddedSinceBoot]:
        """Return what was installed since the boot and would be lost; update lists and state. Runs in a thread."""
        found = self._candidates.refresh()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._publish)
        return found

    def save(self) -> None:
        """Update the lists on the volume right before a stop. Runs in a thread; never raises."""
        try:
            self.refresh()
        except Exception:  # unsaved documents are more important
            self.log.exception("Could not update the lists of packages that you installed")

    async def reinstall(self, by: str, *, automatic: bool | None = None) -> bool:
        """Begin a run in the background; return ``False`` if one is in progress.

        Args:
            by: display name of the user.
            automatic: whether to reinstall automatically after each boot; ``None`` leaves the setting unchanged.

        Raises:
            Conflict: an administrator has not allowed automatic runs.
            OSError: the preference could not be saved.
        """
        self._check_automatic(automatic=automatic)
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
        """Set whether packages are reinstalled automatically after each boot. Neither begins nor ends a run.

        Args:
            automatic: the new setting.

        Raises:
            Conflict: an administrator has not allowed automatic runs.
            OSError: the preference could not be saved.
        """
        self._check_automatic(automatic=automatic)
        async with self._change_lock:
            await self._save_preferences(replace(self._preferences, automatic=automatic))
            self._publish()

    async def cancel_or_dismiss(self) -> None:
        """Cancel the run in progress; without one, dismiss the available packages."""
        async with self._change_lock:
            if self.is_running:
                await self._cancel_run()
            else:
                await asyncio.to_thread(self._candidates.dismiss)
            self._publish()

    async def close(self) -> None:
        """Stop when the server shuts down. Available packages stay on the volume."""
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
                if self._is_automatic and not has_run and self._candidates.pending() and not self.is_running:
                    # Saved first, so that it runs once per boot even if the run crashes this server.
                    await self._save_preferences(replace(self._preferences, last_automatic_run=boot))
                    self._begin_run("automatic")
                    self._publish()
        except Exception:  # Jupyter and the rest of the extension continue
            self.log.exception("Could not find the packages to reinstall")

    def _check_automatic(self, *, automatic: bool | None) -> None:
        if automatic and not self.allow_automatic:
            raise Conflict("automatic-not-allowed", "PackageReinstaller.allow_automatic does not allow automatic runs")

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
        except Exception:  # the packages stay available
            self.log.exception("Could not reinstall packages")
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
        automatic = self._is_automatic if self.allow_automatic else None
        packages = {"phase": part["phase"], "automatic": automatic, "environments": part["environments"]}
        self._context.state.update(packages=packages)
