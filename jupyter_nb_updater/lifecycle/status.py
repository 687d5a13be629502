"""What each lifecycle configuration has of ours, and which instances have it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from .merge import FoundBlock, find
from .model import Configuration, Notebook
from .script_check import NotMerged

LifecycleState = Literal["whole", "block", "none", "damaged", "edited", "unread"]

HAS: dict[LifecycleState, bool | None] = {
    "whole": True,
    "block": True,
    "none": False,
    "damaged": None,
    "edited": None,
    "unread": None,
}


@dataclass(frozen=True)
class LifecycleStatus:
    """One configuration.

    Args:
        name: of it.
        state: what it has of ours.
        version: of that.
        restorable: whether the script without ours is what it was before; ``None`` when that is not known.
        notebooks: the instances that have it.
        message: why it could not be read.
    """

    name: str
    state: LifecycleState
    version: str | None
    restorable: bool | None
    notebooks: tuple[Notebook, ...]
    message: str = ""

    @property
    def has_it(self) -> bool | None:
        """Whether its instances have ours from their next start on."""
        return HAS[self.state]

    def to_json(self) -> dict[str, Any]:
        """As the command line reports it."""
        return {
            "name": self.name,
            "state": self.state,
            "version": self.version,
            "restorable": self.restorable,
            "will_have_it": self.has_it,
            "instances": [{"name": one.name, "status": one.status} for one in self.notebooks],
            "message": self.message or None,
        }


def inventory(configurations: Iterable[Configuration], notebooks: Iterable[Notebook]) -> list[LifecycleStatus]:
    """An entry for each configuration.

    Args:
        configurations: all of them.
        notebooks: all of them.
    """
    all_of_them = [*notebooks]
    return [_entry(one, tuple(book for book in all_of_them if book.configuration == one.name)) for one in configurations]


def _entry(configuration: Configuration, notebooks: tuple[Notebook, ...]) -> LifecycleStatus:
    state, found = _state(configuration)
    version, restored = (found.version, found.is_restored) if found else (None, None)
    return LifecycleStatus(configuration.name, state, version, restored, notebooks, configuration.unread)


def _state(configuration: Configuration) -> tuple[LifecycleState, FoundBlock | None]:
    if configuration.unread:
        return "unread", None
    try:
        found = find(configuration.on_start)
    except NotMerged:
        return "damaged", None
    if found is None:
        return "none", None
    if found.is_edited:
        return "edited", found
    return "whole" if found.is_own_script else "block", found
