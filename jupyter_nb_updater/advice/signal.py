"""A signal: what one source says about whether this instance is current, and the advisories behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from ..util.clock import to_text

SignalState = Literal["current", "due", "unknown"]

Severity = Literal["low", "medium", "important", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the least to the worst, as Amazon Linux's security advisories name them (ALAS, "Severity")."""


@dataclass(frozen=True)
class Advisory:
    """One reason for which somebody says that a restart is needed.

    Args:
        id: such as ``ALAS2023-2025-1201``.
        published: since when a restart brings the remedy: a service level runs from then.
        severity: one of ``SEVERITIES``; ``None`` when it was not told, or is one that we do not know.
        exploited: whether it is used in attacks: it waits for no rollout wave.
        cves: what it is about.
        text: in a sentence, shown as plain text.
        link: an https page about it.
    """

    id: str
    published: datetime
    severity: Severity | None = None
    exploited: bool = False
    cves: tuple[str, ...] = ()
    text: str = ""
    link: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "id": self.id,
            "published": to_text(self.published),
            "severity": self.severity,
            "exploited": self.exploited,
            "cves": list(self.cves),
            "text": self.text,
            "link": self.link,
        }


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
        subject: what is newer, or is asked for. With another subject it is another reason.
        due_by: until when a restart should have been, where the source itself knows.
        advisories: what the policy's service levels are about.
        helps: whether a restart changes something about it: nothing else is asked for.
    """

    name: str
    state: SignalState
    code: str
    checked: datetime
    evidence: dict[str, Any] = field(default_factory=dict)
    link: str | None = None
    subject: str = ""
    due_by: datetime | None = None
    advisories: tuple[Advisory, ...] = ()
    helps: bool = True

    @property
    def id(self) -> str:
        """Id of the signal: another one when the same source has another reason."""
        return f"{self.name}:{self.subject}" if self.subject else self.name

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "code": self.code,
            "checked": to_text(self.checked),
            "evidence": self.evidence,
            "link": self.link,
            "advisories": [advisory.to_json() for advisory in self.advisories],
        }
