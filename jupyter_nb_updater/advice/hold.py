"""A hold: a person keeps the instance from being restarted, for a reason and a limited time that everyone sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float, Instance
from traitlets.config import LoggingConfigurable

from ..util.clock import from_text, to_text
from ..util.request_error import MalformedRequest
from .policy import Policy

MAX_REASON_LENGTH = 200  # characters


@dataclass(frozen=True)
class Hold:
    """A hold on this instance.

    Args:
        by: name of the person.
        reason: in their words.
        until: when it ends.
        since: when it began.
    """

    by: str
    reason: str
    until: datetime
    since: datetime

    @property
    def id(self) -> str:
        """The id that a person confirms who restarts all the same."""
        return f"hold:{to_text(self.since)}"

    def to_json(self) -> dict[str, Any]:
        """As the state document and the journal carry it."""
        return {"by": self.by, "reason": self.reason, "until": to_text(self.until), "since": to_text(self.since)}


class Holds(LoggingConfigurable):
    """The hold in force, if there is one."""

    max_days = Float(14.0, min=0.0, help="For how many days an instance may be held at most.").tag(config=True)

    last = Instance(Hold, allow_none=True, help="The last hold that was set, also when it has ended.")

    def current(self, now: datetime) -> Hold | None:
        """Return the hold in force; ``None`` without one."""
        return self.last if self.last is not None and now < self.last.until else None

    def set(self, by: str, reason: str, until: datetime, now: datetime, organization: Policy | None = None) -> Hold:
        """Hold from now on, in the place of any other hold.

        Raises:
            MalformedRequest: it would end in the past, or later than allowed, or this person may not; the message says so.
        """
        max_days = self.max_days if organization is None else organization.hold_days
        if organization is not None and not organization.may_hold(by):
            whom = f"only {', '.join(organization.holders)}" if organization.holders else "nobody"
            raise MalformedRequest(f"{organization.origin.organization or 'the organization'} lets {whom} hold it")
        if until <= now:
            raise MalformedRequest("a hold must end in the future")
        if until > now + timedelta(days=max_days):
            raise MalformedRequest(f"a hold may last {max_days:g} days at most")
        self.last = Hold(by, " ".join(reason.split())[:MAX_REASON_LENGTH], until, now)
        return self.last

    def release(self) -> None:
        """End it now."""
        self.last = None

    def load_history(self, records: Iterable[dict[str, Any]]) -> None:
        """Take the hold from the journal again. A boot has ended what it was for."""
        for record in records:
            if record["event"] == "held":
                self.last = _parse_hold(record)
            elif record["event"] in {"released", "booted"}:
                self.last = None


def _parse_hold(record: dict[str, Any]) -> Hold | None:
    try:
        until, since = from_text(record["until"]), from_text(record["since"])
        return Hold(str(record["by"]), str(record["reason"]), until, since) if until and since else None
    except (KeyError, TypeError, ValueError):
        return None
