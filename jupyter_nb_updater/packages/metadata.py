"""Read which packages are installed in an environment from the names of their metadata, without running pip or Python.

Only the metadata of the few new packages is opened.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .package import CONDA_NAME, NAME, URL, VERSION, Package, is_of_conda, name_in, normalized, path_of, version_in

METADATA = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py3\.\d+)?\.(?:dist|egg)-info")
"""A folder in ``site-packages`` (PyPA, "Recording installed projects"), also in the older form."""
CONDA = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-[^-]+\.json")
"""A file in ``conda-meta`` (conda, "Package metadata")."""
OWN_PACKAGE = "jupyter-nb-updater"
"""This extension, which every start installs again."""
MAX_METADATA_BYTES = 1 << 16
"""Maximum size to read of a metadata file, in bytes."""


def installed_entries(environment: Path) -> dict[str, str]:
    """Return the path of the metadata by entry. Invalid names and versions are ignored."""
    found: dict[str, str] = {}
    for path, name in _names(environment.glob("lib/python3*/site-packages")):
        match = METADATA.fullmatch(name) if name.endswith("-info") else None
        if match and NAME.fullmatch(match["name"]) and VERSION.fullmatch(match["version"]):
            found[f"{normalized(match['name'])}=={match['version']}"] = path
    for path, name in _names([environment / "conda-meta"]):
        match = CONDA.fullmatch(name)
        if match and CONDA_NAME.fullmatch(match["name"]) and VERSION.fullmatch(match["version"]):
            found[f"{match['name'].lower()}={match['version']}"] = path
    return {entry: path for entry, path in found.items() if name_in(entry) != OWN_PACKAGE}


def is_complete(path: str) -> bool:
    """Check whether an installation is complete: pip writes ``RECORD`` last (pip, ``_install_wheel``)."""
    return not path.endswith(".dist-info") or Path(path, "RECORD").exists()


def changed_at(path: str) -> float:
    """Return when metadata was written, in seconds since the epoch.

    Also considers the change time of the inode, because a program that unpacks a package may set the other one.
    """
    try:
        status = Path(path).stat()
    except OSError:
        return 0.0
    return max(status.st_mtime, status.st_ctime)


def package(entry: str, path: str) -> Package | None:
    """Return the package of an entry; ``None`` for the Python metadata of a package that conda lists itself.

    conda-build writes ``conda`` into the INSTALLER file; the name may differ (``torch``, ``pytorch``).
    """
    name, version = name_in(entry), version_in(entry)
    if is_of_conda(entry):
        return Package(name, version, "conda")
    if _text(Path(path, "INSTALLER")).strip() == "conda":
        return None
    try:
        direct = json.loads(_text(Path(path, "direct_url.json")) or "null")
    except ValueError:
        direct = None
    return from_direct_url(name, version, direct) if isinstance(direct, dict) else Package(name, version)


def from_direct_url(name: str, version: str, direct: Mapping[str, Any]) -> Package:
    """Return a package that came from no index (PEP 610, "Recording the Direct URL Origin of installed distributions")."""
    url, folder, repository = direct.get("url"), direct.get("dir_info"), direct.get("vcs_info")
    if not isinstance(url, str) or not URL.fullmatch(url):
        return Package(name, version)
    if isinstance(folder, dict) and folder.get("editable"):
        path = path_of(url)
        return Package(name, version) if path is None else Package(name, version, origin=str(path), editable=True)
    if isinstance(repository, dict):
        url = f"{repository.get('vcs')}+{url}@{repository.get('commit_id')}"
    if isinstance(inside := direct.get("subdirectory"), str):
        url = f"{url}#subdirectory={inside}"
    return Package(name, version, origin=url) if URL.fullmatch(url) else Package(name, version)


def _names(folders: Any) -> Iterator[tuple[str, str]]:
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                yield from ((entry.path, entry.name) for entry in entries)
        except OSError:  # deleted or missing
            continue


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_METADATA_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
