"""A hold: a user keeps the instance from restarting, with a reason and an end that everyone sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from traitlets import Float, Instance
from traitlets.config import LoggingConfigurable

from ..util.clock import from_text, to_text
from ..util.request_error import MalformedRequest
from ..util.text import shorten
from .policy import Policy

MAX_REASON_LENGTH, MAX_NAME_LENGTH = 200, 200  # characters


class Person(NamedTuple):
    """Somebody who uses the instance.

    Args:
        name: what others see; empty if nobody gave a name.
        login: user name of the login; empty if the login does not say who it is, and ``name`` is only what somebody typed.
    """

    name: str = ""
    login: str = ""


@dataclass(frozen=True)
class Hold:
    """A hold on this instance.

    Args:
        by: name of the user.
        reason: reason in the user's words.
        until: end of the hold.
        since: begin of the hold.
        verified: whether a login says that this is the user.
    """

    by: str
    reason: str
    until: datetime
    since: datetime
    verified: bool = False

    @property
    def id(self) -> str:
        """Id to confirm by a user who restarts despite the hold."""
        return f"hold:{to_text(self.since)}"

    def to_json(self) -> dict[str, Any]:
        """Return the hold in the format of the state document and the journal."""
        times = {"until": to_text(self.until), "since": to_text(self.since)}
        return {"by": self.by, "verified": self.verified, "reason": self.reason, **times}


class Holds(LoggingConfigurable):
    """Keep the current hold."""

    max_days = Float(14.0, min=0.0, help="Longest duration of a hold, in days.").tag(config=True)

    last = Instance(Hold, allow_none=True, help="The last hold that was placed, even if it has ended.")

    def current(self, now: datetime) -> Hold | None:
        """Return the current hold; ``None`` if there is none."""
        return self.last if self.last is not None and now < self.last.until else None

    def set(
        self, by: Person, reason: str, until: datetime, now: datetime, organization: Policy | None = None, owner: str = ""
    ) -> Hold:
        """Place a hold that begins now and replaces any other one.

        Args:
            by: the user.
            reason: reason in the user's words; cut to ``MAX_REASON_LENGTH`` characters.
            until: end of the hold.
            now: the current time.
            organization: the organization's policy; ``None`` if there is none.
            owner: the owner of the instance according to its tag; empty if unknown.

        Raises:
            MalformedRequest: the end is in the past or too late, or this user may not place a hold; the message says which.
        """
        max_days = self.max_days if organization is None else organization.hold_days
        if organization is not None and not organization.may_hold({by.login, owner}):
            whom = f"only {', '.join(organization.holders)}" if organization.holders else "nobody"
            raise MalformedRequest(f"{organization.origin.organization or 'the organization'} allows {whom} to place a hold")
        if until <= now:
            raise MalformedRequest("a hold must end in the future")
        if until > now + timedelta(days=max_days):
            raise MalformedRequest(f"a hold can last at most {max_days:g} days")
        name, why = shorten(by.name, MAX_NAME_LENGTH), shorten(reason, MAX_REASON_LENGTH)
        self.last = Hold(name, why, until, now, verified=bool(by.login))
        return self.last

    def release(self) -> None:
        """End the hold now."""
        self.last = None

    def load_history(self, records: Iterable[dict[str, Any]]) -> None:
        """Restore the hold from the journal. A boot ends it.

        Args:
            records: records of the journal, oldest first.
        """
        for record in records:
            if record["event"] == "held":
                self.last = _parse_hold(record)
            elif record["event"] in {"released", "booted"}:
                self.last = None


def _parse_hold(record: dict[str, Any]) -> Hold | None:
    try:
        until, since = from_text(record["until"]), from_text(record["since"])
        verified = record.get("verified") is True
        return Hold(str(record["by"]), str(record["reason"]), until, since, verified) if until and since else None
    except (KeyError, TypeError, ValueError):
        return None
