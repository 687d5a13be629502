"""A package that somebody has added, and how pip and conda spell it.

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
    """Return the entries that are new. Another version is new too; a package that pip and conda both know is conda's.

    Args:
        before: the entries of an environment as the image had it.
        now: as it has it now.
    """
    new = [entry for entry in now if entry not in before]
    by_conda = {normalized(name_in(entry)) for entry in new if is_of_conda(entry)}
    return sorted(entry for entry in new if is_of_conda(entry) or name_in(entry) not in by_conda)


def is_satisfied(package: Package, entries: Iterable[str]) -> bool:
    """Return whether an environment has a package in the same or a newer version.

    Args:
        package: which.
        entries: of the environment.
    """
    versions = [version_in(entry) for entry in entries if normalized(name_in(entry)) == normalized(package.name)]
    return any(same_or_newer(version, package.version) for version in versions)


def same_or_newer(version: str, than: str) -> bool:
    """Compare two versions by PEP 440. What it cannot compare must be equal; any version will do where none is wanted.

    Args:
        version: that is there.
        than: that is wanted; empty for any.
    """
    if not than or version == than:
        return True
    try:
        return Version(version) >= Version(than)
    except InvalidVersion:
        return False


Installer = Literal["pip", "conda"]

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?", re.ASCII)
"""PyPA, "Names and normalization"; conda's are among them, but for those that begin with an underscore."""
CONDA_NAME = re.compile(r"_?" + NAME.pattern, re.ASCII)
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,99}", re.ASCII)
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/@+=,~-]*", re.ASCII)
URL = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]{1,2000}", re.ASCII)
"""Without white space: in a file of requirements that would end it, or begin a comment."""


@dataclass(frozen=True, order=True)
class Package:
    """An installed package.

    Args:
        name: normalized name.
        version: empty where only its origin is known.
        installer: the program that installed it.
        origin: URL from which it was installed, or path of an editable one; empty for an index.
        editable: whether the folder itself is what is imported (``pip install -e``).
    """

    name: str
    version: str = ""
    installer: Installer = "pip"
    origin: str = ""
    editable: bool = False

    @property
    def requirement(self) -> str:
        """The line of a file of requirements that installs it."""
        if self.editable:
            return f"-e {self.origin if PLAIN_PATH.fullmatch(self.origin) else f'file://{quote(self.origin)}'}"
        if self.origin:
            return f"{self.name} @ {self.origin}"
        if self.installer == "conda":
            return f"{self.name}={self.version}"
        return f"{self.name}=={self.version}" if self.version else self.name

    @property
    def path(self) -> Path | None:
        """Path on this machine from which it was installed, if it was."""
        if self.editable:
            return Path(self.origin)
        return path_of(self.origin) if self.origin else None


def path_of(url: str) -> Path | None:
    """Return the path of a ``file:`` URL, also of a repository (``git+file:``); ``None`` for another URL."""
    parts = urlsplit(url)
    if parts.scheme.rpartition("+")[2] != "file":
        return None
    path = unquote(parts.path)
    return Path((path.rpartition("@")[0] or path) if "+" in parts.scheme else path)


def normalized(name: str) -> str:
    """Return the form in which two spellings of one name are equal (PyPA, "Names and normalization")."""
    plain = name.lower().replace("_", "-").replace(".", "-")
    return re.sub("-+", "-", plain) if "--" in plain else plain


def name_in(entry: str) -> str:
    """Return the name in an entry."""
    return entry.partition("=")[0]


def version_in(entry: str) -> str:
    """Return the version in an entry."""
    return entry.partition("=")[2].lstrip("=")


def is_of_conda(entry: str) -> bool:
    """Return whether an entry is from conda's own metadata."""
    return "==" not in entry
