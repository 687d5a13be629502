"""One run of pip over all environments: together where that works, else one by one, so that each failure is named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from .candidates import Candidates, PackageStatus
from .environments import Environment
from .package import Package
from .pip import Pip, PipFailed, names_in


class ReinstallRun:
    """Bounded as a whole and for each package. What is there afterwards is what was seen, not what pip said."""

    def __init__(
        self, pip: Pip, offers: Candidates, look: Callable[[], Awaitable[object]], changed: Callable[[], None]
    ) -> None:
        """Args: what it works with; sees what is there; is called when a package stands differently."""
        self._pip, self._offers, self._look, self._changed = pip, offers, look, changed
        self._course = offers.course
        self._until = time.monotonic() + pip.run_seconds

    def expect(self, orders: Sequence[tuple[Environment, list[Package]]]) -> None:
        """What to put back where."""
        self._orders = orders
        for environment, packages in orders:
            for package in packages:
                self._course.failed.pop((str(environment.path), package.name), None)
                self._course.working[str(environment.path), package.name] = "waiting"

    async def go(self, held: tuple[int, ...]) -> None:
        """Every environment, one after the other; ``held``: descriptors for pip to hold."""
        self._held = held
        for environment, packages in self._orders:
            await asyncio.to_thread(self._offers.clear, environment, packages)
            await self._at(environment, packages)

    async def _at(self, environment: Environment, packages: list[Package]) -> None:
        path = str(environment.path)
        failure = await self._try(environment, packages)
        left = [package for package in packages if self._offers.is_missing(path, package)]
        self._end(path, [package for package in packages if package not in left])
        for package in left:
            if len(packages) > 1:
                self._course.working[path, package.name] = "running"
                self._changed()
                failure = await self._try(environment, [package])
            if self._offers.is_missing(path, package):
                self._course.failed[path, package.name] = failure
            self._end(path, [package])

    async def _try(self, environment: Environment, packages: list[Package]) -> PackageStatus:
        """Have pip install them, look, and say what those have failed with that are not there."""
        path = str(environment.path)
        keys = {package.name: (path, package.name) for package in packages}

        def said(line: str) -> None:
            at_work = [keys[name] for name in names_in(line) if name in keys]
            self._course.working.update(dict.fromkeys(at_work, "running"))
            if at_work:
                self._changed()

        failure = PackageStatus("failed", "incomplete")
        seconds = min(self._pip.package_seconds * len(packages), self._until - time.monotonic())
        if seconds <= 0:
            return PackageStatus("failed", "timeout", f"{self._pip.run_seconds:.0f}")
        try:
            self._course.tried.update(keys.values())
            await self._pip.install(
                environment.python, [package.requirement for package in packages], seconds, said, self._held
            )
        except PipFailed as error:
            failure = PackageStatus("failed", error.code, error.detail)
        await self._look()
        return failure

    def _end(self, path: str, packages: list[Package]) -> None:
        for package in packages:
            self._course.working.pop((path, package.name), None)
        self._changed()
