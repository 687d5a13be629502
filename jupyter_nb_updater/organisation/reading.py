"""From the bytes of a document to what it says: a policy, advisories, facts about platforms.

Pure, but for two tables that are read once: the schema, and the time zones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..advice.policy import Origin, Policy, Wave
from ..advice.window import DAYS, Window
from ..clock import from_text
from ..instance.platforms import PlatformFact
from ..signals.organisation import OrgAdvisory
from ..signals.signal import Advisory
from .document import Document
from .refused import PolicyRejected
from .rules import contradictions, suspicious

VERSION = 1
SCHEMA = Path(__file__).parent / "schema.json"
MOST_PROBLEMS = 20


def parse_document(content: bytes) -> Document:
    """Make sense of it.

    Raises:
        Refused: ``not-json``, ``version``, ``schema``, ``markup`` or ``contradiction``; with every problem and its place.
    """
    raw = _parse(content)
    try:
        _check(raw)
    except RecursionError as error:
        raise PolicyRejected("schema", "it is nested too deeply") from error
    return Document(
        serial=int(raw["serial"]),
        digest=sha256(content).hexdigest(),
        policy=_policy(raw),
        advisories=tuple(_listed(item) for item in raw.get("advisories", ())),
        platforms=tuple(_platform(item) for item in raw.get("platforms", ())),
    )


def _parse(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PolicyRejected("not-json", "it is no JSON", [str(error)]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):  # which of the two would count is a matter of taste
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _check(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise PolicyRejected("schema", "it is no JSON object")
    version = raw.get("version")
    if isinstance(version, int) and version != VERSION:
        raise PolicyRejected("version", f"its version is {version}, and only {VERSION} is understood here")
    wrong = list(islice(_violations(raw), MOST_PROBLEMS))
    if wrong:
        raise PolicyRejected("schema", "it is not as the schema says", wrong)
    if found := list(islice(suspicious(raw), MOST_PROBLEMS)):
        raise PolicyRejected("markup", "a text in it is not plain", found)
    if found := list(islice(contradictions(raw), MOST_PROBLEMS)):
        raise PolicyRejected("contradiction", "it makes no sense", found)


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def _violations(raw: Any) -> Iterator[str]:
    for error in _validator().iter_errors(raw):
        about = error.schema.get("description") if error.validator == "pattern" else None
        words = f"{str(error.instance)[:100]!r} is not as it has to be: {about}" if about else error.message[:200]
        yield f"{_json_path(error.absolute_path)}: {words}"


def _json_path(path: Any) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.lstrip(".") or "the document"


def _policy(raw: Mapping[str, Any]) -> Policy:
    age, holds = raw.get("age", {}), raw.get("holds", {})
    return Policy(
        advised_days=float(age.get("advised_days", Policy.advised_days)),
        interval_days=float(age.get("max_days", Policy.interval_days)),
        notice_days=float(raw.get("notice_days", Policy.notice_days)),
        grace_hours=float(raw.get("grace_hours", Policy.grace_hours)),
        hold_days=float(holds.get("max_days", Policy.hold_days)),
        service_levels={severity: float(days) for severity, days in raw.get("service_levels", {}).items()},
        mode=raw.get("mode", "advise"),
        window=_parse_window(raw["window"]) if "window" in raw else None,
        waves=tuple(Wave(wave["percent"] / 100, timedelta(days=wave["delay_days"])) for wave in raw.get("waves", ())),
        holders=tuple(holds.get("by", ("*",))),
        origin=Origin(
            kind="organisation",
            organisation=raw["organisation"],
            message=raw.get("message", ""),
            contact=raw.get("contact", ""),
            link=raw.get("link"),
            serial=int(raw["serial"]),
            issued=from_text(raw["issued"]),
            expires=from_text(raw["expires"]),
        ),
    )


def _parse_window(raw: Mapping[str, Any]) -> Window:
    return Window(
        days=frozenset(DAYS.index(day) for day in raw["days"]),
        opens=time.fromisoformat(raw["from"]),
        closes=time.fromisoformat(raw["to"]),
        zone=ZoneInfo(raw["timezone"]),
        name=raw["timezone"],
    )


def _listed(raw: Mapping[str, Any]) -> OrgAdvisory:
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


def _platform(raw: Mapping[str, Any]) -> PlatformFact:
    times = {name: _parse_time(raw[name]) for name in ("available", "ends", "last_start") if name in raw}
    return PlatformFact(raw["id"], successor=raw.get("successor"), **times)


def _parse_time(text: str) -> datetime:
    moment = from_text(text)
    assert moment is not None  # noqa: S101  the schema asks for a text
    return moment
