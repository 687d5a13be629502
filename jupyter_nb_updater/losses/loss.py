"""A loss: something that a restart destroys, in the format of the state document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Literal

from ..util.clock import to_text

Loss = dict[str, Any]
LossKind = Literal["kernel", "terminal", "process", "schedule", "files", "packages"]

RUNNING_KINDS = {"kernel", "terminal", "process"}
"""Kinds with state in memory, which no disk has a copy of."""

MAX_JOURNAL_WORDS = 2
"""Number of words of a command line that the journal records: the program and its first argument."""


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
    """Create a loss. It always has the same eight keys; unknown values are ``None``.

    Args:
        kind: kind of the loss.
        key: identifies the loss among those of its kind, for as long as it exists.
        name: name that a user knows.
        detail: a further fact, as machine-readable text.
        busy: whether it is working now, so that ending it ends the work.
        since: time at which it became busy or was last active; a float is in seconds since the epoch.
        memory: memory that it holds, in bytes.
        size: size on disk in bytes, or number of items.
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
    """Check whether the user must accept this loss by its id before the instance may stop.

    Args:
        loss: the loss.
    """
    return loss["kind"] in RUNNING_KINDS


def display_name(loss: Mapping[str, Any]) -> str:
    """Return the name that a user knows: for a terminal the program that is running in it.

    Args:
        loss: the loss.
    """
    return str(loss["detail"] if loss["kind"] == "terminal" and loss["detail"] else loss["name"])


def journal_name(loss: Mapping[str, Any]) -> str:
    """Return the name that the journal may record. Only the first words of a command line, because others may be secret.

    Args:
        loss: the loss.
    """
    command = display_name(loss).split()
    if loss["kind"] == "kernel" or not command:
        return display_name(loss)
    options = next((number for number, word in enumerate(command) if word.startswith("-") or "=" in word), len(command))
    return " ".join(command[: min(options, MAX_JOURNAL_WORDS)]) or "…"
