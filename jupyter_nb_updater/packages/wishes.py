"""What a person has asked for once, kept on the volume: that packages are put back without asking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .baseline import BootId

PREFERENCES_FORMAT = 1


@dataclass(frozen=True)
class ReinstallPreferences:
    """Args: whether packages are put back after each boot; the boot after which that has begun last."""

    automatic: bool = False
    begun: BootId | None = None


def load_preferences(path: Path) -> ReinstallPreferences:
    """As they are kept; without a file that can be read nothing was asked for."""
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != PREFERENCES_FORMAT:
            return ReinstallPreferences()
        begun = content["begun"]
        return ReinstallPreferences(content["automatic"] is True, None if begun is None else BootId.from_json(begun))
    except (OSError, ValueError, TypeError, KeyError):
        return ReinstallPreferences()


def save_preferences(path: Path, wishes: ReinstallPreferences) -> None:
    """Write them, whole or not at all.

    Raises:
        OSError: that did not work.
    """
    content = {"format": PREFERENCES_FORMAT, "automatic": wishes.automatic, "begun": wishes.begun and wishes.begun.to_json()}
    fresh = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(path)
