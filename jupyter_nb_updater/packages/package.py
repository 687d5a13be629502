"""One package that somebody has added, and how pip and conda spell it. Pure.

An *entry* is a text such as ``numpy==2.1.0`` (pip's) or ``numpy=2.1.0`` (conda's): ten thousand of them must fit into little
memory and into a small file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from packaging.version import InvalidVersion, Version


def added_packages(before: Collection[str], now: Iterable[str]) -> list[str]:
    """The entries that are new: another version is, too, be it an older one. What pip and conda both tell is conda's.

    Args:
        before: the entries of an environment as the image had it.
        now: as it has it now.
    """
    new = [entry for entry in now if entry not in before]
    by_conda = {normalized(name_in(entry)) for entry in new if is_of_conda(entry)}
    return sorted(entry for entry in new if is_of_conda(entry) or name_in(entry) not in by_conda)


def is_satisfied(package: Package, entries: Iterable[str]) -> bool:
    """Whether an environment has a package, in the same or in a newer version."""
    versions = [version_in(entry) for entry in entries if normalized(name_in(entry)) == normalized(package.name)]
    return any(same_or_newer(version, package.version) for version in versions)


def same_or_newer(version: str, than: str) -> bool:
    """As PEP 440 has it; what it cannot compare must be equal. Any is enough where none is known."""
    if not than or version == than:
        return True
    try:
        return Version(version) >= Version(than)
    except InvalidVersion:
        return False


By = Literal["pip", "conda"]

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?", re.ASCII)
"""PyPA, "Names and normalization"; conda's are among them, but for those that begin with an underscore."""
CONDA_NAME = re.compile(r"_?" + NAME.pattern, re.ASCII)
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,99}", re.ASCII)
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/@+=,~-]*", re.ASCII)
URL = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]{1,2000}", re.ASCII)
"""Without white space: in a file of requirements that would end it, or begin a comment."""


@dataclass(frozen=True, order=True)
class Package:
    """What was installed.

    Args:
        name: normalized.
        version: of it; empty where only its origin is known.
        by: who installed it.
        origin: where it is from, if not from an index: a URL; of an editable one the path of its folder.
        editable: whether the folder itself is what is imported (``pip install -e``).
    """

    name: str
    version: str = ""
    by: By = "pip"
    origin: str = ""
    editable: bool = False

    @property
    def requirement(self) -> str:
        """The line of a file of requirements that installs it."""
        if self.editable:
            return f"-e {self.origin if PLAIN_PATH.fullmatch(self.origin) else f'file://{quote(self.origin)}'}"
        if self.origin:
            return f"{self.name} @ {self.origin}"
        if self.by == "conda":
            return f"{self.name}={self.version}"
        return f"{self.name}=={self.version}" if self.version else self.name

    @property
    def path(self) -> Path | None:
        """Where on this machine it is from, if it is."""
        if self.editable:
            return Path(self.origin)
        return path_of(self.origin) if self.origin else None


def path_of(url: str) -> Path | None:
    """Of a ``file:`` URL, also of a repository there (``git+file:``)."""
    parts = urlsplit(url)
    if parts.scheme.rpartition("+")[2] != "file":
        return None
    path = unquote(parts.path)
    return Path((path.rpartition("@")[0] or path) if "+" in parts.scheme else path)


def normalized(name: str) -> str:
    """As two spellings of one name are compared (PyPA, "Names and normalization")."""
    plain = name.lower().replace("_", "-").replace(".", "-")
    return re.sub("-+", "-", plain) if "--" in plain else plain


def name_in(entry: str) -> str:
    """The name in an entry."""
    return entry.partition("=")[0]


def version_in(entry: str) -> str:
    """The version in an entry."""
    return entry.partition("=")[2].lstrip("=")


def is_of_conda(entry: str) -> bool:
    """Whether conda's own metadata tells it."""
    return "==" not in entry
