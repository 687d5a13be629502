"""One thing that a restart destroys, as the state document lists it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Literal

from ..util.clock import to_text

Loss = dict[str, Any]
LossKind = Literal["kernel", "terminal", "process", "schedule", "files", "packages"]

RUNNING_KINDS = {"kernel", "terminal", "process"}
"""Kinds that hold something that no disk has a copy of."""

MAX_JOURNAL_WORDS = 2
"""Words of a command line that the journal records: the program, and what it is about."""


def loss(
    kind: LossKind,
    key: str,
    name: str,
    detail: str = "",
    *,
    busy: bool = False,
    since: datetime | float | None = None,
    memory: int | None = None,
    size: int | None = None,
) -> Loss:
    """Make a loss. It always has the same eight keys; what is not known is ``None``.

    Args:
        kind: kind of thing.
        key: tells it from all others of its kind, and stays the same as long as the thing does.
        name: what a person calls it.
        detail: a second fact, in machine text.
        busy: whether it works now, so that ending it ends the work.
        since: when it became busy or was last active; a float is in seconds since the epoch.
        memory: bytes that it holds in memory.
        size: bytes on disk, or number of things.
    """
    moment = datetime.fromtimestamp(since, timezone.utc) if isinstance(since, float) else since
    return {
        "id": f"{kind}:{key}",
        "kind": kind,
        "name": name,
        "detail": detail,
        "busy": busy,
        "since": to_text(moment),
        "memory": memory,
        "size": size,
    }


def needs_confirmation(loss: Mapping[str, Any]) -> bool:
    """Return whether the person must have accepted this loss by its id before the instance may stop.

    Args:
        loss: the loss.
    """
    return loss["kind"] in RUNNING_KINDS


def display_name(loss: Mapping[str, Any]) -> str:
    """Return the name that a person knows a loss by: of a terminal what runs in it, of everything else its name.

    Args:
        loss: the loss.
    """
    return str(loss["detail"] if loss["kind"] == "terminal" and loss["detail"] else loss["name"])


def journal_name(loss: Mapping[str, Any]) -> str:
    """Return the name that the journal may record. More of a command line than its first words may be a secret.

    Args:
        loss: the loss.
    """
    command = display_name(loss).split()
    if loss["kind"] == "kernel" or not command:
        return display_name(loss)
    options = next((number for number, word in enumerate(command) if word.startswith("-") or "=" in word), len(command))
    return " ".join(command[: min(options, MAX_JOURNAL_WORDS)]) or "…"
