"""Parse a document into a policy, advisories and facts about platforms, and report every problem in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..advice.policy import DAYS, Origin, Policy, Wave, Window
from ..advice.signal import Advisory
from ..instance.platforms import PlatformFact
from ..util.clock import from_text
from ..util.text import is_hidden
from .document import Document, OrgAdvisory, PolicyRejected

DOCUMENT_VERSION = 1
SCHEMA = Path(__file__).parent / "schema.json"
MAX_PROBLEMS = 20


def parse_document(content: bytes) -> Document:
    """Parse a document.

    Args:
        content: content of the document.

    Raises:
        PolicyRejected: ``not-json``, ``version``, ``schema``, ``markup`` or ``contradiction``, with every problem.
    """
    raw = _load_json(content)
    try:
        _check(raw)
    except RecursionError as error:
        raise PolicyRejected("schema", "the document is nested too deeply") from error
    return Document(
        serial=int(raw["serial"]),
        digest=sha256(content).hexdigest(),
        audience=frozenset(raw.get("audience", ())),
        policy=_parse_policy(raw),
        advisories=tuple(_parse_advisory(item) for item in raw.get("advisories", ())),
        platforms=tuple(_parse_platform(item) for item in raw.get("platforms", ())),
    )


def _load_json(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PolicyRejected("not-json", "the document is not valid JSON", [str(error)]) from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):  # parsers differ in which one they use
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} appears twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _check(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise PolicyRejected("schema", "the document is not a JSON object")
    version = raw.get("version")
    if isinstance(version, int) and version != DOCUMENT_VERSION:
        raise PolicyRejected(
            "version", f"the version of the document is {version}; only version {DOCUMENT_VERSION} is supported"
        )
    wrong = list(islice(_violations(raw), MAX_PROBLEMS))
    if wrong:
        raise PolicyRejected("schema", "the document does not match the schema", wrong)
    if found := list(islice(suspicious(raw), MAX_PROBLEMS)):
        raise PolicyRejected("markup", "the document contains text that is not plain", found)
    if found := list(islice(contradictions(raw), MAX_PROBLEMS)):
        raise PolicyRejected("contradiction", "the document contradicts itself", found)


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _violations(raw: Any) -> Iterator[str]:
    for error in _validator().iter_errors(raw):
        about = error.schema.get("description") if error.validator == "pattern" else None
        problem = f"{str(error.instance)[:100]!r} does not have the expected form: {about}" if about else error.message[:200]
        yield f"{_json_path(error.absolute_path)}: {problem}"


def _json_path(path: Any) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return place.lstrip(".") or "the document"


def _parse_policy(raw: Mapping[str, Any]) -> Policy:
    return replace(
        _limits(raw),
        mode=raw.get("mode", "advise"),
        window=_parse_window(raw["window"]) if "window" in raw else None,
        waves=tuple(Wave(wave["percent"] / 100, timedelta(days=wave["delay_days"])) for wave in raw.get("waves", ())),
        origin=Origin(
            kind="organization",
            organization=raw["organization"],
            message=raw.get("message", ""),
            contact=raw.get("contact", ""),
            link=raw.get("link"),
            serial=int(raw["serial"]),
            issued=from_text(raw["issued"]),
            expires=from_text(raw["expires"]),
        ),
    )


def _limits(raw: Mapping[str, Any]) -> Policy:
    """Return the numbers and names of a policy, with the defaults."""
    age, holds = raw.get("age", {}), raw.get("holds", {})
    return Policy(
        advised_days=float(age.get("advised_days", Policy.advised_days)),
        interval_days=float(age.get("max_days", Policy.interval_days)),
        notice_days=float(raw.get("notice_days", Policy.notice_days)),
        grace_hours=float(raw.get("grace_hours", Policy.grace_hours)),
        hold_days=float(holds.get("max_days", Policy.hold_days)),
        service_levels={severity: float(days) for severity, days in raw.get("service_levels", {}).items()},
        holders=tuple(holds.get("by", ("*",))),
    )


def _parse_window(raw: Mapping[str, Any]) -> Window:
    return Window(
        days=frozenset(DAYS.index(day) for day in raw["days"]),
        opens=time.fromisoformat(raw["from"]),
        closes=time.fromisoformat(raw["to"]),
        zone=ZoneInfo(raw["timezone"]),
        name=raw["timezone"],
    )


def _parse_advisory(raw: Mapping[str, Any]) -> OrgAdvisory:
    affects, published = raw.get("affects", {}), _parse_time(raw["published"])
    advisory = Advisory(
        id=raw["id"],
        published=published,
        severity=raw["severity"],
        exploited=raw.get("exploited", False),
        cves=tuple(raw.get("cves", ())),
        text=raw.get("text", ""),
        link=raw.get("link"),
    )
    before = _parse_time(affects["started_before"]) if "started_before" in affects else published
    return OrgAdvisory(advisory, before, frozenset(affects.get("platforms", ())))


def _parse_platform(raw: Mapping[str, Any]) -> PlatformFact:
    times: dict[str, Any] = {name: _parse_time(raw[name]) for name in ("available", "ends", "last_start") if name in raw}
    return PlatformFact(raw["id"], successor=raw.get("successor"), **times)


def _parse_time(text: str) -> datetime:
    moment = from_text(text)
    assert moment is not None  # noqa: S101  the schema asks for a text
    return moment


MARKUP = re.compile(r"<[A-Za-z/!?]")
"""Beginning of an HTML tag, an end tag or a comment (HTML Standard, "Tag open state")."""


def suspicious(value: Any, place: str = "") -> Iterator[str]:
    """Yield every text that could be harmful when displayed, with its place in the document."""
    if isinstance(value, str):
        if MARKUP.search(value):
            yield f"{place}: contains markup; only plain text is allowed"
        if hidden := next(filter(is_hidden, value), None):
            yield f"{place}: contains a hidden character, U+{ord(hidden):04X}"
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from suspicious(item, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from suspicious(item, f"{place}[{number}]")


def contradictions(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield everything that fits the schema but is inconsistent, with its place in the document."""
    wrong_times = [*_times(raw)]
    yield from wrong_times
    yield from _links(raw)
    if not wrong_times:
        if raw["issued"] >= raw["expires"]:  # all in one format, so that they compare as text
            yield "expires: must be after issued"
        yield from _platforms(raw.get("platforms", ()))
    yield from _duplicate_ids("advisories", raw.get("advisories", ()))
    yield from _age(raw.get("age", {}))
    yield from _window_problems(raw)
    if raw.get("mode") == "require":
        yield from _requirement(raw)
    yield from _waves(raw.get("waves", ()))


