"""The report that instances of one platform share about their software.

``{"format": 1, "platform", "written", "reporters": {NAME: TIME}, "software": {COMPONENT: {"version", "since", "booted"}}}``

For each component it contains the newest version seen on any instance, since when that version is known, and when the last
instance with it booted. So the order of reports makes no difference, an older image or a wrong clock removes nothing, and
reporting twice changes nothing. The reporters say that others still compare: after two days without one, nothing is known.

Anyone with write permission can write anything into the object. Implausible content is ignored: an invalid version, a time
later than the object itself. An object in another format is replaced by the next report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from packaging.version import InvalidVersion, Version

from ..instance.boot_time import FIRST_PLAUSIBLE
from ..util.clock import from_text, parse_time_or_none, to_text

SYSTEM_COMPONENTS = {"kernel", "os_release"}
"""Components with versions of the operating system: ``6.1.155-176.282.amzn2023.x86_64``, ``Amazon Linux 2023.9.20251110``. All
others are Python versions (PEP 440)."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
TEXT = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ._+~:!-]{0,99}", re.ASCII)
MAX_NUMBER_DIGITS = 14  # a date with its time


def is_plausible(name: str, version: str) -> bool:
    """Check whether text from an untrusted source can be the version of a component."""
    numbers = re.findall(r"\d+", version[:101])
    if not (NAME.fullmatch(name) and TEXT.fullmatch(version) and all(len(number) <= MAX_NUMBER_DIGITS for number in numbers)):
        return False
    try:
        return name in SYSTEM_COMPONENTS or bool(Version(version))
    except InvalidVersion:
        return False


def is_newer(name: str, version: str, than: str) -> bool:
    """Check whether ``version`` of a component is newer than ``than``. Both must be plausible."""
    if name in SYSTEM_COMPONENTS:
        return pieces(version) > pieces(than)
    return Version(version) > Version(than)


def pieces(version: str) -> tuple[tuple[bool, int, str], ...]:
    """Return the pieces of a version for comparison as rpm does it: numerically, and numbers after words (rpm-version(7))."""
    found = re.findall(r"\d+|[A-Za-z]+", version)
    return tuple((piece.isdigit(), int(piece) if piece.isdigit() else 0, piece if piece.isalpha() else "") for piece in found)


OBJECT_FORMAT = 1  # a new format needs another object name, so that older versions of the extension keep their object
MAX_BYTES = 64 * 1024
MAX_COMPONENTS = 50
MAX_REPORTERS = 2
MAX_REPORTER_AGE = timedelta(days=2)
"""Age from which a reporter does not count."""

REPORTER_RENEWAL = timedelta(days=1)
"""Age from which a reporter writes its time again."""

MAX_CLOCK_SKEW = timedelta(minutes=15)
"""S3 rejects requests of a machine whose clock is further off (S3 API Reference, "Error responses", RequestTimeTooSkewed)."""

REPORTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")  # API Reference, CreateNotebookInstance, NotebookInstanceName


@dataclass(frozen=True)
class NewestVersion:
    """The newest version of one component.

    Args:
        version: the version.
        since: time of the first report.
        booted: time of the last boot of an instance with this version.
    """

    version: str
    since: datetime
    booted: datetime


@dataclass(frozen=True)
class FleetReport:
    """Everything that was reported for one platform.

    Args:
        software: the newest version of each component.
        reporters: two instances that reported lately, and when, so that an instance knows whether it is alone.
    """

    software: Mapping[str, NewestVersion] = field(default_factory=dict)
    reporters: Mapping[str, datetime] = field(default_factory=dict)

    def others(self, name: str, now: datetime) -> set[str]:
        """Return the other instances that reported lately.

        Args:
            name: name of this instance.
            now: the current time.
        """
        return {reporter for reporter, reported in self.reporters.items() if now - reported <= MAX_REPORTER_AGE} - {name}

    def merged_with(self, name: str, software: Mapping[str, str], booted: datetime, now: datetime) -> FleetReport:
        """Return the report with the versions of one more instance.

        Args:
            name: name of the instance.
            software: its versions, by component.
            booted: time of its last boot.
            now: time of the report, for versions that are new.
        """
        plausible = {component: version for component, version in software.items() if is_plausible(component, version)}
        merged = {**self.software}
        for component, version in plausible.items():
            seen = merged.get(component)
            if seen is None or is_newer(component, version, seen.version):
                merged[component] = NewestVersion(version, now, booted)
            elif booted > seen.booted and not is_newer(component, seen.version, version):
                merged[component] = NewestVersion(seen.version, seen.since, booted)
        kept = dict(sorted(merged.items())[:MAX_COMPONENTS])
        return FleetReport(kept, self._reporters_with(name, now))

    def _reporters_with(self, name: str, now: datetime) -> dict[str, datetime]:
        """Return the reporters with this instance, unless it reported within a day, or two others did lately."""
        lately = {reporter: self.reporters[reporter] for reporter in sorted(self.others(name, now))}
        reported = self.reporters.get(name)
        if reported is not None and timedelta(0) <= now - reported < REPORTER_RENEWAL:
            return {name: reported, **lately}
        return lately if reported is None and len(lately) >= MAX_REPORTERS else {name: now, **lately}

    def to_bytes(self, platform: str, now: datetime) -> bytes:
        """Return the content of the shared object."""
        software = {
            component: {"version": seen.version, "since": to_text(seen.since), "booted": to_text(seen.booted)}
            for component, seen in self.software.items()
        }
        content = {
            "format": OBJECT_FORMAT,
            "platform": platform,
            "written": to_text(now),
            "reporters": {reporter: to_text(reported) for reporter, reported in sorted(self.reporters.items())},
            "software": software,
        }
        return json.dumps(content, indent=2).encode()


def parse(content: bytes, modified: datetime) -> FleetReport | None:
    """Parse the shared object and drop implausible content; ``None`` if its format is unknown.

    Args:
        content: content of the object.
        modified: time at which it was written, by the clock of S3. No time in it may be later.
    """
    if len(content) > MAX_BYTES:
        return None
    try:
        read = json.loads(content)
        if read["format"] != OBJECT_FORMAT:
            return None
        reporters, software = read["reporters"], read["software"]
        times = {name: parse_time_or_none(time) for name, time in reporters.items() if REPORTER.fullmatch(name)}
        lately = {name: time for name, time in times.items() if time and FIRST_PLAUSIBLE <= time <= modified + MAX_CLOCK_SKEW}
        seen = {
            name: _parse_entry(name, entry, modified + MAX_CLOCK_SKEW)
            for name, entry in sorted(software.items())[:MAX_COMPONENTS]
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return FleetReport({name: found for name, found in seen.items() if found}, dict([*lately.items()][:MAX_REPORTERS]))


def _parse_entry(name: str, entry: Any, latest: datetime) -> NewestVersion | None:
    try:
        version, since, booted = entry["version"], from_text(entry["since"]), from_text(entry["booted"])
        believed = is_plausible(name, version) and all(FIRST_PLAUSIBLE <= time <= latest for time in (since, booted) if time)
    except (ValueError, KeyError, TypeError):
        return None
    return NewestVersion(version, since, booted) if believed and since and booted else None
