"""The inventory of everything that a restart destroys. Running work is listed every time, the disk only at intervals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.context import InstanceContext
from ..packages.candidates import AddedSinceBoot
from ..packages.reinstaller import PackageReinstaller
from ..restore.manager import SessionRestore
from ..util import subprocess
from ..util.tasks import cancel_all
from .command_line import one_line
from .cron import ScheduledJobs
from .files import ChangedFiles, FirstSeen
from .kernels import Kernel, Kernels
from .loss import Loss, loss
from .proc import read_processes
from .processes import AccountedFor, BackgroundProcesses
from .terminals import Terminal, Terminals, terminal_losses

MAX_PACKAGE_LIST_CHARS = 300

LossList = list[Loss]  # inside the class, `list` is its method


class LossInventory(LoggingConfigurable):
    """List everything that is lost. A failure to list running work is an error; everything else is listed as far as known."""

    disk_interval_seconds = Float(
        20.0,
        min=0.0,
        help="Interval in seconds for scanning files, packages and scheduled jobs; within it the last result is reused.",
    ).tag(config=True)
    disk_timeout_seconds = Float(
        5.0,
        min=0.0,
        help="Timeout in seconds for scanning files, packages and scheduled jobs. After it, the last result is used.",
    ).tag(config=True)

    def __init__(
        self,
        *,
        kernels: Kernels,
        terminals: Terminals,
        packages: PackageReinstaller,
        restore: SessionRestore,
        context: InstanceContext,
        **kwargs: Any,
    ) -> None:
        """Create the inventory.

        Args:
            kernels: the kernels of this server.
            terminals: the terminals of this server.
            packages: knows which packages the user installed.
            restore: knows which files outside the volume are restored, and therefore not lost.
            context: boot time, wall clock, and our folder on the volume. Its parent folder survives a restart.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._kernels, self._terminals, self._packages, self._restore = kernels, terminals, packages, restore
        self._context, self._clock = context, context.system_clock
        self._processes = BackgroundProcesses(parent=self)
        self._schedules, self._files = ScheduledJobs(parent=self), ChangedFiles(parent=self)
        folder = Path(context.journal.directory)
        self._volume = folder.parent
        self._first_seen = FirstSeen(folder / "boot.json", self._clock.now(), self.log)
        self._on_disk: dict[str, LossList] = {}
        self._disk_scan: asyncio.Task[None] | None = None
        self._scanned_at: datetime | None = None

    async def list(self) -> LossList:
        """List everything that a restart would destroy now: kernels, terminals, processes, scheduled jobs, files, packages.

        Raises:
            Exception: running work could not be listed, which never means that nothing is running.
        """
        kernels, terminals = await self._kernels.list_running(), self._terminals.list_open()
        running, _ = await asyncio.gather(asyncio.to_thread(self._list_running, kernels, terminals), self._update_disk())
        return [*running, *(loss for losses in self._on_disk.values() for loss in losses)]

    async def close(self) -> None:
        """Cancel a scan of the disk when the server shuts down."""
        await cancel_all([self._disk_scan])

    def _list_running(self, kernels: Iterable[Kernel], terminals: Iterable[Terminal]) -> LossList:
        table = read_processes()
        accounted_for = AccountedFor(
            kernels={kernel.pid: kernel.busy for kernel in kernels if kernel.pid is not None},
            shells={terminal.shell for terminal in terminals},
            foregrounds={terminal.foreground for terminal in terminals if terminal.foreground},
            ours=subprocess.running(),
        )
        return [
            *(kernel.to_loss(table) for kernel in kernels),
            *terminal_losses(terminals, table, self._processes.ignored_programs),
            *self._processes.losses(table, accounted_for, self._clock.now().timestamp()),
        ]

    async def _update_disk(self) -> None:
        """Scan the disk again if the interval has passed, and wait a limited time for the result.

        Only one scan runs at a time.
        """
        if self._disk_scan is None or self._disk_scan.done():
            now = self._clock.now()
            if self._scanned_at is not None and (now - self._scanned_at).total_seconds() < self.disk_interval_seconds:
                return
            self._scanned_at = now
            self._disk_scan = asyncio.create_task(self._scan_disk())
        _, late = await asyncio.wait({self._disk_scan}, timeout=self.disk_timeout_seconds)
        if late:
            self.log.warning(
                "Scanning files, packages and scheduled jobs took longer than %.0f s; using the last result",
                self.disk_timeout_seconds,
            )

    async def _scan_disk(self) -> None:
        since = await asyncio.to_thread(self._new_since)
        await self._scan("schedule", self._schedules.losses)
        await self._scan("files", lambda: self._files.losses(since, self._volume, self._restore.restored_paths()))
        await self._scan("packages", lambda: package_losses(self._packages.refresh()))

    def _new_since(self) -> datetime:
        return self._first_seen.read(self._context.booted(), self._clock.now())

    async def _scan(self, kind: str, find: Callable[[], LossList]) -> None:
        try:
            self._on_disk[kind] = await asyncio.to_thread(find)
        except Exception:  # one failure must not hide the other kinds
            self.log.exception("Could not list losses of the kind %s", kind)
            self._on_disk.pop(kind, None)


def package_losses(added: Iterable[AddedSinceBoot]) -> list[Loss]:
    """Return a loss for each environment in which the user installed packages.

    Args:
        added: environments, with the packages that were installed since the boot.
    """
    return [
        _package_loss(environment.name, {package.name: package.version for package in packages})
        for environment, packages in added
    ]


def _package_loss(environment: str, versions: dict[str, str]) -> Loss:
    packages = ", ".join(" ".join(pair) for pair in sorted(versions.items()))
    return loss("packages", environment, environment, one_line([packages], MAX_PACKAGE_LIST_CHARS), size=len(versions))