def _times(value: Any, place: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            inside = f"{place}.{name}".lstrip(".")
            if name in {"issued", "expires", "published", "started_before", "available", "ends", "last_start"}:
                try:
                    from_text(item)
                except ValueError:
                    yield f"{inside}: {item} is not a valid time"
            else:
                yield from _times(item, inside)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _times(item, f"{place}[{number}]")


def _links(raw: Mapping[str, Any]) -> Iterator[str]:
    links = [("link", raw.get("link"))]
    links += [(f"advisories[{number}].link", item.get("link")) for number, item in enumerate(raw.get("advisories", ()))]
    for place, link in links:
        if link is not None and not _has_https_host(link):
            yield f"{place}: must be an https link to a host"


def _has_https_host(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _platforms(platforms: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from _duplicate_ids("platforms", platforms)
    for number, item in enumerate(platforms):
        if "available" in item and "ends" in item and item["available"] > item["ends"]:
            yield f"platforms[{number}].ends: must not be before available"
        if item.get("successor") == item["id"]:
            yield f"platforms[{number}].successor: must be another platform"


def _duplicate_ids(name: str, items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    seen: set[str] = set()
    for number, item in enumerate(items):
        if item["id"] in seen:
            yield f"{name}[{number}].id: {item['id']} appears twice"
        seen.add(item["id"])


def _age(age: Mapping[str, Any]) -> Iterator[str]:
    advised, longest = age.get("advised_days", Policy.advised_days), age.get("max_days", Policy.interval_days)
    if advised > longest:
        yield f"age: advised_days ({advised:g}) is more than max_days ({longest:g})"


def _window_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    window = raw.get("window")
    if window is None:
        return
    try:
        ZoneInfo(window["timezone"])
    except (KeyError, ValueError, OSError):  # OSError: a name that is a folder of the zone database
        yield f"window.timezone: {window['timezone']} is not a known time zone"


MIN_REQUIRED_AGE_DAYS, MIN_REQUIRED_GRACE_HOURS, MIN_REQUIRED_DAYS = 7.0, 1.0, 1.0
"""What a document that requires restarts must leave to people: uptime, warning, and days for an advisory and for a hold."""


def _requirement(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a document that requires restarts takes from people. Its author may be in a hurry, or somebody else."""
    policy, need = _limits(raw), "mode: require needs"
    if "window" not in raw:
        yield f"{need} a window in which a restart may begin without a click"
    if policy.interval_days < MIN_REQUIRED_AGE_DAYS:
        yield f"{need} an age.max_days of at least {MIN_REQUIRED_AGE_DAYS:g}"
    if policy.grace_hours < MIN_REQUIRED_GRACE_HOURS:
        yield f"{need} grace_hours of at least {MIN_REQUIRED_GRACE_HOURS:g}"
    if any(days < MIN_REQUIRED_DAYS for days in policy.service_levels.values()):
        yield f"{need} at least {MIN_REQUIRED_DAYS:g} day in each of the service_levels"
    if not policy.holders or policy.hold_days < MIN_REQUIRED_DAYS:
        yield f"{need} holds, by somebody and for at least {MIN_REQUIRED_DAYS:g} day"


def _waves(waves: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    percent, delay = 0.0, 0.0
    for number, wave in enumerate(waves):
        if wave["percent"] <= percent:
            yield f"waves[{number}].percent: must be greater than in the wave before"
        if wave["delay_days"] < delay:
            yield f"waves[{number}].delay_days: must not be less than in the wave before"
        percent, delay = wave["percent"], wave["delay_days"]
    if waves and percent != 100:  # noqa: PLR2004  percent
        yield "waves: the last wave must reach 100 percent"
