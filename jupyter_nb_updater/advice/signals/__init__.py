"""What one source says about whether this instance is current."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...clock import to_text

SignalState = Literal["current", "due", "unknown"]


@dataclass(frozen=True)
class Signal:
    """One source's answer.

    Args:
        name: the source, such as ``age``.
        state: ``unknown`` whenever the source cannot prove one of the others.
        code: what it found, for the frontend to put into words.
        checked: when it looked.
        evidence: the facts behind it, ready for JSON.
        link: an https page that explains it.
    """

    name: str
    state: SignalState
    code: str
    checked: datetime
    evidence: dict[str, Any] = field(default_factory=dict)
    link: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "name": self.name,
            "state": self.state,
            "code": self.code,
            "checked": to_text(self.checked),
            "evidence": self.evidence,
            "link": self.link,
        }
