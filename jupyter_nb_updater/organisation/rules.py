"""What a schema cannot say: texts that are plain, times that exist, numbers that fit each other. Pure, but for the zones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..advice.policy import Policy
from ..clock import from_text

MARKUP = re.compile(r"<[A-Za-z/!?]")
"""What begins a tag, an end tag or a comment (HTML Standard, "Tag open state")."""

TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of text around: what is read would not be what is written (Unicode TR 36)."""

UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of control characters, halves of characters, and other line breaks."""


def suspicious(value: Any, place: str = "") -> Iterator[str]:
    """Every text that would not be harmless wherever it is shown, with its place."""
    if isinstance(value, str):
        if MARKUP.search(value):
            yield f"{place}: there is markup in it; only plain text is shown"
        if TURNED.search(value) or any(category(letter) in UNSEEN for letter in value):
            yield f"{place}: there is a control character in it"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from suspicious(item, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from suspicious(item, f"{place}[{number}]")


def contradictions(raw: Mapping[str, Any]) -> Iterator[str]:
    """Everything that fits the schema and makes no sense, with its place."""
    wrong_times = [*_times(raw)]
    yield from wrong_times
    yield from _links(raw)
    if not wrong_times:
        if raw["issued"] >= raw["expires"]:  # in one form, so that texts compare as times do
            yield "expires: it is not after issued"
        yield from _platforms(raw.get("platforms", ()))
    yield from _twice("advisories", raw.get("advisories", ()))
    yield from _age(raw.get("age", {}))
    yield from _window_problems(raw)
    yield from _waves(raw.get("waves", ()))


def _times(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            inside = f"{place}.{name}".lstrip(".")
            if name in {"issued", "expires", "published", "started_before", "available", "ends", "last_start"}:
                try:
                    from_text(item)
                except ValueError:
                    yield f"{inside}: there is no such time as {item}"
            else:
                yield from _times(item, inside)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _times(item, f"{place}[{number}]")


def _links(raw: Mapping[str, Any]) -> Iterator[str]:
    links = [("link", raw.get("link"))]
    links += [(f"advisories[{number}].link", item.get("link")) for number, item in enumerate(raw.get("advisories", ()))]
    for place, link in links:
        if link is not None and not _leads_somewhere(link):
            yield f"{place}: it is no https link to a host"


def _leads_somewhere(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _platforms(platforms: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from _twice("platforms", platforms)
    for number, item in enumerate(platforms):
        if "available" in item and "ends" in item and item["available"] > item["ends"]:
            yield f"platforms[{number}].ends: it is before available"
        if item.get("successor") == item["id"]:
            yield f"platforms[{number}].successor: it succeeds itself"


def _twice(name: str, items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    seen: set[str] = set()
    for number, item in enumerate(items):
        if item["id"] in seen:
            yield f"{name}[{number}].id: {item['id']} is there twice"
        seen.add(item["id"])


def _age(age: Mapping[str, Any]) -> Iterator[str]:
    advised, longest = age.get("advised_days", Policy.advised_days), age.get("max_days", Policy.interval_days)
    if advised > longest:
        yield f"age: advised_days ({advised:g}) is more than max_days ({longest:g})"


def _window_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    window = raw.get("window")
    if window is None:
        if raw.get("mode") == "require":
            yield "mode: require needs a window, in which a restart may happen without a click"
        return
    try:
        ZoneInfo(window["timezone"])
    except (KeyError, ValueError, OSError):  # the last: a name that is a folder of the zone database
        yield f"window.timezone: {window['timezone']} is no time zone that is known here"


def _waves(waves: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    percent, delay = 0.0, 0.0
    for number, wave in enumerate(waves):
        if wave["percent"] <= percent:
            yield f"waves[{number}].percent: it is not more than the one before"
        if wave["delay_days"] < delay:
            yield f"waves[{number}].delay_days: it is less than the one before"
        percent, delay = wave["percent"], wave["delay_days"]
    if waves and percent != 100:  # noqa: PLR2004  percent
        yield "waves: the last one does not reach 100 percent"
