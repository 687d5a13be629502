"""The requests of the routes: their bodies, and the error when a request comes too late. Light, because each start loads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..util.clock import parse_time_or_none
from ..util.request_error import Conflict, MalformedRequest

MAX_WAIT = timedelta(days=30)
"""How far ahead a restart may be scheduled: AWS advises one every 30 days."""


class TooLate(Conflict):
    """The stop has been asked for, or another restart is under way: this cannot be done any more."""


class Consent(NamedTuple):
    """What a person agrees to lose or to override, by id.

    Args:
        losses: ids of the losses that they saw in a list and accept.
        confirmed: ids that they confirmed one by one: what is busy, documents of which only a rescue copy is saved, pages that
            do not answer, a hold, a move to another platform.
    """

    losses: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()

    def covers(self, loss: Mapping[str, Any]) -> bool:
        """Return whether this loss was accepted, in the list or by itself.

        Args:
            loss: as the state document has it.
        """
        return loss["id"] in self.losses | self.confirmed

    def for_journal(self, loss: Mapping[str, Any]) -> str:
        """Return how the person agreed to lose this: ``named`` one by one, ``seen`` in a list, or ``unattended``.

        Args:
            loss: as the state document has it.
        """
        return "named" if loss["id"] in self.confirmed else "seen" if loss["id"] in self.losses else "unattended"


class RestartRequest(NamedTuple):
    """A restart that a person or a policy asks for.

    Args:
        by: who asks, as Jupyter knows them.
        consent: what they agree to lose.
        without_return: they were told that nobody starts the instance again.
        when: ``now``, ``idle`` (when nothing runs any more), or a time.
        facts: evidence for the journal: software, advice.
    """

    by: str = ""
    consent: Consent = Consent()
    without_return: bool = False
    when: str = "now"
    facts: Mapping[str, Any] = {}

    @property
    def unattended(self) -> bool:
        """Whether nobody watches when it begins: then it may end what is idle, and nothing that is busy."""
        return self.when != "now"


def parse_restart(body: Any, now: datetime) -> RestartRequest:
    """Parse the body of ``POST restart``, as ``docs/protocol.md`` has it.

    Args:
        body: as JSON.
        now: the time that ``when`` must lie after.

    Raises:
        MalformedRequest: it is not of that form; the message says what to write.
    """
    content = {} if body is None else body
    if not isinstance(content, dict):
        raise MalformedRequest("the body must be an object")
    without_return = content.get("without_return", False)
    if not isinstance(without_return, bool):
        raise MalformedRequest('"without_return" must be true or false')
    return RestartRequest(
        consent=Consent(_ids(content, "losses"), _ids(content, "confirmed")),
        without_return=without_return,
        when=_when(content.get("when", "now"), now),
    )


def _ids(content: Mapping[str, Any], name: str) -> frozenset[str]:
    listed = content.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise MalformedRequest(f'"{name}" must be a list of strings')
    return frozenset(listed)


def _when(when: Any, now: datetime) -> str:
    if when in ("now", "idle"):
        return str(when)
    time = parse_time_or_none(when)
    if time is None:
        raise MalformedRequest('"when" must be "now", "idle", or a time in UTC such as 2026-11-23T18:00:00Z')
    if not now < time <= now + MAX_WAIT:
        raise MalformedRequest(f'"when" must be a time within the next {MAX_WAIT.days} days')
    return str(when)
