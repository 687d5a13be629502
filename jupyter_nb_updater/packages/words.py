"""What pip says: what it is about, and its last words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .package import NAME, normalized

MAX_SUMMARY_CHARACTERS = 300
COLLECTING = re.compile(r"(?:Collecting|Requirement already satisfied:) (?P<name>[A-Za-z0-9._-]+)")
INSTALLING = "Installing collected packages: "
USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]+@", re.IGNORECASE)
QUERY = re.compile(r"(?P<url>[a-z][a-z0-9+.-]*://[^\s?#]+)\?[^\s#)'\"]+", re.IGNORECASE)
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def names_in(line: str) -> list[str]:
    """The packages that a line says are at work now, normalized."""
    if line.startswith(INSTALLING):
        return [normalized(name) for name in line.removeprefix(INSTALLING).split(", ") if NAME.fullmatch(name)]
    match = COLLECTING.match(line)
    return [normalized(match["name"])] if match and NAME.fullmatch(match["name"]) else []


def is_installing(line: str) -> bool:
    """Whether files are being changed from here on."""
    return line.startswith(INSTALLING)


def error_summary(lines: Iterable[str]) -> str:
    """Why it failed, in its own words: the last line that it calls an error, else the last one. Without secrets."""
    said = [line for text in lines if (line := " ".join(ESCAPES.sub("", text).split()))]
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
    words = masked((errors or said or [""])[-1])
    return words if len(words) <= MAX_SUMMARY_CHARACTERS else f"{words[: MAX_SUMMARY_CHARACTERS - 1]}…"


def masked(text: str) -> str:
    """Without what a URL may hold of secrets: a user with a password or a token, and a signed query."""
    return QUERY.sub(r"\g<url>?***", USER.sub(r"\g<scheme>***@", text))
