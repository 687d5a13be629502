"""When this instance was started: the age of everything that a stop and start renews."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

FIRST_PLAUSIBLE = datetime(2017, 11, 29, tzinfo=timezone.utc)  # the day on which AWS launched SageMaker
MAX_CLOCK_SKEW = timedelta(minutes=5)

MIN_BOOT_DISTANCE = timedelta(minutes=1)
"""Between two boots. A clock that is set moves the boot time by less, because Linux works it out anew at each reading."""


def btime(stat: str) -> float | None:
    """The boot time in the text of ``/proc/stat``, in seconds since the epoch; ``None`` without that line."""
    for line in stat.splitlines():
        key, _, value = line.partition(" ")
        if key == "btime":
            try:
                return float(value)
            except ValueError:
                return None
    return None


def plausible(seconds: float, now: datetime) -> datetime | None:
    """A boot time that can be believed, or ``None``.

    A clock that was wrong at boot, or is wrong now, would say "up to date" or "5 decades old" with equal confidence.
    """
    try:
        booted = datetime.fromtimestamp(int(seconds), timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None
    return booted if FIRST_PLAUSIBLE <= booted <= now + MAX_CLOCK_SKEW else None


class BootClock(LoggingConfigurable):
    """The boot time of this machine.

    Never ``LastModifiedTime`` of the API: tags may move it. A reboot of the operating system resets this clock without a new
    image (nothing on the instance tells the two apart).
    """

    stat_path = Unicode("/proc/stat", help="Statistics file of the kernel; its line `btime` is the boot time.").tag(config=True)

    id_path = Unicode(
        "/proc/sys/kernel/random/boot_id",
        help="File with the kernel's unique id of this boot, which identifies it even if the clock jumps.",
    ).tag(config=True)

    last: datetime | None = None
    """When this machine booted, as :meth:`refresh` read it last; ``None`` when unknown."""

    def refresh(self, now: datetime) -> None:
        """Read the boot time, and keep the earlier reading of the same boot.

        Args:
            now: the time by the wall clock.
        """
        booted = self.read(now)
        if booted is None or self.last is None or abs(booted - self.last) >= MIN_BOOT_DISTANCE:
            self.last = booted

    def read_id(self) -> str | None:
        """Which boot this is (``random(4)``); ``None`` when that is not known."""
        try:
            return Path(self.id_path).read_text("ascii").strip() or None
        except (OSError, ValueError):
            return None

    def read(self, now: datetime) -> datetime | None:
        """When this machine booted; ``None`` when that is not known or not plausible at the time ``now``."""
        try:
            seconds = btime(Path(self.stat_path).read_text("utf-8"))
        except OSError:
            seconds = None
        if seconds is None:
            import psutil  # only where /proc is missing: it costs more than the whole rest of loading

            seconds = psutil.boot_time()
        return plausible(seconds, now)
