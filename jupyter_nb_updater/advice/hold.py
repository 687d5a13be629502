"""A hold: somebody's "not now", with a reason and an end. It ends by itself, and everyone on the instance sees it."""

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

LONGEST_REASON = 200


@dataclass(frozen=True)
class Hold:
    """Who holds the instance as it is, why, and until when."""

    by: str
    reason: str
    until: datetime
    since: datetime

    @property
    def id(self) -> str:
        """What a person names who restarts all the same."""
        return f"hold:{to_text(self.since)}"

    def to_json(self) -> dict[str, Any]:
        """As the state document and the journal carry it."""
        return {"by": self.by, "reason": self.reason, "until": to_text(self.until), "since": to_text(self.since)}


class Holds(LoggingConfigurable):
    """The hold that is in force, if there is one."""

    max_days = Float(14.0, min=0.0, help="For how many days an instance may be held at most.").tag(config=True)

    organization = Instance(Policy, allow_none=True, help="Its policy says who may hold, and for how long, if there is one.")
    last = Instance(Hold, allow_none=True)

    def current(self, now: datetime) -> Hold | None:
        """The hold, until it ends."""
        return self.last if self.last is not None and now < self.last.until else None

    def set(self, by: str, reason: str, until: datetime, now: datetime) -> Hold:
        """Hold from now on, in the place of any other hold.

        Raises:
            MalformedRequest: it would end in the past, or later than allowed, or this person may not; the message says so.
        """
        policy = self.organization
        longest = self.max_days if policy is None else policy.hold_days
        if policy is not None and not policy.may_hold(by):
            whom = f"only {', '.join(policy.holders)}" if policy.holders else "nobody"
            raise MalformedRequest(f"{policy.origin.organization or 'the organization'} lets {whom} hold it")
        if until <= now:
            raise MalformedRequest("a hold must end in the future")
        if until > now + timedelta(days=longest):
            raise MalformedRequest(f"a hold may last {longest:g} days at most")
        self.last = Hold(by, " ".join(reason.split())[:LONGEST_REASON], until, now)
        return self.last

    def release(self) -> None:
        """End it now."""
        self.last = None

    def recall(self, records: Iterable[dict[str, Any]]) -> None:
        """Take the hold from the journal again. A boot has ended what it was for."""
        for record in records:
            if record["event"] == "held":
                self.last = _hold(record)
            elif record["event"] in {"released", "booted"}:
                self.last = None


def _hold(record: dict[str, Any]) -> Hold | None:
    try:
        until, since = from_text(record["until"]), from_text(record["since"])
        return Hold(str(record["by"]), str(record["reason"]), until, since) if until and since else None
    except (KeyError, TypeError, ValueError):
        return None
