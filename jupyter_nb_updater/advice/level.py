"""The words for how urgent a restart is, and for how loudly that is said. Pure."""

from __future__ import annotations

from typing import Literal, get_args

Level = Literal["current", "unknown", "advised", "due", "overdue"]
LEVELS: tuple[Level, ...] = get_args(Level)

Stage = Literal["none", "quiet", "banner", "countdown"]
"""Nothing, a quiet item in the status bar, the banner, the banner with a countdown."""
