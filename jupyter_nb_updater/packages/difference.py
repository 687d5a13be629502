"""What was added, and whether a package is there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from packaging.version import InvalidVersion, Version

from .package import Package, is_of_conda, name_in, normalized, version_in


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
