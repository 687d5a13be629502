"""One run of pip over all environments: all packages together, then each missing one, to attribute failures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from .candidates import Candidates, PackageStatus
from .environments import Environment
from .package import Package
from .pip import Pip, PipFailed, names_in

Pending = Sequence[tuple[Environment, list[Package]]]


class ReinstallRun:
    """Install packages within a time limit. The result is what is installed afterwards, whatever pip reports."""

    def __init__(self, pip: Pip, candidates: Candidates, on_change: Callable[[], None]) -> None:
        """Create a run. Call :meth:`queue`, then :meth:`install`.

        Args:
            pip: runs pip, and has the time limits.
            candidates: knows which packages are installed, and receives the progress.
            on_change: called on the event loop when the status of a package has changed.
        """
        self._pip, self._candidates, self._on_change = pip, candidates, on_change
        self._progress = candidates.progress
        self._until = time.monotonic() + pip.run_seconds
        self._pending: Pending = ()

    def queue(self, pending: Pending) -> None:
        """Set what to install, and mark it as queued.

        Args:
            pending: packages by environment.
        """
        self._pending = pending
        for environment, packages in pending:
            for package in packages:
                self._progress.failed.pop((str(environment.path), package.name), None)
                self._progress.working[str(environment.path), package.name] = "queued"

    async def install(self, fds: tuple[int, ...]) -> None:
        """Install the packages of one environment after the other.

        Args:
            fds: file descriptors that pip inherits, so that a lock is held while it runs.
        """
        for environment, packages in self._pending:
            await asyncio.to_thread(self._candidates.remove_partial_installs, environment, packages)
            await self._install_in(environment, packages, fds)

    async def _install_in(self, environment: Environment, packages: list[Package], fds: tuple[int, ...]) -> None:
        path = str(environment.path)
        failure = await self._try(environment, packages, fds)
        missing = [package for package in packages if self._candidates.is_missing(path, package)]
        self._finish(path, [package for package in packages if package not in missing])
        for package in missing:
            if len(packages) > 1:
                self._progress.working[path, package.name] = "running"
                self._on_change()
                failure = await self._try(environment, [package], fds)
            if self._candidates.is_missing(path, package):
                self._progress.failed[path, package.name] = failure
            self._finish(path, [package])

    async def _try(self, environment: Environment, packages: list[Package], fds: tuple[int, ...]) -> PackageStatus:
        """Install packages with pip, and return the status of those that are still missing afterwards."""
        path = str(environment.path)
        keys = {package.name: (path, package.name) for package in packages}

        def on_line(line: str) -> None:
            running = [keys[name] for name in names_in(line) if name in keys]
            self._progress.working.update(dict.fromkeys(running, "running"))
            if running:
                self._on_change()

        failure = PackageStatus("failed", "incomplete")
        seconds = min(self._pip.package_seconds * len(packages), self._until - time.monotonic())
        if seconds <= 0:
            return PackageStatus("failed", "timeout", f"{self._pip.run_seconds:.0f}")
        try:
            self._progress.tried.update(keys.values())
            requirements = [package.requirement for package in packages]
            await self._pip.install(environment.python, requirements, seconds, on_line, fds)
        except PipFailed as error:
            failure = PackageStatus("failed", error.code, error.detail)
        await asyncio.to_thread(self._candidates.refresh)
        return failure

    def _finish(self, path: str, packages: list[Package]) -> None:
        for package in packages:
            self._progress.working.pop((path, package.name), None)
        self._on_change()
