"""Parse advisories from the output of ``dnf`` and from the metadata of its repositories.

The metadata of a repository contains when an advisory was issued and when it was last changed; ``dnf updateinfo`` shows only
the later time (libsolv keeps one time of each). A service level counts from the first, which is therefore read from the
metadata that dnf has downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from ..advice.signal import SEVERITIES, Advisory, Severity
from ..util.text import one_line

SITE = "https://alas.aws.amazon.com/AL2023"
LAST_SHORT_ID_NUMBER, FIRST_FULL_ID_NUMBER = 969, 1054
"""Numbers that decide the form of an advisory's URL (:func:`link`)."""

HEAD = re.compile(r"^={79}\n(.*)\n={79}\n", re.MULTILINE)
PACKAGE = re.compile(r"package update for (\S{1,100})$")
FIELD = re.compile(r"^ *([A-Z][A-Za-z ]*)?: (.*)$")
TOKEN = re.compile(rb"""<id>\s*([^<\s]{1,100})\s*</id>|<issued\s+date=["']([^"']{1,40})["']""")
MAX_TOKEN_BYTES = 300

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d")


class NotUnderstood(Exception):
    """The output of dnf has an unexpected format."""


def advisories(text: str, issued: Mapping[str, datetime], otherwise: datetime) -> list[Advisory]:
    """Return the security advisories in the output of ``dnf updateinfo info``. Other advisories are ignored.

    The text of an advisory is the package name at the end of Amazon's title: "Important priority package update for kernel".

    Args:
        text: output of dnf; empty if there are no advisories.
        issued: time at which each advisory was issued, by its id. If missing, the time of its last change is used.
        otherwise: time to use for an advisory without any time.

    Raises:
        NotUnderstood: the output has an unexpected format.
    """
    before, *pairs = HEAD.split(text)
    if before.strip():
        raise NotUnderstood(f"unexpected output of dnf instead of advisories: {before.strip().splitlines()[0]!r}")
    found = []
    for title, fields in zip(pairs[::2], map(_fields, pairs[1::2]), strict=True):
        identifier, kind = one_line(fields.get("Update ID", "")), fields.get("Type", "")
        if not identifier or not kind:
            raise NotUnderstood("unexpected output of dnf: an advisory has no id or type")
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
                    text=one_line(package[1]) if package else "",
                    link=link(identifier),
                )
            )
    return found


def _fields(block: str) -> dict[str, str]:
    """Parse lines ``Label: text``, each of which may continue on lines without a label."""
    fields: dict[str, str] = {}
    label = ""
    for line in block.splitlines():
        if field := FIELD.match(line):
            label = field[1] or label
            fields[label] = f"{fields.get(label, '')} {field[2]}".strip()
    return fields


def issued(chunks: Iterable[bytes]) -> dict[str, datetime]:
    """Return when each advisory was issued, by its id, from the chunks of an ``updateinfo.xml``.

    The file has many megabytes, and only two elements of each advisory are needed; a parser that builds a tree would need far
    more memory. The id always comes before the date (createrepo_c, ``cr_xml_dump_updateinforecord``).
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
    """Parse a time of a repository in UTC; ``None`` if it is invalid, or the epoch, which dnf uses for a missing time."""
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
    """Return a severity of Amazon Linux in lower case; ``None`` if it is unknown."""
    return next((known for known in SEVERITIES if known == text.strip().lower()), None)


def link(identifier: str) -> str | None:
    """Return the page of an advisory for Amazon Linux 2023; ``None`` if its URL is not certain.

    AL2023 User Guide, "Amazon Linux Security Advisories": ``ALAS2023-2024-581`` in dnf is ``ALAS-2024-581`` on the website.
    That
    ended in 2025: 969 is the last number seen in a URL of that form, and 1054 the first in one with the full id.
    """
    parts = re.fullmatch(r"ALAS2023-(\d{4})-(\d{3,})", identifier)
    if parts is None:
        return None
    number = int(parts[2])
    if number >= FIRST_FULL_ID_NUMBER:
        return f"{SITE}/{identifier}.html"
    return f"{SITE}/ALAS-{parts[1]}-{parts[2]}.html" if number <= LAST_SHORT_ID_NUMBER else None
