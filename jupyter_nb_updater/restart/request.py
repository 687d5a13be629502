"""Parse restart requests. Imports little, because every server start loads this module."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..util.clock import parse_time_or_none
from ..util.request_error import Conflict, MalformedRequest

MAX_WAIT = timedelta(days=30)
"""Latest time for a scheduled restart, from now: AWS recommends a restart every 30 days."""


MAX_IDS, MAX_IDS_CHARS = 5000, 200_000
"""Maximum number of ids in a request, and of their characters: the journal keeps them, and has two files of a MiB."""

MAX_ID_CHARS = 4352
"""Maximum length of an id, in characters: a kind and a path (``PATH_MAX`` of Linux is 4096)."""


class TooLate(Conflict):
    """The request comes too late: the instance is stopping, or another restart is in progress."""


class Consent(NamedTuple):
    """What the user agrees to lose or to override, by id.

    Args:
        losses: ids of the losses that the user saw in a list and accepts.
        confirmed: ids that the user confirmed individually: busy kernels and programs, documents with only a rescue copy, pages
            that do not respond, a hold, a move to another platform.
    """

    losses: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()

    def covers(self, loss: Mapping[str, Any]) -> bool:
        """Check whether the user accepted this loss, in the list or individually.

        Args:
            loss: the loss, in the format of the state document.
        """
        return loss["id"] in self.losses | self.confirmed

    def for_journal(self, loss: Mapping[str, Any]) -> str:
        """Return how the user accepted this loss: ``named`` individually, ``seen`` in a list, or ``unattended``.

        Args:
            loss: the loss, in the format of the state document.
        """
        return "named" if loss["id"] in self.confirmed else "seen" if loss["id"] in self.losses else "unattended"


class RestartRequest(NamedTuple):
    """A restart requested by a user or required by a policy.

    Args:
        by: display name of the user.
        consent: what the user agrees to lose.
        without_return: whether the user accepts that nothing starts the instance again.
        when: ``now``, ``idle`` (once nothing is running), or a time.
        facts: evidence for the journal: software, advice.
    """

    by: str = ""
    consent: Consent = Consent()
    without_return: bool = False
    when: str = "now"
    facts: Mapping[str, Any] = {}

    @property
    def unattended(self) -> bool:
        """Whether the restart can begin unattended. It may then end idle kernels and terminals, but nothing that is busy."""
        return self.when != "now"


def parse_restart(body: Any, now: datetime) -> RestartRequest:
    """Parse the body of ``POST restart``, described in ``docs/protocol.md``.

    Args:
        body: the parsed JSON.
        now: the current time; ``when`` must be later.

    Raises:
        MalformedRequest: the body is invalid; the message says what is expected.
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
    if len(listed) > MAX_IDS or sum(map(len, listed)) > MAX_IDS_CHARS or max(map(len, listed), default=0) > MAX_ID_CHARS:
        raise MalformedRequest(f'"{name}" is too long')
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
