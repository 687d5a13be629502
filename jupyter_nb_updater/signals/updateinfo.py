"""Parses what ``dnf`` and the metadata of its repositories say of advisories.

The metadata of a repository says when an advisory was issued and when it was changed last; ``dnf updateinfo`` shows the later
one alone (libsolv keeps one time of each, and takes the later). A service level runs from the first, so that is read from the
metadata that dnf has fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from ..advice.signal import SEVERITIES, Advisory, Severity

SITE = "https://alas.aws.amazon.com/AL2023"
LAST_SHORT_ID_NUMBER, FIRST_FULL_ID_NUMBER = 969, 1054
"""Numbers of advisories, as their addresses name them (:func:`link`)."""

HEAD = re.compile(r"^={79}\n(.*)\n={79}\n", re.MULTILINE)
PACKAGE = re.compile(r"package update for (\S{1,100})$")
FIELD = re.compile(r"^ *([A-Z][A-Za-z ]*)?: (.*)$")
TOKEN = re.compile(rb"""<id>\s*([^<\s]{1,100})\s*</id>|<issued\s+date=["']([^"']{1,40})["']""")
MAX_TOKEN_BYTES = 300

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d")


class NotUnderstood(Exception):
    """It is not what this version of dnf, or any that we know, says."""


def advisories(text: str, issued: Mapping[str, datetime], otherwise: datetime) -> list[Advisory]:
    """The security advisories in the answer of ``dnf updateinfo info``. Fixes of other faults are no reason to hurry.

    Their text is the name of the package, as Amazon's titles end: "Important priority package update for kernel".

    Args:
        text: the answer; nothing, when there are none.
        issued: when each was issued, by its id. Where that is not known, it is the time of its last change.
        otherwise: since when one was there at the latest of which dnf has no time.

    Raises:
        NotUnderstood: there is an answer, and not one that we can read.
    """
    before, *pairs = HEAD.split(text)
    if before.strip():
        raise NotUnderstood(f"dnf does not list advisories, but says {before.strip().splitlines()[0]!r}")
    found = []
    for title, fields in zip(pairs[::2], map(_fields, pairs[1::2]), strict=True):
        identifier, kind = fields.get("Update ID", ""), fields.get("Type", "")
        if not identifier or not kind:
            raise NotUnderstood("dnf lists an advisory without its id or type")
        if kind == "security":
            published = issued.get(identifier) or moment(fields.get("Updated", "")) or otherwise
            cves = tuple(fields.get("CVEs", "").split())
            package = PACKAGE.search(title)
            found.append(
                Advisory(
                    identifier,
                    published,
                    severity(fields.get("Severity", "")),
                    cves=cves,
                    text=package[1] if package else "",
                    link=link(identifier),
                )
            )
    return found


def _fields(block: str) -> dict[str, str]:
    """``Label: text`` and, below it, further lines of it without a label."""
    fields: dict[str, str] = {}
    label = ""
    for line in block.splitlines():
        if field := FIELD.match(line):
            label = field[1] or label
            fields[label] = f"{fields.get(label, '')} {field[2]}".strip()
    return fields


def issued(chunks: Iterable[bytes]) -> dict[str, datetime]:
    """When each advisory was issued, by its id, from the pieces of an ``updateinfo.xml``.

    It is many megabytes, of which two marks of each advisory are wanted; a parser that builds a tree would be the heaviest
    thing that we do. In every known one the id comes before the date (createrepo_c, ``cr_xml_dump_updateinforecord``).
    """
    times: dict[str, datetime] = {}
    identifier, rest = "", b""
    for chunk in chunks:
        text = rest + chunk
        end = 0
        for token in TOKEN.finditer(text):
            end = token.end()
            if token[1]:
                identifier = token[1].decode("ascii", "replace")
            elif when := moment(token[2].decode("ascii", "replace")):
                times[identifier] = min(when, times.get(identifier, when))
        rest = text[max(end, len(text) - MAX_TOKEN_BYTES) :]
    return times


def moment(text: str) -> datetime | None:
    """A time as repositories write it, in UTC; ``None`` for what is none, and for the epoch, by which dnf means the same."""
    for form in FORMATS:
        try:
            found = datetime.strptime(text.strip(), form).replace(tzinfo=timezone.utc)
        except ValueError:
            continue
        return found if found.timestamp() > 0 else None
    try:
        seconds = int(text)
        return datetime.fromtimestamp(seconds, timezone.utc) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def severity(text: str) -> Severity | None:
    """As Amazon Linux names it, in lower case; ``None`` for one that it does not have."""
    return next((known for known in SEVERITIES if known == text.strip().lower()), None)


def link(identifier: str) -> str | None:
    """The page of an advisory for Amazon Linux 2023; ``None`` where its address is not certain.

    AL2023 User Guide, "Amazon Linux Security Advisories": what dnf calls ``ALAS2023-2024-581`` is ``ALAS-2024-581`` on the
    site. That ended in 2025: 969 is the last number that was seen in an address of that form, and 1054 the first in one with
    the whole id.
    """
    parts = re.fullmatch(r"ALAS2023-(\d{4})-(\d{3,})", identifier)
    if parts is None:
        return None
    number = int(parts[2])
    if number >= FIRST_FULL_ID_NUMBER:
        return f"{SITE}/{identifier}.html"
    return f"{SITE}/ALAS-{parts[1]}-{parts[2]}.html" if number <= LAST_SHORT_ID_NUMBER else None
