"""The door to everything that a restart destroys: what runs is looked up afresh, what lies on the disk at times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..packages.candidates import AddedSinceBoot
from ..util.tasks import cancel_all
from . import proc, terminals
from .cron import ScheduledJobs
from .files import ChangedFiles
from .first_seen import FirstSeen
from .kernels import Kernel, Kernels
from .loss import Loss, busy, loss
from .processes import AccountedFor, BackgroundProcesses
from .terminals import Terminal, Terminals

LONGEST = 300


def package_losses(added: Iterable[AddedSinceBoot]) -> list[Loss]:
    """The environments that something was added to, and what. Pure."""
    return [
        _package_loss(environment.name, {package.name: package.version for package in packages})
        for environment, packages in added
    ]


def _package_loss(name: str, versions: dict[str, str]) -> Loss:
    text = ", ".join(" ".join(pair) for pair in sorted(versions.items()))
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return loss("packages", name, name, text, size=len(versions))


__all__ = ["Loss", "LossInventory", "busy"]

AllLosses = list[Loss]  # inside the class, `list` is its method


class LossInventory(LoggingConfigurable):
    """Names everything that is lost. What runs must be seen, or there is no answer; the rest is told as far as it is known."""

    slow_seconds = Float(20.0, help="Seconds for which a look at files, packages and schedules is good enough.").tag(
        config=True
    )
    limit_seconds = Float(5.0, help="Seconds to wait for such a look; after them, what the one before it saw is told.").tag(
        config=True
    )

    def __init__(
        self,
        *,
        kernels: Kernels,
        terminal_manager: Any,
        packages: Callable[[], Iterable[AddedSinceBoot]],
        ours: Callable[[], Collection[int]] = tuple,
        store: Path,
        booted: Callable[[], datetime | None],
        now: Callable[[], datetime],
        kept: Callable[[], Iterable[str]] = tuple,
        **kwargs: Any,
    ) -> None:
        """Where everything is seen.

        Args:
            kernels: of this server.
            terminal_manager: of jupyter_server_terminals, or ``None``.
            packages: tells, in a thread, what was added to which environment.
            ours: process numbers of what we run ourselves, which is nobody's work.
            store: our folder on the volume. The folder that it is in is what survives.
            booted: tells when the machine was.
            now: the wall clock.
            kept: tells which paths in the home folder come back, so that they are no loss.
            **kwargs: ``parent``, whose configuration this and its parts get.
        """
        super().__init__(**kwargs)
        self._kernels, self._terminals, self._processes = kernels, Terminals(terminal_manager), BackgroundProcesses(parent=self)
        self._schedules, self._files = ScheduledJobs(parent=self), ChangedFiles(parent=self)
        self._packages, self._ours = packages, ours
        self._volume, self._booted, self._now, self._kept = store.parent, booted, now, kept
        self._first_look = FirstSeen(store / "boot.json", now())
        self._seen: dict[str, AllLosses] = {}
        self._look: asyncio.Task[None] | None = None
        self._looked: datetime | None = None

    async def list(self) -> AllLosses:
        """Everything that a restart would destroy now: kernels, terminals, processes, schedules, files, packages.

        Raises:
            Exception: what runs could not be seen, for whatever reason. That is never "nothing runs".
        """
        kernels, shells = await self._kernels.running(), self._terminals.open()
        running, _ = await asyncio.gather(asyncio.to_thread(self._running, kernels, shells), self._refresh())
        return [*running, *(loss for part in self._seen.values() for loss in part)]

    async def close(self) -> None:
        """The server ends: wait for nothing."""
        await cancel_all([self._look])

    def _running(self, kernels: Iterable[Kernel], shells: Iterable[Terminal]) -> AllLosses:
        table = proc.read_processes()
        covered = AccountedFor(
            kernels={kernel.pid: kernel.busy for kernel in kernels if kernel.pid is not None},
            shells={shell.shell for shell in shells},
            foregrounds={shell.foreground for shell in shells if shell.foreground},
            ours=self._ours(),
        )
        return [
            *(kernel.loss(table) for kernel in kernels),
            *terminals.losses(shells, table, self._processes.overlooked),
            *self._processes.losses(table, covered, self._now().timestamp()),
        ]

    async def _refresh(self) -> None:
        """Look at the disk again if it is time, and wait a bounded time for what is seen. One look at a time."""
        if self._look is None or self._look.done():
            if self._looked is not None and (self._now() - self._looked).total_seconds() < self.slow_seconds:
                return
            self._looked = self._now()
            self._look = asyncio.create_task(self._look_at_disk())
        _, late = await asyncio.wait({self._look}, timeout=self.limit_seconds)
        if late:
            self.log.warning("Files, packages and schedules were not seen within %.0f s", self.limit_seconds)

    async def _look_at_disk(self) -> None:
        since = await asyncio.to_thread(lambda: self._first_look.read(self._booted(), self._now()))
        await self._part("schedule", self._schedules.losses)
        await self._part("files", lambda: self._files.losses(since, self._volume, self._kept()))
        await self._part("packages", lambda: package_losses(self._packages()))

    async def _part(self, kind: str, look: Callable[[], AllLosses]) -> None:
        try:
            self._seen[kind] = await asyncio.to_thread(look)
        except Exception:  # one that cannot be seen must not hide the others
            self.log.exception("Losses of the kind %s cannot be told", kind)
            self._seen.pop(kind, None)
