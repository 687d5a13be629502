"""Find out when this instance booted, which is the age of everything that a stop and start renews."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

FIRST_PLAUSIBLE = datetime(2017, 11, 29, tzinfo=timezone.utc)  # the day on which AWS launched SageMaker
MAX_CLOCK_SKEW = timedelta(minutes=5)

MIN_BOOT_DISTANCE = timedelta(minutes=1)
"""Minimum time between two boots.

Setting the clock moves the boot time by less, because Linux recomputes it at each reading."""


def btime(stat: str) -> float | None:
    """Return the boot time in ``/proc/stat``, in seconds since the epoch; ``None`` if the line is missing."""
    for line in stat.splitlines():
        key, _, value = line.partition(" ")
        if key == "btime":
            try:
                return float(value)
            except ValueError:
                return None
    return None


def plausible(seconds: float, now: datetime) -> datetime | None:
    """Return the boot time if it is plausible, else ``None``.

    With a clock that was wrong at boot or is wrong now, the uptime could seem to be zero or decades.
    """
    try:
        booted = datetime.fromtimestamp(int(seconds), timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None
    return booted if FIRST_PLAUSIBLE <= booted <= now + MAX_CLOCK_SKEW else None


class BootClock(LoggingConfigurable):
    """Read the boot time of this machine.

    ``LastModifiedTime`` of the API is not used: tags may change it. A reboot of the operating system resets this clock without
    a new image, and nothing on the instance distinguishes the two.
    """

    stat_path = Unicode("/proc/stat", help="Statistics file of the kernel; its line `btime` is the boot time.").tag(config=True)

    id_path = Unicode(
        "/proc/sys/kernel/random/boot_id",
        help="File with the kernel's unique id of this boot, which identifies it even if the clock jumps.",
    ).tag(config=True)

    last: datetime | None = None
    """Boot time at the last :meth:`refresh`; ``None`` if unknown."""

    def refresh(self, now: datetime) -> None:
        """Read the boot time, but keep the earlier reading of the same boot.

        Args:
            now: the current time by the wall clock.
        """
        booted = self.read(now)
        if booted is None or self.last is None or abs(booted - self.last) >= MIN_BOOT_DISTANCE:
            self.last = booted

    def read_id(self) -> str | None:
        """Return the kernel's id of this boot (``random(4)``); ``None`` if unknown."""
        try:
            return Path(self.id_path).read_text("ascii").strip() or None
        except (OSError, ValueError):
            return None

    def read(self, now: datetime) -> datetime | None:
        """Return the boot time; ``None`` if it is unknown, or not plausible at the time ``now``."""
        try:
            seconds = btime(Path(self.stat_path).read_text("utf-8"))
        except OSError:
            seconds = None
        if seconds is None:
            import psutil  # only without /proc, because its import is slow

            seconds = psutil.boot_time()
        return plausible(seconds, now)
