"""What is told of a desk: what came back, and what did not, and why. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

SHOWN = 50
"""Longer lists are cut: the state document goes to every page whole."""


class NotSaved(Exception):
    """What a person wants kept cannot be, or not by this server."""


@dataclass(frozen=True)
class Restored:
    """Something that came back: so many documents of the layouts, settings files, kept files, or one terminal."""

    kind: str
    name: str
    detail: str = ""
    count: int = 1


@dataclass(frozen=True)
class NotRestored:
    """Something that did not, or not whole. ``docs/protocol.md`` has the codes."""

    kind: str
    name: str
    code: str
    detail: str = ""


class RestoreReport(NamedTuple):
    """Both of them, after one boot."""

    back: tuple[Restored, ...] = ()
    missing: tuple[NotRestored, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As pages see it."""
        return {
            "back": [asdict(back) for back in self.back[:SHOWN]],
            "missing": [asdict(missing) for missing in self.missing[:SHOWN]],
        }

    def facts(self) -> dict[str, Any]:
        """As the journal has it: kinds, codes and how many; no path and no name, which may say more than evidence needs."""
        back: Counter[str] = Counter()
        for thing in self.back:
            back[thing.kind] += thing.count
        missing = Counter((thing.kind, thing.code) for thing in self.missing)
        return {
            "back": dict(back),
            "missing": [{"kind": kind, "code": code, "count": count} for (kind, code), count in missing.items()],
        }


def restore_report(content: Any) -> RestoreReport:
    """From JSON that may be anybody's; what makes no sense in it is left out."""
    parts = content if isinstance(content, dict) else {}
    return RestoreReport(tuple(_all(Restored, parts.get("back"))), tuple(_all(NotRestored, parts.get("missing"))))


def _all(form: Any, content: Any) -> Iterable[Any]:
    for thing in content[:SHOWN] if isinstance(content, list) else ():
        try:
            made = form(**thing)
        except TypeError:
            continue
        if all(isinstance(value, int if name == "count" else str) for name, value in asdict(made).items()):
            yield made
