"""What is on the lists and not there, and what was added since: looked at together, because one becomes the other."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from traitlets.config import LoggingConfigurable

from .added import AddedPackages, EnvironmentScan
from .environments import Environment, name_of
from .metadata import is_complete
from .package import Package, is_satisfied, name_in, normalized
from .requirements import ListedPackage, PackageLists, together

State = Literal["offered", "waiting", "running", "back", "there", "failed"]
Key = tuple[str, str]
"""Path of the environment, and name of the package."""

AGAIN = {"pip", "timeout", "incomplete"}
"""Why one is not back, and may be the next time."""


@dataclass(frozen=True)
class PackageStatus:
    """How one stands: what became of it, and where it did not, why."""

    state: State
    code: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class EnvironmentState:
    """What there is of an environment now.

    Args:
        environment: itself; ``None`` when it is gone.
        entries: what is in it, and whole.
        added: names of what somebody has added to it since the boot.
        gone: names of packages whose path on this machine is not there any more.
        has_python: whether it has an interpreter.
    """

    environment: Environment | None = None
    entries: Collection[str] = ()
    added: Collection[str] = ()
    gone: Collection[str] = ()
    has_python: bool = True


@dataclass
class RunProgress:
    """What runs, and what came of it: of each package by its key.

    Args:
        working: what waits or is at work.
        failed: what pip could not do, with code and detail.
        tried: what pip was asked for.
    """

    working: dict[Key, State] = field(default_factory=dict)
    failed: dict[Key, PackageStatus] = field(default_factory=dict)
    tried: set[Key] = field(default_factory=set)


def package_status(package: Package, path: str, around: EnvironmentState, course: RunProgress) -> PackageStatus:
    """How a package of the environment at ``path`` stands."""
    key = (path, package.name)
    if key in course.working:
        return PackageStatus(course.working[key])
    if is_satisfied(package, around.entries):
        return PackageStatus("back" if key in course.tried else "there")
    if package.name in around.added and key not in course.tried:
        return PackageStatus("there")  # in an older version, which somebody has chosen meanwhile
    return _obstacle(package, path, around) or course.failed.get(key, PackageStatus("offered"))


def _obstacle(package: Package, path: str, around: EnvironmentState) -> PackageStatus | None:
    """Why pip is not even asked."""
    obstacles = (
        (around.environment is None, "environment-gone", path),
        (around.environment is not None and around.environment.is_system, "system-environment", ""),
        (package.by == "conda", "conda", f"conda install --prefix {shlex.quote(path)} {package.requirement}"),
        (not around.has_python, "no-python", path),
        (package.name in around.gone, "path-gone", str(package.path)),
    )
    return next((PackageStatus("failed", code, detail) for is_so, code, detail in obstacles if is_so), None)


def phase(standings: Iterable[PackageStatus], *, is_running: bool) -> str:
    """Of all together, as the state document has it."""
    states = {package_status.state for package_status in standings}
    return "running" if is_running else "offered" if "offered" in states else "done" if states else "none"


def status_json(package: Package, package_status: PackageStatus) -> dict[str, Any]:
    """One package as the state document has it. Where it is from may be a secret."""
    return {
        "name": package.name,
        "version": package.version,
        "by": package.by,
        "state": package_status.state,
        "code": package_status.code,
        "detail": package_status.detail,
    }


class AddedSinceBoot(NamedTuple):
    """What was added to one environment."""

    environment: Environment
    packages: tuple[Package, ...]


class Candidates(LoggingConfigurable):
    """What the last boot left on the volume is offered until it is there, or nobody wants it; until then it stays on the list.

    A look belongs into a thread; everything else only goes by what the last one saw.
    """

    def __init__(self, added: AddedPackages, lists: PackageLists, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._added, self._lists = added, lists
        self._one_look = threading.Lock()
        self._offered: dict[str, tuple[Package, ...]] | None = None
        self._withdrawn: dict[str, tuple[Package, ...]] = {}
        self._around: dict[str, EnvironmentState] = {}
        self._settled: dict[Key, PackageStatus] = {}
        self.course = RunProgress()

    def look(self) -> list[AddedSinceBoot]:
        """See what was added, bring the lists up to date, and see what of the offer is there."""
        with self._one_look:
            if self._offered is None:
                self._open()
            return self._look()

    def clear(self, environment: Environment, packages: Iterable[Package]) -> None:
        """Before pip runs there: what it has left half done."""
        with self._one_look:
            self._added.clear(environment, {package.name for package in packages})

    def withdraw(self) -> None:
        """Nobody wants what is left. It stays on the list, as a comment. Belongs into a thread."""
        with self._one_look:
            if self._offered is None:
                self._open()
            for path, packages in (self._offered or {}).items():
                left = [package for package in packages if (path, package.name) not in self._settled]
                self._withdrawn[path] = together(left, self._withdrawn.get(path, ()))
            self._offered = {}
            self._look()

    def is_missing(self, path: str, package: Package) -> bool:
        """Whether the last look did not see it."""
        return not is_satisfied(package, self._around[path].entries)

    def orders(self) -> list[tuple[Environment, list[Package]]]:
        """What pip can put back, by environment."""
        found: dict[str, list[Package]] = {}
        for path, package, standing in self._standings():
            if standing.state == "offered" or standing.code in AGAIN:
                found.setdefault(path, []).append(package)
        around = ((self._around[path].environment, packages) for path, packages in found.items())
        return [(environment, packages) for environment, packages in around if environment]

    def to_json(self, *, is_running: bool) -> dict[str, Any]:
        """As the state document has it."""
        by_environment: dict[str, list[dict[str, Any]]] = {}
        standings = self._standings()
        for path, package, standing in standings:
            environment = self._around.get(path, EnvironmentState()).environment
            name = environment.name if environment else name_of(Path(path))
            by_environment.setdefault(name, []).append(status_json(package, standing))
        return {
            "phase": phase((standing for *_, standing in standings), is_running=is_running),
            "environments": [{"name": name, "packages": told} for name, told in by_environment.items()],
        }

    def _standings(self) -> list[tuple[str, Package, PackageStatus]]:
        return [
            (path, package, self._standing(path, package))
            for path, packages in (self._offered or {}).items()
            for package in packages
        ]

    def _standing(self, path: str, package: Package) -> PackageStatus:
        settled = self._settled.get((path, package.name))
        return settled or package_status(package, path, self._around.get(path, EnvironmentState()), self.course)

    def _open(self) -> None:
        """The first look after a start. What was added since the boot is on the lists too, if this is not its first server."""
        self._is_kept = self._added.begin().is_kept
        listed = self._lists.read()
        new = {(str(look.environment.path), package.name) for look in self._added.look() for package in look.packages}
        offered = {
            path: tuple(package for package in of.packages if (path, package.name) not in new) for path, of in listed.items()
        }
        self._withdrawn = {path: of.withdrawn for path, of in listed.items() if of.withdrawn}
        self._offered = {path: packages for path, packages in offered.items() if packages}

    def _look(self) -> list[AddedSinceBoot]:
        offered = self._offered or {}
        looks = {str(look.environment.path): look for look in self._added.look(map(Path, offered))}
        for path, packages in offered.items():
            if path in looks:
                self._around[path] = _surroundings(looks[path], packages)
            elif not Path(path).is_dir():
                self._around[path] = EnvironmentState()
            else:  # it was not come to in time
                self._around.setdefault(path, EnvironmentState(Environment(Path(path), name_of(Path(path)))))
        if self._is_kept:  # else what somebody has added may look like the image's
            for path, package, standing in self._standings():
                if standing.state in {"there", "back"}:
                    self._settled[path, package.name] = standing
        for path in {**looks, **offered, **self._withdrawn}:
            self._write(path, looks.get(path))
        return [AddedSinceBoot(look.environment, look.packages) for look in looks.values() if look.packages]

    def _write(self, path: str, look: EnvironmentScan | None) -> None:
        if look is None and Path(path).is_dir():
            return
        pending = [package for package in (self._offered or {}).get(path, ()) if (path, package.name) not in self._settled]
        packages = together(pending, look.packages if look else ())
        names = {package.name for package in packages}
        withdrawn = tuple(package for package in self._withdrawn.get(path, ()) if package.name not in names)
        name = look.environment.name if look else name_of(Path(path))
        self._lists.write(name, ListedPackage(path, packages, withdrawn))


def _surroundings(look: EnvironmentScan, packages: Iterable[Package]) -> EnvironmentState:
    """Of an installation that was cut off the metadata may be there; what the image brought is whole as it is."""
    names, image = {normalized(package.name) for package in packages}, look.before or frozenset()
    wanted = {entry: path for entry, path in look.found.items() if normalized(name_in(entry)) in names}
    whole = [entry for entry, path in wanted.items() if entry in image or is_complete(path)]
    return EnvironmentState(
        environment=look.environment,
        entries=whole,
        added={normalized(name_in(entry)) for entry in whole if entry not in image},
        gone={package.name for package in packages if package.path is not None and not package.path.exists()},
        has_python=look.environment.python.exists(),
    )
