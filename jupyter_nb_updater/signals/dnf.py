"""Asks the real ``dnf`` what is newer than what is installed, and writes nothing but into a cache of its own."""

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
"""Of unpacked metadata that are read."""


def _plain(path: Path) -> IO[bytes]:
    return path.open("rb")


OPENERS: dict[str, Callable[..., Any]] = {".xml": _plain, ".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
"""What reads the metadata of a repository, by how it is packed."""

READ_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True)
class DnfResult:
    """What is newer.

    Args:
        release: that is installed, such as ``2023.9.20251110``.
        newest: that there is.
        packages: how many of the installed ones have a newer one.
        advisories: security advisories of all that lies between.
    """

    release: str
    newest: str
    packages: int
    advisories: tuple[Advisory, ...] = ()


class Dnf:
    """Runs dnf with a cache of its own.

    Args:
        program: its path.
        cache: folder for metadata and logs. No root is needed, and the system's own cache is not touched.
        releasever: the release whose repositories are asked. An image is locked to the release that it was made from;
            ``latest`` is the newest ("Deterministic upgrades through versioned repositories", AL2023 User Guide).
        repositories: that are asked. Others are nobody's business here: one of them that does not answer, or that has no such
            release, would be an error.
        extra_arguments: of each call.
        timeout_seconds: of each call.
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
        # Else one that does not answer is left out, and nothing is newer: the dnf.conf of a distribution may well say so.
        self._repositories = ["--setopt=*.skip_if_unavailable=0", *[f"--repo={name}" for name in repositories]]

    async def find_newer(self, now: datetime) -> DnfResult:
        """Return what is newer than what is installed.

        Args:
            now: the time, for an advisory whose own time nobody knows.

        Raises:
            ProgramFailed: it could not say, for example because the repository does not answer.
            NotUnderstood: what it says is not what we expect.
        """
        await asyncio.to_thread(self._cache.mkdir, parents=True, exist_ok=True)
        installed = await self._versions("--installed", RELEASE_PACKAGE)
        if RELEASE_PACKAGE not in installed:
            raise NotUnderstood(f"the package {RELEASE_PACKAGE} is not installed: this is not Amazon Linux 2023")
        newer = await self._versions(*self._repositories, "--refresh", "--upgrades", "--latest-limit=1")
        release = installed[RELEASE_PACKAGE]
        newest = newer.get(RELEASE_PACKAGE, release)
        text = await self._run(*self._repositories, "--cacheonly", "updateinfo", "info", "--available", "--security")
        found = await asyncio.to_thread(self._read, text, _day(newest) or now)
        return DnfResult(release, newest, len(newer), tuple(found))

    async def _versions(self, *arguments: str) -> dict[str, str]:
        """Return the versions of packages by name."""
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
                continue  # then it is the time of the last change that is known
        return times


def versions(text: str) -> dict[str, str]:
    """Parse lines of a name and a version.

    Raises:
        NotUnderstood: a line is not like that.
    """
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, version = line.partition(" ")
        if not version or " " in version:
            raise NotUnderstood(f"dnf does not list packages, but says {line!r}")
        found[name] = version
    return found


def _day(release: str) -> datetime | None:
    """Return the day in the name of a release: ``2023.9.20251110``."""
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
