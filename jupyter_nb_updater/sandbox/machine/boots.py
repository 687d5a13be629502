"""The boots of one machine: what is installed at each, and how old the first one says that it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ...util.clock import to_text, utcnow
from . import images
from .filesystem import MachineBoot
from .images import Collaboration, Image, Say


class Boots:
    """Gives each boot its images and times.

    Args:
        collaboration: line of jupyter-collaboration that Jupyter has; ``None`` for a Jupyter without it.
        uptime: how long ago the first one was, as the machine tells it.
        simulate_date: the date that advice goes by at the first one; ``None`` for the real one.
        time_scale: how many times as fast that time passes from then on.
        settings: of the extension, class to trait to value; the first boot puts the clock there.
    """

    def __init__(
        self,
        collaboration: Collaboration | None,
        uptime: timedelta,
        simulate_date: datetime | None,
        time_scale: float,
        settings: dict[str, Any],
    ) -> None:
        self._recipes = images.system(collaboration)
        self._uptime, self._simulate_date, self._time_scale = uptime, simulate_date, time_scale
        self._settings = settings
        self._systems: list[Image] = []
        self._kernel: Image | None = None
        self._count = 0

    def prepare(self, say: Say) -> None:
        """Make the images that are missing."""
        self._systems = [images.prepare(recipe, say) for recipe in self._recipes]
        self._kernel = images.prepare(images.KERNEL, say)

    def next(self, platform: str) -> MachineBoot:
        """The next one, on this platform.

        Args:
            platform: platform identifier of the instance.
        """
        number, self._count = self._count, self._count + 1
        now = utcnow()
        if number == 0 and (self._simulate_date or self._time_scale != 1.0):
            # of the first boot only: over a restart the simulated time goes on
            clock = {"simulate_date": to_text(self._simulate_date or now), "anchor": to_text(now), "rate": self._time_scale}
            self._settings["AdviceClock"] = clock | self._settings.get("AdviceClock", {})
        assert self._kernel is not None  # noqa: S101  prepare() made it
        booted = now - (self._uptime if number == 0 else timedelta(0))
        return MachineBoot(number, booted, self._systems[min(number, len(self._systems) - 1)], self._kernel, platform)
