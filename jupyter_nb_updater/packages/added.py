"""Find the packages that the user installed since the boot, by comparing each environment with a baseline."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.context import InstanceContext
from ..util.clock import from_text, to_text
from ..util.files import atomic_write, read_json
from . import metadata
from .environments import Environment, Environments
from .package import Package, added_packages, name_in

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

BASELINE_FORMAT = 1
MAX_BOOT_TIME_SKEW = timedelta(minutes=1)
"""Tolerance for the same boot: Linux recomputes the boot time at each reading, and setting the clock moves it."""


class BootId(NamedTuple):
    """Identity of a boot.

    Args:
        id: the kernel's id of the boot; ``None`` if unknown.
        at: time of the boot; ``None`` if unknown.
    """

    id: str | None
    at: datetime | None

    @property
    def is_known(self) -> bool:
        """Whether the boot can be distinguished from others."""
        return self.id is not None or self.at is not None

    def is_same(self, other: BootId) -> bool:
        """Check whether two are the same boot. Compares ids if both are known, because a fast machine boots twice a minute."""
        if self.id is not None and other.id is not None:
            return self.id == other.id
        return self.at is not None and other.at is not None and abs(self.at - other.at) < MAX_BOOT_TIME_SKEW

    def to_json(self) -> dict[str, str | None]:
        """Return the boot in the format of files on the volume."""
        return {"id": self.id, "at": to_text(self.at)}

    @classmethod
    def from_json(cls, content: Any) -> BootId:
        """Parse a boot in a file.

        Raises:
            ValueError, TypeError, KeyError: the format is invalid.
        """
        name, at = content["id"], content["at"]
        return cls(None if name is None else str(name), from_text(at))


def current_boot(context: InstanceContext) -> BootId:
    """Return the current boot of the machine."""
    return BootId(context.boot_clock.read_id(), context.booted())


@dataclass(frozen=True)
class Baseline:
    """The packages of all environments right after a boot.

    Args:
        boot: the boot.
        taken: time at which the baseline was taken.
        environments: entries by path of the environment.
        is_saved: whether a later server process of this boot can read it.
    """

    boot: BootId
    taken: datetime
    environments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_saved: bool = True


def load_baseline(path: Path, boot: BootId, log: Logger | LoggerAdapter[Any]) -> Baseline | None:
    """Read the baseline of this boot; ``None`` if there is none that can be used.

    Args:
        path: path of ``baseline.json``.
        boot: the current boot.
        log: receives a warning about a file that cannot be used.
    """
    content = read_json(path, BASELINE_FORMAT, log)
    if content is None:
        return None
    try:
        taken = from_text(content["taken"])
        if taken is None or not BootId.from_json(content["boot"]).is_same(boot):
            return None
        environments = {str(name): frozenset(map(str, entries)) for name, entries in content["environments"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("Ignoring %s: %r", path, error)
        return None
    return Baseline(boot, taken, environments)


def save_baseline(path: Path, baseline: Baseline) -> bool:
    """Save a baseline; return whether that succeeded. It is not saved if the boot cannot be identified later."""
    if not baseline.boot.is_known:
        return False
    environments = {name: sorted(entries) for name, entries in baseline.environments.items()}
    content = {
        "format": BASELINE_FORMAT,
        "boot": baseline.boot.to_json(),
        "taken": to_text(baseline.taken),
        "environments": environments,
    }
    try:
        atomic_write(path, json.dumps(content, separators=(",", ":")))
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class EnvironmentScan:
    """The content of one environment.

    Args:
        environment: the environment.
        packages: packages that the user installed.
        found: path of the metadata by entry.
        before: entries of the image; ``None`` if unknown.
    """

    environment: Environment
    packages: tuple[Package, ...] = ()
    found: dict[str, str] = field(default_factory=dict)
    before: frozenset[str] | None = None


class AddedPackages(LoggingConfigurable):
    """Read the metadata of all environments within a time limit. Scans run in a thread, one at a time."""

    baseline_seconds = Float(
        20.0,
        help="Time limit in seconds for the first scan after a boot, when the new disk is slow. In environments it does not "
        "reach, installation dates decide which packages you installed.",
    ).tag(config=True)
    scan_seconds = Float(
        2.0, help="Time limit in seconds for each later scan. Environments that it does not reach are skipped."
    ).tag(config=True)

    def __init__(self, environments: Environments, path: Path, context: InstanceContext, **kwargs: Any) -> None:
        """Create the scanner. Call :meth:`take_baseline` first.

        Args:
            environments: finds the environments.
            path: path of the baseline on the volume.
            context: clocks of the instance.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._environments, self._path, self._context = environments, path, context
        self._baseline: Baseline | None = None

    def take_baseline(self) -> Baseline:
        """Take the baseline of this boot, or read it if an earlier server process of this boot has saved it."""
        boot = current_boot(self._context)
        found = load_baseline(self._path, boot, self.log)
        if found is None:
            taken = self._context.system_clock.now()
            entries = {
                str(environment.path): frozenset(metadata.installed_entries(environment.path))
                for environment in self._bounded(self._environments.list(), self.baseline_seconds)
            }
            found = Baseline(boot, taken, entries)
            found = replace(found, is_saved=save_baseline(self._path, found))
        self._baseline = found
        return found

    def scan(self) -> list[EnvironmentScan]:
        """Return the content of every environment, with the packages that the user installed."""
        before = self._baseline or self.take_baseline()
        return [self._scan(environment, before) for environment in self._bounded(self._environments.list(), self.scan_seconds)]

    def remove_partial_installs(self, environment: Environment, names: Collection[str]) -> None:
        """Remove what interrupted installations left behind, which pip would mistake for installed packages.

        Args:
            environment: the environment.
            names: names of packages to reinstall. Packages of the image are never touched.
        """
        image = (self._baseline or self.take_baseline()).environments.get(str(environment.path), ())
        for entry, path in metadata.installed_entries(environment.path).items():
            if name_in(entry) in names and entry not in image and not metadata.is_complete(path):
                shutil.rmtree(path, ignore_errors=True)

    def _scan(self, environment: Environment, before: Baseline) -> EnvironmentScan:
        found = metadata.installed_entries(environment.path)
        image = before.environments.get(str(environment.path))
        new = added_packages(image, found) if image is not None else self._by_date(found, before.taken)
        packages = (metadata.package(entry, found[entry]) for entry in new)
        return EnvironmentScan(environment, tuple(package for package in packages if package), found, image)

    @staticmethod
    def _by_date(found: dict[str, str], taken: datetime) -> list[str]:
        since = taken.timestamp()
        return added_packages((), [entry for entry, path in found.items() if metadata.changed_at(path) > since])

    def _bounded(self, environments: list[Environment], seconds: float) -> Iterable[Environment]:
        until = time.monotonic() + seconds
        for environment in environments:
            if time.monotonic() > until:
                self.log.warning("Not all environments could be scanned within %.0f s; the others are skipped", seconds)
                return
            yield environment
