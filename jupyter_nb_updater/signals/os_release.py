"""Signal ``os_release``: whether the operating system has newer packages, and which security advisories they fix.

Amazon Linux 2023 is locked to one release, so newer packages do *not* mean that SageMaker has an image with them: no feed
says which release the image of notebook instances was made from.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Float, List, Unicode, default

from ..advice.signal import SEVERITIES, Advisory, Signal
from .base import AdviceSource
from .dnf import Dnf, DnfResult

LINK = "https://docs.aws.amazon.com/linux/al2023/ug/listing-applicable-advisories.html"

MAX_LISTED_ADVISORIES = 20
"""Maximum number of advisories in the state document, which every page receives whole. The evidence contains the total."""


def os_release(found: DnfResult | None, now: datetime) -> Signal:
    """Return the signal of the operating system.

    Args:
        found: what is newer; ``None`` if there is no dnf, as on Amazon Linux 2.
        now: the current time.
    """
    if found is None:
        return Signal("os_release", "unknown", "os-no-dnf", now, link=LINK)
    evidence: dict[str, Any] = {"release": found.release, "newest": found.newest, "packages": found.packages}
    if found.advisories:
        counts = Counter(advisory.severity or "other" for advisory in found.advisories)
        evidence |= {"advisories_total": len(found.advisories), "severities": dict(counts)}
        listed = foremost(found.advisories)
        return Signal("os_release", "due", "os-advisories", now, evidence, LINK, subject=found.newest, advisories=listed)
    if found.packages:
        return Signal("os_release", "due", "os-newer", now, evidence, LINK, subject=found.newest)
    return Signal("os_release", "current", "os-newest", now, evidence, LINK)


def foremost(advisories: Iterable[Advisory], most: int = MAX_LISTED_ADVISORIES) -> tuple[Advisory, ...]:
    """Return the most severe advisories first and, of the same severity, the oldest first.

    Of each severity the oldest is always included, because it determines the deadline, and the newest, because it is raised
    again after a restart without effect.

    Args:
        advisories: the advisories to choose from.
        most: maximum number to return.
    """
    ordered = sorted(advisories, key=lambda advisory: (-_rank(advisory), advisory.published, advisory.id))
    newest = {advisory.severity: advisory.id for advisory in ordered}
    oldest = {advisory.severity: advisory.id for advisory in reversed(ordered)}
    ends = {*oldest.values(), *newest.values()}
    others = [advisory.id for advisory in ordered if advisory.id not in ends]
    kept = ends | {*others[: max(most - len(ends), 0)]}
    return tuple(advisory for advisory in ordered if advisory.id in kept)


def _rank(advisory: Advisory) -> int:
    return SEVERITIES.index(advisory.severity) if advisory.severity else -1


class OsReleaseSource(AdviceSource):
    """Query dnf once a day for newer packages."""

    name = "os_release"

    interval_seconds = Float(86400.0, min=1.0, help="Polling interval in seconds.").tag(config=True)
    timeout_seconds = Float(120.0, min=0.1, help="Timeout in seconds for dnf, which first downloads all metadata.").tag(
        config=True
    )
    dnf = Unicode("dnf", help="Name or path of the dnf program. If it is not installed, the release is unknown.").tag(
        config=True
    )
    releasever = Unicode("latest", help="Release of Amazon Linux 2023 to compare the installed release with.").tag(config=True)
    repositories = List(Unicode(), ["amazonlinux"], help="Repositories to query. Empty: all enabled ones.").tag(config=True)
    arguments = List(Unicode(), help="Additional arguments for dnf.").tag(config=True)
    cache_directory = Unicode(help="Cache folder of dnf. It must be writable without root.").tag(config=True)

    @default("cache_directory")
    def _default_cache_directory(self) -> str:
        return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter-nb-updater" / "dnf")

    async def poll(self, now: datetime) -> Signal:
        """Return what dnf lists."""
        program = await asyncio.to_thread(shutil.which, self.dnf)
        if program is None:
            return os_release(None, now)
        cache = Path(self.cache_directory)
        dnf = Dnf(program, cache, self.releasever, self.repositories, self.arguments, self.timeout_seconds)
        return os_release(await dnf.find_newer(now), now)
