"""``jupyter-server.service`` of the emulated machine, as far as systemd counts its starts (systemd.unit(5))."""

from __future__ import annotations

from pathlib import Path

BURST, INTERVAL = 5, 10.0
"""More starts in that many seconds and it is left alone: ``StartLimitBurst=``, ``StartLimitIntervalSec=``, as by default."""
PAUSE = 0.1
"""Seconds before it is started again: ``RestartSec=``, so too."""


class SystemdUnit:
    """Counts, and writes down what ``systemctl show`` says.

    Args:
        shown: where, a property a line.
    """

    def __init__(self, shown: Path) -> None:
        self._shown = shown
        self._starts: list[float] = []
        self._restarts = -1

    def may_start(self, now: float) -> bool:
        """Count a start, and say whether it is not one too many.

        Args:
            now: seconds of a clock that only goes forward.
        """
        self._starts = [start for start in self._starts if now - start < INTERVAL] + [now]
        may = len(self._starts) <= BURST
        self._restarts += may
        self._shown.write_text(f"ActiveState={'active' if may else 'failed'}\nNRestarts={self._restarts}\n", "utf-8")
        return may

    def reset(self) -> None:
        """Somebody asks for a start: that is none of those that are counted."""
        self._starts.clear()
        self._restarts = -1
