"""Why a document is not in force."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 300


class PolicyRejected(Exception):
    """A document was not got, or is not one to go by. What was in force before stays.

    Args:
        code: what it is about, such as ``schema``.
        message: in words, for a person. Parts of it may come from outside.
        problems: each by itself, with its place in the document.
        action: the IAM action that is missing, if it is that.
    """

    def __init__(self, code: str, message: str, problems: Iterable[str] = (), action: str | None = None) -> None:
        self.problems = tuple(shorten(problem) for problem in problems)
        super().__init__(shorten(f"{message}: {self.problems[0]}" if self.problems else message))
        self.code, self.action = code, action


def shorten(words: str) -> str:
    """One line, not too long, without control characters and without what differs at each attempt (addresses of objects)."""
    line = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?", "", " ".join(words.split()))
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
