"""A signal: the answer of one source about whether this instance is up to date, with the advisories behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from ..util.clock import to_text

SignalState = Literal["current", "due", "unknown"]

Severity = Literal["low", "medium", "important", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the lowest to the highest, as in Amazon Linux's security advisories (ALAS, "Severity")."""


@dataclass(frozen=True)
class Advisory:
    """One published reason for a restart.

    Args:
        id: id of the advisory, such as ``ALAS2023-2025-1201``.
        published: time from which a restart installs the fix; service levels count from it.
        severity: one of ``SEVERITIES``; ``None`` if missing or unknown.
        exploited: whether it is actively exploited; such an advisory waits for no rollout wave.
        cves: the CVEs that it fixes.
        text: a sentence, shown as plain text.
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
        """Return the advisory in the format of the state document."""
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
    """The answer of one source.

    Args:
        name: name of the source, such as ``age``.
        state: ``current``, ``due``, or ``unknown`` if the source cannot prove either.
        code: result, which the frontend translates into words.
        checked: time of the answer.
        evidence: the facts behind the answer, as JSON.
        link: an https page that explains it.
        subject: what is newer or required. A different subject is a different reason.
        due_by: deadline of the restart, if the source knows one.
        advisories: advisories to which the policy's service levels apply.
        helps: whether a restart can change the answer; otherwise the signal is not a reason for one.
        prevents: whether no restart is possible, because AWS would not start the instance again. Then none is recommended
            prominently, and none is required.
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
    prevents: bool = False

    @property
    def id(self) -> str:
        """Id of the signal; it changes when the source has another reason."""
        return f"{self.name}:{self.subject}" if self.subject else self.name

    def to_json(self) -> dict[str, Any]:
        """Return the signal in the format of the state document."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "code": self.code,
            "checked": to_text(self.checked),
            "evidence": self.evidence,
            "link": self.link,
            "advisories": [advisory.to_json() for advisory in self.advisories],
            **({"prevents": True} if self.prevents else {}),
        }
