"""Turn untrusted text into a short line that is safe to display."""

from __future__ import annotations

import re
from unicodedata import category

OBJECT_ADDRESS = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
"""Python's representation of an object in an error message. It differs every time, and has no meaning for a user."""

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of control characters, format characters, surrogates, and line and paragraph separators.

Format characters (``Cf``) have no shape of their own. They reverse the direction of text, split words, or carry text that
nobody sees, so that a text reads differently than it is written (Unicode TR 36, "Unicode Security Considerations")."""

IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Characters of other categories that are not displayed either (DerivedCoreProperties.txt, Default_Ignorable_Code_Point).
Without the variation selectors of emoji."""


def is_hidden(character: str) -> bool:
    """Check whether a character is not displayed, or changes how others are displayed."""
    return category(character) in HIDDEN_CATEGORIES or IGNORABLE.match(character) is not None


def one_line(text: str) -> str:
    """Return text without line breaks, control characters, hidden characters and object addresses.

    Args:
        text: any text, also from untrusted sources.
    """
    line = " ".join(OBJECT_ADDRESS.sub("", " ".join(text.split())).split())
    return "".join(character if character.isprintable() and not is_hidden(character) else "?" for character in line)


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
