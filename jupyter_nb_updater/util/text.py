"""Text from outside as one short line that is safe to show."""

from __future__ import annotations

import re

OBJECT_ADDRESS = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
"""How Python names an object in the message of an error: it differs at each attempt, and tells a person nothing."""


def one_line(text: str) -> str:
    """Return a text without line breaks, control characters and addresses of objects.

    Args:
        text: any text, also from outside.
    """
    line = " ".join(OBJECT_ADDRESS.sub("", " ".join(text.split())).split())
    return "".join(character if character.isprintable() else "?" for character in line)


def ellipsize(text: str, max_length: int) -> str:
    """Return a text that is not longer than allowed; what is cut off leaves an ellipsis.

    Args:
        text: any text.
        max_length: of the result, in characters.
    """
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def shorten(text: str, max_length: int) -> str:
    """Return a text as one line that is not longer than allowed.

    Args:
        text: any text, also from outside.
        max_length: of the result, in characters.
    """
    return ellipsize(one_line(text), max_length)
