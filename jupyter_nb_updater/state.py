"""The revisioned state document that every browser tab renders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from .util.clock import SystemClock, to_text
from .util.simulated_clock import AdviceClock

State = dict[str, Any]


class StateDocument:
    """Hold the state of the instance and its restart, and notify listeners of changes. Described in ``docs/protocol.md``."""

    def __init__(self, system_clock: SystemClock, advice_clock: AdviceClock | None = None) -> None:
        """Create an empty document.

        Args:
            system_clock: the wall clock, for the time at which the document is read.
            advice_clock: the clock used for advice; included in the document while it is simulated.
        """
        self._system_clock, self._advice_clock = system_clock, advice_clock
        self._revision = 0
        self._parts: State = {
            "server_id": uuid.uuid4().hex,
            "instance": None,
            "software": {},
            "advice": None,
            "policy": None,
            "hold": None,
            "given_name": "",
            "return_path": None,
            "risks": [],
            "work": {"documents": [], "losses": [], "rescued": [], "lost_tabs": []},
            "channel": {"refused": 0, "origin": None, "cuts": 0, "polling": 0},
            "restart": None,
            "outcome": None,
            "restore": {"enabled": [], "available": [], "restored": [], "not_restored": []},
            "packages": {"phase": "none", "automatic": False, "environments": []},
        }
        self._listeners: list[Callable[[State], None]] = []

    def __getitem__(self, part: str) -> Any:
        return self._parts[part]

    def update(self, **parts: Any) -> None:
        """Replace parts of the document, and notify the listeners if a part changed."""
        unknown = parts.keys() - self._parts.keys()
        if unknown:
            raise KeyError(f"unknown parts of the state document: {', '.join(sorted(unknown))}")
        different = any(self._parts[name] != value for name, value in parts.items())
        self._parts.update(parts)
        if different:
            self._revision += 1
            for listener in self._listeners:
                listener(self.to_json())

    def refresh(self, **parts: Any) -> None:
        """Replace parts without notifying the listeners, for values that differ only in their time."""
        self._parts.update(parts)

    def subscribe(self, listener: Callable[[State], None]) -> None:
        """Call ``listener`` with the whole document after every change."""
        self._listeners.append(listener)

    def to_json(self) -> State:
        """Return the document with the current time on both clocks. The passing of time alone is not a new revision."""
        document = {"revision": self._revision, "now": to_text(self._system_clock.now()), **self._parts}
        clock = self._advice_clock.to_json() if self._advice_clock else None
        return {**document, "advice": {**document["advice"], "clock": clock}} if clock and document["advice"] else document
