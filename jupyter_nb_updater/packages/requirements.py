"""The list of installed packages of one environment, as a requirements file for ``pip install -r``.

What pip cannot or should not install is in comments: conda packages, and dismissed packages.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from traitlets.config import LoggingConfigurable

from ..util.files import atomic_write
from .package import CONDA_NAME, NAME, URL, VERSION, Package, normalized, path_of

LIST_FORMAT = 1
HEADER = (
    "# Packages you installed in an environment of this notebook instance. jupyter-nb-updater updates this file when\n"
    "# they change, and can reinstall them after a restart. Manually: {python} -m pip install -r {file}\n"
    "# format: {format}\n"
    "# environment: {environment}\n"
)
FORMAT, ENVIRONMENT, CONDA, DISMISSED = "# format: ", "# environment: ", "# conda: ", "# withdrawn: "
COMMENT = re.compile(r"(?:^|\s+)#.*$")
"""A comment (pip, "Requirements File Format")."""
LABEL = re.compile(r"#\s+(?P<name>\S+)(?:\s+(?P<version>\S+))?\s*$")
MAX_LINES = 5000
"""Maximum number of lines of a list."""
MAX_LIST_BYTES = 1 << 20
"""Maximum size of a list, in bytes."""
MAX_LISTS = 200
"""Maximum number of lists."""
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@dataclass(frozen=True)
class PackageList:
    """The list of one environment.

    Args:
        environment: path of the environment.
        packages: packages to reinstall after a restart.
        dismissed: packages that the user dismissed.
    """

    environment: str
    packages: tuple[Package, ...] = ()
    dismissed: tuple[Package, ...] = ()


class PackageLists(LoggingConfigurable):
    """Read the lists after a start, and write those that changed. A list that could not be read is never overwritten."""

    def __init__(self, folder: Path, **kwargs: object) -> None:
        """Create the reader and writer of lists.

        Args:
            folder: folder of the lists.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._folder = folder
        self._written: dict[Path, str] = {}
        self._foreign: set[Path] = set()

    def read(self) -> dict[str, PackageList]:
        """Return every list by the path of its environment."""
        found: dict[str, PackageList] = {}
        for path in sorted(self._folder.glob("*.txt"))[:MAX_LISTS]:
            try:
                text = path.read_text("utf-8") if path.stat().st_size <= MAX_LIST_BYTES else ""
            except (OSError, ValueError) as error:
                self.log.warning("Could not read the list of packages %s: %s", path, error)
                self._foreign.add(path)
                continue
            listed = from_text(text)
            if listed is None:
                self.log.warning("Ignoring %s, and not overwriting it: it is not a list of packages in a known format", path)
                self._foreign.add(path)
            else:
                found[listed.environment], self._written[path] = listed, text
        return found

    def write(self, name: str, listed: PackageList) -> None:
        """Write a list if it changed. An empty list is deleted.

        Args:
            name: name of the environment.
            listed: the new content.
        """
        path = self._folder / file_of(name)
        text = to_text(listed, path.name) if listed.packages or listed.dismissed else ""
        if path in self._foreign or self._written.get(path, "") == text:
            return
        try:
            self._replace(path, text)
        except OSError as error:  # such as a full volume: the next refresh tries again
            self.log.warning("Could not write the list of packages %s: %s", path, error)
        else:
            self._written[path] = text

    @staticmethod
    def _replace(path: Path, text: str) -> None:
        if text:
            atomic_write(path, text, mode=0o600)  # a URL in it may be secret
        else:
            path.unlink(missing_ok=True)


def file_of(name: str) -> str:
    """Return the file name for an environment: its own name if that is a valid file name."""
    if FILE_NAME.fullmatch(name):
        return f"{name}.txt"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "environment"
    return f"{plain[-60:].lstrip('-.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.txt"


def to_text(listed: PackageList, file: str) -> str:
    """Return the content of a list file.

    Args:
        listed: the list.
        file: name of the file.
    """
    python = shlex.quote(f"{listed.environment}/bin/python")
    lines = [_line(package) for package in listed.packages]
    lines += [f"{DISMISSED}{_line(package)}" for package in listed.dismissed]
    return "".join(
        [
            HEADER.format(format=LIST_FORMAT, python=python, file=file, environment=listed.environment),
            *(f"{line}\n" for line in lines),
        ]
    )


def from_text(text: str) -> PackageList | None:
    """Parse a list file. Invalid lines are ignored; ``None`` for another kind of file or another format."""
    lines = text.splitlines()[:MAX_LINES]
    environment = next((line.removeprefix(ENVIRONMENT).strip() for line in lines if line.startswith(ENVIRONMENT)), "")
    formats = [line.removeprefix(FORMAT).strip() for line in lines if line.startswith(FORMAT)]
    if not environment.startswith("/") or not environment.isprintable() or formats not in ([], [str(LIST_FORMAT)]):
        return None
    kept = _packages(line for line in lines if not line.startswith(DISMISSED))
    dropped = _packages(line.removeprefix(DISMISSED) for line in lines if line.startswith(DISMISSED))
    return PackageList(environment, tuple(kept), tuple(dropped))


def together(first: Iterable[Package], then: Iterable[Package]) -> tuple[Package, ...]:
    """Return all packages sorted by name; of two with the same name the first.

    Args:
        first: packages with priority.
        then: the others.
    """
    found: dict[str, Package] = {}
    for package in (*first, *then):
        found.setdefault(package.name, package)
    return tuple(found[name] for name in sorted(found))


def _line(package: Package) -> str:
    if package.installer == "conda":
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
