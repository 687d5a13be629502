"""Packages that a restart has removed and that can be reinstalled, and the status of each."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from traitlets import Bool
from traitlets.config import LoggingConfigurable

from .added import AddedPackages, EnvironmentScan
from .environments import Environment, name_of
from .metadata import is_complete
from .package import Package, is_satisfied, name_in, normalized
from .requirements import PackageList, PackageLists, together

PackageState = Literal["available", "queued", "running", "reinstalled", "already-installed", "failed"]
Key = tuple[str, str]
"""Path of the environment, and name of the package."""

RETRYABLE_CODES = {"pip", "timeout", "incomplete"}
"""Codes of failures that a retry may resolve."""


@dataclass(frozen=True)
class PackageStatus:
    """Status of one package.

    Args:
        state: state of the package.
        code: code of the failure; ``None`` without one.
        detail: details of the failure, as machine-readable text.
    """

    state: PackageState
    code: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class EnvironmentState:
    """Current content of an environment.

    Args:
        environment: the environment; ``None`` if it was not found.
        entries: packages that are installed completely.
        added: names of packages that the user installed since the boot.
        path_gone: names of packages whose local path no longer exists.
        has_python: whether it has an interpreter.
        allow_origins: whether packages from a URL or a folder may be reinstalled there.
    """

    environment: Environment | None = None
    entries: Collection[str] = ()
    added: Collection[str] = ()
    path_gone: Collection[str] = ()
    has_python: bool = True
    allow_origins: bool = True


@dataclass
class RunProgress:
    """Progress of the last run, by environment and package.

    Args:
        working: packages that are queued or running.
        failed: packages that pip could not install.
        tried: packages that pip was called for.
    """

    working: dict[Key, PackageState] = field(default_factory=dict)
    failed: dict[Key, PackageStatus] = field(default_factory=dict)
    tried: set[Key] = field(default_factory=set)


def package_status(package: Package, path: str, state: EnvironmentState, progress: RunProgress) -> PackageStatus:
    """Return the status of one package.

    Args:
        package: the package, as listed.
        path: path of its environment.
        state: current content of that environment.
        progress: progress of the last run.
    """
    key = (path, package.name)
    if key in progress.working:
        return PackageStatus(progress.working[key])
    if is_satisfied(package, state.entries):
        return PackageStatus("reinstalled" if key in progress.tried else "already-installed")
    if package.name in state.added and key not in progress.tried:
        return PackageStatus("already-installed")  # in an older version that the user chose meanwhile
    return _obstacle(package, path, state) or progress.failed.get(key, PackageStatus("available"))


def _obstacle(package: Package, path: str, state: EnvironmentState) -> PackageStatus | None:
    """Return why pip cannot install a package; ``None`` if it can be tried."""
    obstacles = (
        (state.environment is None, "environment-gone", path),
        (state.environment is not None and state.environment.is_system, "system-environment", ""),
        (package.installer == "conda", "conda", f"conda install --prefix {shlex.quote(path)} {package.requirement}"),
        (not state.has_python, "no-python", path),
        (package.name in state.path_gone, "path-gone", str(package.path)),
        (bool(package.origin) and not state.allow_origins, "origin-not-allowed", ""),
    )
    return next((PackageStatus("failed", code, detail) for is_so, code, detail in obstacles if is_so), None)


def phase(statuses: Iterable[PackageStatus], *, is_running: bool) -> str:
    """Return the phase of all packages together, in the format of the state document.

    Args:
        statuses: statuses of all packages.
        is_running: whether a run is in progress.
    """
    states = {status.state for status in statuses}
    if is_running:
        return "running"
    return "available" if "available" in states else "done" if states else "none"


def status_json(package: Package, status: PackageStatus) -> dict[str, Any]:
    """Return a package in the format of the state document. Omits its origin, which may be secret."""
    return {
        "name": package.name,
        "version": package.version,
        "installer": package.installer,
        "state": status.state,
        "code": status.code,
        "detail": status.detail,
    }


class AddedSinceBoot(NamedTuple):
    """Packages that the user installed in one environment since the boot."""

    environment: Environment
    packages: tuple[Package, ...]


class Candidates(LoggingConfigurable):
    """Packages of earlier boots. They are listed until they are installed or dismissed.

    The results are those of the last :meth:`refresh`, which runs in a thread. The lists on the volume only say what to install.
    Where it is reinstalled, and so which ``bin/python`` runs, is what :class:`Environments` finds outside the volume.
    """

    allow_origins = Bool(
        default_value=False,
        help="Whether to reinstall packages from a URL or a folder too, whose code pip runs. Their lists are files on the "
        "volume, which an unpacked archive may have brought.",
    ).tag(config=True)

    def __init__(self, added: AddedPackages, lists: PackageLists, **kwargs: Any) -> None:
        """Create the candidates. Call :meth:`refresh` to find them.

        Args:
            added: finds packages that the user installed since the boot.
            lists: the lists on the volume.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._added, self._lists = added, lists
        self._refresh_lock = threading.Lock()
        self._available: dict[str, tuple[Package, ...]] | None = None
        self._dismissed: dict[str, tuple[Package, ...]] = {}
        self._states: dict[str, EnvironmentState] = {}
        self._settled: dict[Key, PackageStatus] = {}
        self.progress = RunProgress()

    def refresh(self) -> list[AddedSinceBoot]:
        """Return what was installed since the boot, and update the lists and every status. Runs in a thread."""
        with self._refresh_lock:
            if self._available is None:
                self._load()
            return self._refresh()

    def remove_partial_installs(self, environment: Environment, packages: Iterable[Package]) -> None:
        """Remove what an interrupted pip left behind. Runs in a thread.

        Args:
            environment: the environment.
            packages: the packages.
        """
        with self._refresh_lock:
            self._added.remove_partial_installs(environment, {package.name for package in packages})

    def dismiss(self) -> None:
        """Dismiss all available packages. They stay in the lists as comments. Runs in a thread."""
        with self._refresh_lock:
            if self._available is None:
                self._load()
            for path, packages in (self._available or {}).items():
                left = [package for package in packages if (path, package.name) not in self._settled]
                self._dismissed[path] = together(left, self._dismissed.get(path, ()))
            self._available = {}
            self._refresh()

    def is_missing(self, path: str, package: Package) -> bool:
        """Check whether a package was missing at the last refresh.

        Args:
            path: path of the environment.
            package: the package.
        """
        return not is_satisfied(package, self._states[path].entries)

    def pending(self) -> list[tuple[Environment, list[Package]]]:
        """Return the packages that pip can reinstall, by environment."""
        found: dict[str, list[Package]] = {}
        for path, package, status in self._statuses():
            if status.state == "available" or status.code in RETRYABLE_CODES:
                found.setdefault(path, []).append(package)
        environments = ((self._states[path].environment, packages) for path, packages in found.items())
        return [(environment, packages) for environment, packages in environments if environment]

    def to_json(self, *, is_running: bool) -> dict[str, Any]:
        """Return phase and packages in the format of the state document.

        Args:
            is_running: whether a run is in progress.
        """
        by_environment: dict[str, list[dict[str, Any]]] = {}
        statuses = self._statuses()
        for path, package, status in statuses:
            environment = self._states.get(path, EnvironmentState()).environment
            name = environment.name if environment else name_of(Path(path))
            by_environment.setdefault(name, []).append(status_json(package, status))
        return {
            "phase": phase((status for *_, status in statuses), is_running=is_running),
            "environments": [{"name": name, "packages": packages} for name, packages in by_environment.items()],
        }

    def _statuses(self) -> list[tuple[str, Package, PackageStatus]]:
        return [
            (path, package, self._status(path, package))
            for path, packages in (self._available or {}).items()
            for package in packages
        ]

    def _status(self, path: str, package: Package) -> PackageStatus:
        settled = self._settled.get((path, package.name))
        return settled or package_status(package, path, self._states.get(path, EnvironmentState()), self.progress)

    def _load(self) -> None:
        """Read the lists. After the first server process of a boot, they also contain what was installed since the boot."""
        self._is_saved = self._added.take_baseline().is_saved
        listed = self._lists.read()
        new = {(str(scan.environment.path), package.name) for scan in self._added.scan() for package in scan.packages}
        available = {
            path: tuple(package for package in of.packages if (path, package.name) not in new) for path, of in listed.items()
        }
        self._dismissed = {path: of.dismissed for path, of in listed.items() if of.dismissed}
        self._available = {path: packages for path, packages in available.items() if packages}

    def _refresh(self) -> list[AddedSinceBoot]:
        available = self._available or {}
        scans = {str(scan.environment.path): scan for scan in self._added.scan()}
        for path, packages in available.items():
            if path in scans:
                self._states[path] = _environment_state(scans[path], packages, allow_origins=self.allow_origins)
            elif not Path(path).is_dir():
                self._states[path] = EnvironmentState()
            else:  # not scanned in time, or none of ours: a list is a file that an archive may have brought
                self._states.setdefault(path, EnvironmentState())
        if self._is_saved:  # otherwise packages of the user cannot be distinguished from the image's
            for path, package, status in self._statuses():
                if status.state in {"already-installed", "reinstalled"}:
                    self._settled[path, package.name] = status
        for path in {**scans, **available, **self._dismissed}:
            self._write(path, scans.get(path))
        return [AddedSinceBoot(scan.environment, scan.packages) for scan in scans.values() if scan.packages]

    def _write(self, path: str, scan: EnvironmentScan | None) -> None:
        if scan is None and Path(path).is_dir():
            return
        pending = [package for package in (self._available or {}).get(path, ()) if (path, package.name) not in self._settled]
        packages = together(pending, scan.packages if scan else ())
        names = {package.name for package in packages}
        dismissed = tuple(package for package in self._dismissed.get(path, ()) if package.name not in names)
        name = scan.environment.name if scan else name_of(Path(path))
        self._lists.write(name, PackageList(path, packages, dismissed))


def _environment_state(scan: EnvironmentScan, packages: Iterable[Package], *, allow_origins: bool) -> EnvironmentState:
    """Return the state of an environment. Metadata of an interrupted installation is not complete; that of the image is."""
    names, image = {normalized(package.name) for package in packages}, scan.before or frozenset()
    wanted = {entry: path for entry, path in scan.found.items() if normalized(name_in(entry)) in names}
    whole = [entry for entry, path in wanted.items() if entry in image or is_complete(path)]
    return EnvironmentState(
        environment=scan.environment,
        entries=whole,
        added={normalized(name_in(entry)) for entry in whole if entry not in image},
        path_gone={package.name for package in packages if package.path is not None and not package.path.exists()},
        has_python=scan.environment.python.exists(),
        allow_origins=allow_origins,
    )
