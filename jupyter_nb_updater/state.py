"""The one revisioned state document that every tab renders."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from .util.clock import SystemClock, to_text
from .util.simulated_clock import AdviceClock

State = dict[str, Any]


class StateDocument:
    """The state of the instance and its restart. Whoever reads it, and whenever, sees the same; see ``docs/protocol.md``."""

    def __init__(self, system_clock: SystemClock, advice_clock: AdviceClock | None = None) -> None:
        """Start with an empty document.

        Args:
            system_clock: the wall clock, for the time at which the document was read.
            advice_clock: the clock of advice, which the document tells of when it is simulated.
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
            "return_path": None,
            "risks": [],
            "work": {"documents": [], "losses": [], "rescued": [], "lost_tabs": []},
            "restart": None,
            "outcome": None,
            "restore": {"enabled": [], "available": [], "restored": [], "not_restored": []},
            "packages": {"phase": "none", "automatic": False, "environments": []},
        }
        self._listeners: list[Callable[[State], None]] = []

    def __getitem__(self, part: str) -> Any:
        return self._parts[part]

    def update(self, **parts: Any) -> None:
        """Replace whole parts, and notify the listeners if one of them changed."""
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
        """Replace whole parts without notifying anybody: by what says the same, as of now."""
        self._parts.update(parts)

    def subscribe(self, listener: Callable[[State], None]) -> None:
        """Call ``listener`` with every new revision."""
        self._listeners.append(listener)

    def to_json(self) -> State:
        """Return the whole document, and the time at which it was read, on either clock. That time passes is no change."""
        document = {"revision": self._revision, "now": to_text(self._system_clock.now()), **self._parts}
        clock = self._advice_clock.to_json() if self._advice_clock else None
        return {**document, "advice": {**document["advice"], "clock": clock}} if clock and document["advice"] else document
