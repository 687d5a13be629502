"""Query ``dnf`` for packages newer than the installed ones. Writes only to its own cache."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from ..advice.signal import Advisory
from ..util.subprocess import run_low_priority
from .updateinfo import NotUnderstood, advisories, issued

RELEASE_PACKAGE = "system-release"
"""The package whose version is the release of Amazon Linux 2023 (AL2023 User Guide, "Manage package and operating system
updates")."""

MAX_METADATA_BYTES = 512 * 2**20
"""Maximum size of uncompressed metadata to read, in bytes."""


def _plain(path: Path) -> IO[bytes]:
    return path.open("rb")


OPENERS: dict[str, Callable[..., Any]] = {".xml": _plain, ".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
"""How to open the metadata of a repository, by file extension."""

READ_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True)
class DnfResult:
    """What is newer than the installed packages.

    Args:
        release: installed release, such as ``2023.9.20251110``.
        newest: newest release.
        packages: number of installed packages for which a newer version exists.
        advisories: security advisories between the two.
    """

    release: str
    newest: str
    packages: int
    advisories: tuple[Advisory, ...] = ()


class Dnf:
    """Run dnf with a cache of its own.

    Args:
        program: path of dnf.
        cache: folder for metadata and logs. It needs no root, and the system's cache is not touched.
        releasever: release whose repositories are queried. An image is locked to the release that it was made from;
            ``latest`` is the newest ("Deterministic upgrades through versioned repositories", AL2023 User Guide).
        repositories: repositories to query. Others are ignored, because one that does not respond or lacks this release would
            be an error.
        extra_arguments: additional arguments of each call.
        timeout_seconds: timeout in seconds of each call.
    """

    def __init__(
        self,
        program: str,
        cache: Path,
        releasever: str,
        repositories: Sequence[str],
        extra_arguments: Sequence[str],
        timeout_seconds: float,
    ) -> None:
        self._cache, self._timeout_seconds = cache, timeout_seconds
        self._command = [program, "--quiet", "--assumeno", "--noplugins", f"--releasever={releasever}"]
        self._command += [f"--setopt=cachedir={cache}", f"--setopt=logdir={cache}", *extra_arguments]
        # The dnf.conf of a distribution may skip a repository that does not respond; then nothing would seem newer.
        self._repositories = ["--setopt=*.skip_if_unavailable=0", *[f"--repo={name}" for name in repositories]]

    async def find_newer(self, now: datetime) -> DnfResult:
        """Return what is newer than the installed packages.

        Args:
            now: publication time for advisories without one.

        Raises:
            ProgramFailed: dnf failed, for example because the repository does not respond.
            NotUnderstood: the output of dnf has an unexpected format.
        """
        await asyncio.to_thread(self._cache.mkdir, parents=True, exist_ok=True)
        installed = await self._versions("--installed", RELEASE_PACKAGE)
        if RELEASE_PACKAGE not in installed:
            raise NotUnderstood(f"the package {RELEASE_PACKAGE} is not installed, so this is not Amazon Linux 2023")
        newer = await self._versions(*self._repositories, "--refresh", "--upgrades", "--latest-limit=1")
        release = installed[RELEASE_PACKAGE]
        newest = newer.get(RELEASE_PACKAGE, release)
        text = await self._run(*self._repositories, "--cacheonly", "updateinfo", "info", "--available", "--security")
        found = await asyncio.to_thread(self._read, text, _day(newest) or now)
        return DnfResult(release, newest, len(newer), tuple(found))

    async def _versions(self, *arguments: str) -> dict[str, str]:
        """Return package versions by package name."""
        return versions(await self._run("repoquery", "--queryformat=%{name} %{version}", *arguments))

    async def _run(self, *arguments: str) -> str:
        return await run_low_priority([*self._command, *arguments], self._timeout_seconds)

    def _read(self, text: str, otherwise: datetime) -> list[Advisory]:
        return advisories(text, self._issued() if text else {}, otherwise)

    def _issued(self) -> dict[str, datetime]:
        times: dict[str, datetime] = {}
        for path in self._cache.glob("*/repodata/*updateinfo.xml*"):
            try:
                for name, time in issued(_chunks(path)).items():
                    times[name] = min(time, times.get(name, time))
            except READ_ERRORS:
                continue  # the time of the last change is used instead
        return times


def versions(text: str) -> dict[str, str]:
    """Parse lines of a name and a version.

    Raises:
        NotUnderstood: a line has another format.
    """
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, version = line.partition(" ")
        if not version or " " in version:
            raise NotUnderstood(f"unexpected output of dnf instead of packages: {line!r}")
        found[name] = version
    return found


def _day(release: str) -> datetime | None:
    """Return the day in the name of a release such as ``2023.9.20251110``."""
    try:
        return datetime.strptime(release.rpartition(".")[2], "%Y%m%d").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def _chunks(path: Path) -> Iterator[bytes]:
    opener = OPENERS.get(path.suffix)
    if opener is None:
        return
    with opener(path) as file:
        for _ in range(MAX_METADATA_BYTES >> 20):
            if not (chunk := file.read(1 << 20)):
                return
            yield chunk
