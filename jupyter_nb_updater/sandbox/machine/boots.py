"""The boots of one machine: what is installed at each, and how old the first one says that it is."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from ...util.clock import to_text, utcnow
from ..options import SandboxOptions
from . import images
from .filesystem import MachineBoot
from .images import Image


class Boots:
    """Gives each boot its images, times and settings.

    Args:
        options: the instance; what the images have, and the clock of the first boot.
        traits: settings of the extension and of Jupyter, class to trait to value; the first boot adds the clock of advice.
    """

    def __init__(self, options: SandboxOptions, traits: dict[str, Any]) -> None:
        self._options = options
        self._recipes = images.system(options.collaboration)
        self._traits = traits
        self._systems: list[Image] = []
        self._kernel: Image | None = None
        self._count = 0

    def prepare(self, log: logging.Logger) -> None:
        """Build the images that are missing."""
        self._systems = [images.prepare(recipe, log) for recipe in self._recipes]
        self._kernel = images.prepare(images.KERNEL, log)

    def next(self, platform: str) -> MachineBoot:
        """Return the next boot.

        Args:
            platform: platform identifier that the instance has now.
        """
        number, self._count = self._count, self._count + 1
        now, options = utcnow(), self._options
        if number == 0 and (options.simulate_date or options.time_scale != 1.0):
            # of the first boot only: over a restart the simulated time goes on
            start = to_text(options.simulate_date or now)
            clock = {"simulate_date": start, "anchor": to_text(now), "rate": options.time_scale}
            self._traits = self._traits | {"AdviceClock": clock | self._traits.get("AdviceClock", {})}
        assert self._kernel is not None  # noqa: S101  prepare() made it
        return MachineBoot(
            number,
            booted=now - (options.uptime if number == 0 else timedelta(0)),
            system=self._systems[min(number, len(self._systems) - 1)],
            kernel=self._kernel,
            platform=platform,
            traits=self._traits,
        )
