"""A package that the user installed, and its notation for pip and conda.

An *entry* is a text such as ``numpy==2.1.0`` (pip) or ``numpy=2.1.0`` (conda), so that ten thousand of them need little memory
and a small file.
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
    """Return the new entries. Another version is new too; a package that pip and conda both list counts as conda's.

    Args:
        before: entries of the environment in the image.
        now: entries of the environment now.
    """
    new = [entry for entry in now if entry not in before]
    by_conda = {normalized(name_in(entry)) for entry in new if is_of_conda(entry)}
    return sorted(entry for entry in new if is_of_conda(entry) or name_in(entry) not in by_conda)


def is_satisfied(package: Package, entries: Iterable[str]) -> bool:
    """Check whether an environment has a package in the same or a newer version.

    Args:
        package: the package.
        entries: entries of the environment.
    """
    versions = [version_in(entry) for entry in entries if normalized(name_in(entry)) == normalized(package.name)]
    return any(same_or_newer(version, package.version) for version in versions)


def same_or_newer(version: str, than: str) -> bool:
    """Check whether a version is the same or newer (PEP 440). Versions that cannot be compared must be equal.

    Args:
        version: the installed version.
        than: the required version; empty for any.
    """
    if not than or version == than:
        return True
    try:
        return Version(version) >= Version(than)
    except InvalidVersion:
        return False


Installer = Literal["pip", "conda"]

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?", re.ASCII)
"""PyPA, "Names and normalization"; also valid for conda, except for names that begin with an underscore."""
CONDA_NAME = re.compile(r"_?" + NAME.pattern, re.ASCII)
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,99}", re.ASCII)
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/@+=,~-]*", re.ASCII)
URL = re.compile(r"[a-z][a-z0-9+.-]*:[!-~]{1,2000}", re.ASCII)
"""Without white space, which would end the URL or begin a comment in a requirements file."""


@dataclass(frozen=True, order=True)
class Package:
    """An installed package.

    Args:
        name: normalized name.
        version: version; empty if only the origin is known.
        installer: program that installed it.
        origin: URL from which it was installed, or path of an editable one; empty for an index.
        editable: whether it is imported from its folder (``pip install -e``).
    """

    name: str
    version: str = ""
    installer: Installer = "pip"
    origin: str = ""
    editable: bool = False

    @property
    def requirement(self) -> str:
        """Line of a requirements file that installs the package."""
        if self.editable:
            return f"-e {self.origin if PLAIN_PATH.fullmatch(self.origin) else f'file://{quote(self.origin)}'}"
        if self.origin:
            return f"{self.name} @ {self.origin}"
        if self.installer == "conda":
            return f"{self.name}={self.version}"
        return f"{self.name}=={self.version}" if self.version else self.name

    @property
    def path(self) -> Path | None:
        """Local path from which the package was installed; ``None`` if there is none."""
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
    """Return the normalized form of a name, in which all spellings are equal (PyPA, "Names and normalization")."""
    plain = name.lower().replace("_", "-").replace(".", "-")
    return re.sub("-+", "-", plain) if "--" in plain else plain


def name_in(entry: str) -> str:
    """Return the name in an entry."""
    return entry.partition("=")[0]


def version_in(entry: str) -> str:
    """Return the version in an entry."""
    return entry.partition("=")[2].lstrip("=")


def is_of_conda(entry: str) -> bool:
    """Check whether an entry comes from conda's metadata."""
    return "==" not in entry
