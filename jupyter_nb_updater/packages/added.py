"""What somebody has added since the boot, by environment."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..util.clock import from_text, to_text
from . import metadata as reading
from .environments import Environment, Environments
from .package import Package, added_packages, name_in

BASELINE_FORMAT = 1
SKEW = timedelta(minutes=1)
"""Linux works the boot time out anew at each reading, and it moves when the clock is set."""
MAX_BASELINE_BYTES = 5 * 2**20
"""Bytes of the file. Ten environments of 500 packages that pip and conda both know take 300 KB."""


class BootId(NamedTuple):
    """One boot of the machine: the kernel's name for it, and when it was, as far as they are known."""

    id: str | None
    at: datetime | None

    @property
    def is_known(self) -> bool:
        """Whether it can be told from others."""
        return self.id is not None or self.at is not None

    def is_same(self, other: BootId) -> bool:
        """Whether two are one. By the names where both have one: two boots of a fast machine may be a minute apart."""
        if self.id is not None and other.id is not None:
            return self.id == other.id
        return self.at is not None and other.at is not None and abs(self.at - other.at) < SKEW

    def to_json(self) -> dict[str, str | None]:
        """As files on the volume have it."""
        return {"id": self.id, "at": to_text(self.at)}

    @classmethod
    def from_json(cls, content: Any) -> BootId:
        """The other way round.

        Raises:
            ValueError, TypeError, KeyError: it is not of that form.
        """
        name, at = content["id"], content["at"]
        return cls(None if name is None else str(name), from_text(at))


@dataclass(frozen=True)
class Baseline:
    """All environments at one moment.

    Args:
        boot: after which.
        taken: when.
        environments: path to entries.
        is_kept: whether a later server of this boot will find it again.
    """

    boot: BootId
    taken: datetime
    environments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_kept: bool = True


def load_baseline(path: Path, boot: BootId) -> Baseline | None:
    """The one of this boot; ``None`` if there is none that can be read."""
    try:
        if path.stat().st_size > MAX_BASELINE_BYTES:
            return None
        content = json.loads(path.read_text("utf-8"))
        taken = from_text(content["taken"])
        if content["format"] != BASELINE_FORMAT or taken is None or not BootId.from_json(content["boot"]).is_same(boot):
            return None
        environments = {str(name): frozenset(map(str, entries)) for name, entries in content["environments"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Baseline(boot, taken, environments)


def save_baseline(path: Path, baseline: Baseline) -> bool:
    """Write it, whole or not at all; whether that worked. One of a boot that nobody can name again is not worth it."""
    if not baseline.boot.is_known:
        return False
    environments = {name: sorted(entries) for name, entries in baseline.environments.items()}
    content = {
        "format": BASELINE_FORMAT,
        "boot": baseline.boot.to_json(),
        "taken": to_text(baseline.taken),
        "environments": environments,
    }
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
        fresh.replace(path)
    except OSError:
        return False
    return True


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
        found = load_baseline(self._path, boot)
        if found is None:
            taken = self._now()
            entries = {
                str(environment.path): frozenset(reading.installed_entries(environment.path))
                for environment in self._bounded(self._environments.list(), self.first_seconds)
            }
            found = Baseline(boot, taken, entries)
            found = Baseline(boot, taken, entries, is_kept=save_baseline(self._path, found))
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
