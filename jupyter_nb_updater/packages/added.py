"""What somebody has added since the boot, by environment."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from . import baseline, reading
from .baseline import Baseline, BootId
from .difference import added_packages
from .environments import Environment, Environments
from .package import Package, name_in


@dataclass(frozen=True)
class EnvironmentScan:
    """One environment at one moment.

    Args:
        environment: which.
        packages: that were added.
        found: all entries, and where the metadata of each is.
        before: the entries that the image had; ``None`` where nobody knows.
    """

    environment: Environment
    packages: tuple[Package, ...] = ()
    found: dict[str, str] = field(default_factory=dict)
    before: frozenset[str] | None = None


class AddedPackages(LoggingConfigurable):
    """Reads metadata, a bounded time. Its looks belong into a thread, one at a time."""

    first_seconds = Float(
        20.0,
        help="After so many seconds the first look after a boot ends: a disk that was just made is slow. Environments that it "
        "did not see are judged by dates.",
    ).tag(config=True)
    max_seconds = Float(2.0, help="The same of each later look; environments that it did not come to are left out.").tag(
        config=True
    )

    def __init__(
        self, environments: Environments, path: Path, boot: Callable[[], BootId], now: Callable[[], datetime], **kwargs: Any
    ) -> None:
        """Args: where to look; where on the volume the baseline is kept; which boot this is; the wall clock."""
        super().__init__(**kwargs)
        self._environments, self._path, self._boot, self._now = environments, path, boot, now
        self._baseline: Baseline | None = None

    def begin(self) -> Baseline:
        """Take the baseline of this boot, or find it again."""
        boot = self._boot()
        found = baseline.load_baseline(self._path, boot)
        if found is None:
            taken = self._now()
            entries = {
                str(environment.path): frozenset(reading.installed_entries(environment.path))
                for environment in self._bounded(self._environments.list(), self.first_seconds)
            }
            found = Baseline(boot, taken, entries)
            found = Baseline(boot, taken, entries, is_kept=baseline.save_baseline(self._path, found))
        self._baseline = found
        return found

    def look(self, also: Iterable[Path] = ()) -> list[EnvironmentScan]:
        """Every environment, with what was added to it.

        Args:
            also: environments that are on a list.
        """
        before = self._baseline or self.begin()
        return [self._at(environment, before) for environment in self._bounded(self._environments.list(also), self.max_seconds)]

    def clear(self, environment: Environment, names: Collection[str]) -> None:
        """Take away what is left of installations that were cut off: pip would take the package for installed.

        Args:
            environment: where.
            names: of packages that somebody wants to have back. What the image brought is never touched.
        """
        image = (self._baseline or self.begin()).environments.get(str(environment.path), ())
        for entry, path in reading.installed_entries(environment.path).items():
            if name_in(entry) in names and entry not in image and not reading.is_complete(path):
                shutil.rmtree(path, ignore_errors=True)

    def _at(self, environment: Environment, before: Baseline) -> EnvironmentScan:
        found = reading.installed_entries(environment.path)
        image = before.environments.get(str(environment.path))
        new = added_packages(image, found) if image is not None else self._by_date(found, before.taken)
        packages = (reading.package(entry, found[entry]) for entry in new)
        return EnvironmentScan(environment, tuple(package for package in packages if package), found, image)

    @staticmethod
    def _by_date(found: dict[str, str], taken: datetime) -> list[str]:
        since = taken.timestamp()
        return added_packages((), [entry for entry, path in found.items() if reading.changed(path) > since])

    def _bounded(self, environments: list[Environment], seconds: float) -> Iterable[Environment]:
        until = time.monotonic() + seconds
        for environment in environments:
            if time.monotonic() > until:
                self.log.warning("Not all environments could be looked into within %.0f s", seconds)
                return
            yield environment
