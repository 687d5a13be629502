"""How each package stands that somebody had added before this boot. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .difference import is_satisfied
from .environments import Environment
from .package import Package

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
