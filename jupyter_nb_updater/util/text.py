"""Turn untrusted text into a short line that is safe to display."""

from __future__ import annotations

import re

OBJECT_ADDRESS = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
"""Python's representation of an object in an error message. It differs every time, and has no meaning for a user."""


def one_line(text: str) -> str:
    """Return text without line breaks, control characters and object addresses.

    Args:
        text: any text, also from untrusted sources.
    """
    line = " ".join(OBJECT_ADDRESS.sub("", " ".join(text.split())).split())
    return "".join(character if character.isprintable() else "?" for character in line)


def plural(count: float, singular: str, plural_form: str = "") -> str:
    """Return a number with its noun: ``1 day``, ``2 days``.

    Args:
        count: the number.
        singular: the noun for one.
        plural_form: the noun for any other number; by default the singular with an ``s``.
    """
    number = f"{count:,}" if isinstance(count, int) else f"{count:g}"
    return f"{number} {singular if count == 1 else plural_form or f'{singular}s'}"


def ellipsize(text: str, max_length: int) -> str:
    """Return text of limited length, ending with an ellipsis if it was cut.

    Args:
        text: any text.
        max_length: maximum length of the result, in characters.
    """
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def shorten(text: str, max_length: int) -> str:
    """Return text as one line of limited length.

    Args:
        text: any text, also from untrusted sources.
        max_length: maximum length of the result, in characters.
    """
    return ellipsize(one_line(text), max_length)
