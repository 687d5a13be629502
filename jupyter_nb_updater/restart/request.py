"""What a person asks for, and the answer when it comes too late. Apart, because the routes need it from the first moment."""

from __future__ import annotations

from typing import Any, NamedTuple


class TooLate(Exception):
    """The stop has been asked for, or another restart is under way: this cannot be done any more."""


class Request(NamedTuple):
    """A restart that a person asked for.

    Args:
        by: who, as Jupyter knows them.
        losses: ids of the losses that they have seen and accept.
        without_return: they were told that nobody starts the instance again.
        facts: evidence for the journal: software, advice.
    """

    by: str
    losses: frozenset[str]
    without_return: bool
    facts: dict[str, Any]
