"""The one revisioned state document that every tab renders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .util.clock import to_text

State = dict[str, Any]


class StateDocument:
    """State, not a queue: whoever looks, and whenever, sees the same document. ``docs/protocol.md`` says what is in it."""

    def __init__(self, now: Callable[[], datetime], clock: Callable[[], State | None] = lambda: None) -> None:
        """Args: the wall clock; what is told of a simulated one that advice goes by."""
        self._now, self._clock = now, clock
        self._revision = 0
        self._parts: State = {
            "server_id": uuid.uuid4().hex,
            "instance": None,
            "software": {},
            "advice": None,
            "policy": None,
            "hold": None,
            "return_path": None,
            "risks": [],
            "work": {"documents": [], "losses": [], "rescued": [], "lost_tabs": []},
            "restart": None,
            "outcome": None,
            "desk": {"keeping": [], "offered": [], "back": [], "missing": []},
            "packages": {"phase": "none", "automatic": False, "environments": []},
        }
        self._listeners: list[Callable[[State], None]] = []

    def __getitem__(self, part: str) -> Any:
        return self._parts[part]

    def update(self, **parts: Any) -> None:
        """Replace whole parts; tell the listeners if one of them is different now."""
        unknown = parts.keys() - self._parts.keys()
        if unknown:
            raise KeyError(f"no part of the state document: {', '.join(sorted(unknown))}")
        different = any(self._parts[name] != value for name, value in parts.items())
        self._parts.update(parts)
        if different:
            self._revision += 1
            for listener in self._listeners:
                listener(self.to_json())

    def refresh(self, **parts: Any) -> None:
        """Replace whole parts by what says the same, as of now: whoever asks sees it, and nobody is told."""
        self._parts.update(parts)

    def subscribe(self, listener: Callable[[State], None]) -> None:
        """Call ``listener`` with every new revision."""
        self._listeners.append(listener)

    def to_json(self) -> State:
        """The whole document, and the time at which it was looked at, on either clock: that it passes is no news."""
        told = {"revision": self._revision, "now": to_text(self._now()), **self._parts}
        clock = self._clock()
        return {**told, "advice": {**told["advice"], "clock": clock}} if clock and told["advice"] else told
