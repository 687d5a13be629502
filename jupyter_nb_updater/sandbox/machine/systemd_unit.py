"""``jupyter-server.service`` of the emulated machine, as far as systemd counts its starts (systemd.unit(5))."""

from __future__ import annotations

from pathlib import Path

START_LIMIT_BURST = 5
START_LIMIT_INTERVAL_SECONDS = 10.0
"""A unit that starts more often in this interval is left alone: systemd's defaults."""
RESTART_DELAY_SECONDS = 0.1
"""Seconds before the unit is started again, systemd's default of ``RestartSec=``."""


class SystemdUnit:
    """Counts the starts of Jupyter, and writes down what ``systemctl show`` prints.

    Args:
        properties: file to write to, a property a line.
    """

    def __init__(self, properties: Path) -> None:
        self._properties = properties
        self._starts: list[float] = []
        self._restarts = -1

    def may_start(self, now: float) -> bool:
        """Count a start, and tell whether the limit allows it.

        Args:
            now: seconds of a clock that only goes forward.
        """
        self._starts = [start for start in self._starts if now - start < START_LIMIT_INTERVAL_SECONDS] + [now]
        may = len(self._starts) <= START_LIMIT_BURST
        self._restarts += may
        self._properties.write_text(f"ActiveState={'active' if may else 'failed'}\nNRestarts={self._restarts}\n", "utf-8")
        return may

    def reset(self) -> None:
        """Count anew: a start that somebody asks for does not count."""
        self._starts.clear()
        self._restarts = -1
