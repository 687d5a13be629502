"""Why a document of the organization is not active."""

from __future__ import annotations

from collections.abc import Iterable

from ..util.text import shorten

MAX_MESSAGE_LENGTH = 300  # characters


class PolicyRejected(Exception):
    """A document could not be fetched, or is not accepted. The active policy stays.

    Args:
        code: what it is about, such as ``schema``.
        message: in words, for a person. Parts of it may come from outside.
        problems: each problem, with its place in the document.
        action: the IAM action that is missing, if it is that.
    """

    def __init__(self, code: str, message: str, problems: Iterable[str] = (), action: str | None = None) -> None:
        self.problems = tuple(shorten(problem, MAX_MESSAGE_LENGTH) for problem in problems)
        super().__init__(shorten(f"{message}: {self.problems[0]}" if self.problems else message, MAX_MESSAGE_LENGTH))
        self.code, self.action = code, action
