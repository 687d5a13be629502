"""One thing that a restart destroys, as the state document tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, Literal

from ..util.clock import to_text

Loss = dict[str, Any]
Kind = Literal["kernel", "terminal", "process", "schedule", "files", "packages"]

RUNNING = {"kernel", "terminal", "process"}
"""Kinds that hold something nobody can get back from a disk."""


def loss(
    kind: Kind,
    key: str,
    name: str,
    detail: str = "",
    *,
    busy: bool = False,
    since: datetime | float | None = None,
    memory: int | None = None,
    size: int | None = None,
) -> Loss:
    """Always the same eight keys; what is not known is ``None``.

    Args:
        kind: of thing.
        key: tells it from all others of its kind, and stays the same as long as the thing does.
        name: what a person calls it.
        detail: a second fact, in machine text.
        busy: whether it works now, so that ending it ends the work.
        since: when it became busy or was last active; seconds since the epoch will do.
        memory: bytes that it holds in memory.
        size: bytes, or how many.
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
    """Whether the person must have accepted this loss by its id before the instance may stop."""
    return loss["kind"] in RUNNING


def display_name(loss: Mapping[str, Any]) -> str:
    """What a person knows it by: a terminal by what runs in it, everything else by its name."""
    return str(loss["detail"] if loss["kind"] == "terminal" and loss["detail"] else loss["name"])


def journal_name(loss: Mapping[str, Any]) -> str:
    """The same as a journal may hold it: the program and what it is about. More of a command line may be a secret."""
    words = display_name(loss).split()
    if loss["kind"] == "kernel" or not words:
        return display_name(loss)
    options = next((number for number, word in enumerate(words) if word.startswith("-") or "=" in word), len(words))
    return " ".join(words[: min(options, 2)]) or "…"


def busy(losses: Iterable[Loss]) -> list[Loss]:
    """Those that work now: losing one takes a second, explicit word, and "when idle" waits for them."""
    return [loss for loss in losses if loss["busy"]]
