"""The list of an environment's packages as a file of requirements, as ``pip install -r`` takes it. Pure.

What pip cannot or shall not install is in comments: what conda has installed, and what somebody did not want back.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from traitlets.config import LoggingConfigurable

from .package import CONDA_NAME, NAME, URL, VERSION, Package, normalized, path_of

MAX_LIST_BYTES = 1 << 20
"""Bytes of a list."""
MAX_PACKAGES = 200
"""Files that are looked at."""
OWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class PackageLists(LoggingConfigurable):
    """Reads them once after a start, and writes them whenever they are others. Never over one that could not be read."""

    def __init__(self, folder: Path, **kwargs: object) -> None:
        """Args: where they are."""
        super().__init__(**kwargs)
        self._folder = folder
        self._written: dict[Path, str] = {}
        self._spared: set[Path] = set()

    def read(self) -> dict[str, ListedPackage]:
        """Each list by the path of its environment."""
        found: dict[str, ListedPackage] = {}
        for path in sorted(self._folder.glob("*.txt"))[:MAX_PACKAGES]:
            try:
                text = path.read_text("utf-8") if path.stat().st_size <= MAX_LIST_BYTES else ""
            except (OSError, ValueError) as error:
                self.log.warning("The list of packages %s cannot be read: %s", path, error)
                self._spared.add(path)
                continue
            listed = from_text(text)
            if listed is None:
                self._spared.add(path)
            else:
                found[listed.environment], self._written[path] = listed, text
        return found

    def write(self, name: str, listed: ListedPackage) -> None:
        """Bring one up to date, whole or not at all. An empty one is taken away.

        Args:
            name: what the environment is called.
            listed: what is to be on it.
        """
        path = self._folder / file_of(name)
        text = to_text(listed, path.name) if listed.packages or listed.withdrawn else ""
        if path in self._spared or self._written.get(path, "") == text:
            return
        try:
            self._put(path, text)
        except OSError as error:  # a full volume: the next look tries again
            self.log.warning("The list of added packages %s could not be written: %s", path, error)
        else:
            self._written[path] = text

    @staticmethod
    def _put(path: Path, text: str) -> None:
        if not text:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            fresh.chmod(0o600)  # a URL in it may be nobody else's business
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def file_of(name: str) -> str:
    """The name of the file: that of the environment, where it can be one."""
    if OWN_NAME.fullmatch(name):
        return f"{name}.txt"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "environment"
    return f"{plain[-60:].lstrip('-.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.txt"


HEADER = (
    "# Packages that were added to an environment of this notebook instance. jupyter-nb-updater writes this file again when\n"
    "# they change, and offers them after a restart. By hand: {python} -m pip install -r {file}\n"
    "# environment: {environment}\n"
)
ENVIRONMENT, CONDA, WITHDRAWN = "# environment: ", "# conda: ", "# withdrawn: "
COMMENT = re.compile(r"(?:^|\s+)#.*$")
"""What pip takes for one (pip, "Requirements File Format")."""
LABEL = re.compile(r"#\s+(?P<name>\S+)(?:\s+(?P<version>\S+))?\s*$")
MAX_LINE_CHARACTERS = 5000
"""Lines of a list. No environment has so many packages."""


@dataclass(frozen=True)
class ListedPackage:
    """What is on the list of one environment.

    Args:
        environment: path of its folder.
        packages: to be put back after a restart.
        withdrawn: not to be.
    """

    environment: str
    packages: tuple[Package, ...] = ()
    withdrawn: tuple[Package, ...] = ()


def to_text(listed: ListedPackage, file: str) -> str:
    """The content of a file with this name."""
    python = shlex.quote(f"{listed.environment}/bin/python")
    lines = [_line(package) for package in listed.packages]
    lines += [f"{WITHDRAWN}{_line(package)}" for package in listed.withdrawn]
    return "".join([HEADER.format(python=python, file=file, environment=listed.environment), *(f"{line}\n" for line in lines)])


def from_text(text: str) -> ListedPackage | None:
    """The other way round. Lines of another form are left out; a file that names no environment is none of ours."""
    lines = text.splitlines()[:MAX_LINE_CHARACTERS]
    environment = next((line.removeprefix(ENVIRONMENT).strip() for line in lines if line.startswith(ENVIRONMENT)), "")
    if not environment.startswith("/") or not environment.isprintable():
        return None
    kept = _packages(line for line in lines if not line.startswith(WITHDRAWN))
    dropped = _packages(line.removeprefix(WITHDRAWN) for line in lines if line.startswith(WITHDRAWN))
    return ListedPackage(environment, tuple(kept), tuple(dropped))


def together(first: Iterable[Package], then: Iterable[Package]) -> tuple[Package, ...]:
    """Both, by name; of two with one name the first."""
    found: dict[str, Package] = {}
    for package in (*first, *then):
        found.setdefault(package.name, package)
    return tuple(found[name] for name in sorted(found))


def _line(package: Package) -> str:
    if package.by == "conda":
        return f"{CONDA}{package.requirement}"
    return f"{package.requirement}  # {package.name} {package.version}".rstrip() if package.origin else package.requirement


def _packages(lines: Iterable[str]) -> Iterator[Package]:
    return (package for line in lines if (package := _package(line.strip())))


def _package(line: str) -> Package | None:
    if line.startswith(CONDA):
        name, _, version = line.removeprefix(CONDA).strip().partition("=")
        return Package(name, version, "conda") if CONDA_NAME.fullmatch(name) and VERSION.fullmatch(version) else None
    label = LABEL.search(line)
    known, version = (label["name"], label["version"] or "") if label else ("", "")
    if not (NAME.fullmatch(known) and (not version or VERSION.fullmatch(version))):
        known = version = ""
    line = COMMENT.sub("", line)
    if line.startswith("-e "):
        return _editable(line.removeprefix("-e ").strip(), known, version)
    name, at, url = (part.strip() for part in line.partition(" @ "))
    if at:
        taken = NAME.fullmatch(name) and URL.fullmatch(url)
        return Package(normalized(name), version, origin=url) if taken else None
    name, _, version = line.partition("==")
    if not NAME.fullmatch(name) or ("==" in line and not VERSION.fullmatch(version)):
        return None
    return Package(normalized(name), version)


def _editable(place: str, name: str, version: str) -> Package | None:
    path = path_of(place) if URL.fullmatch(place) else place
    name = name or unquote(place).rstrip("/").rpartition("/")[2]
    if path is None or not str(path).startswith("/") or not NAME.fullmatch(name):
        return None
    return Package(normalized(name), version, origin=str(path), editable=True)
