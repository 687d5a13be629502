"""Read what this project assumes of AWS and of a notebook instance, from ``assumptions.toml``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGISTRY = Path(__file__).with_name("assumptions.toml")
HEADER = re.compile(r"\[([a-z0-9]+(?:-[a-z0-9]+)*)\]")
PAIR = re.compile(r"([a-z_]+) = (.+)")


@dataclass(frozen=True)
class Assumption:
    """Something that this project assumes, and could be wrong about.

    Args:
        id: its name in the registry.
        part: ``api``, ``front`` or ``machine``, the table of the page about the sandbox; ``product`` for none.
        statement: what is assumed, in a sentence.
        basis: ``documented``, ``seen``, ``inferred`` or ``assumed``.
        source: where it is documented or seen, or from what it is inferred.
        relied_on: files of the package that rely on it, or model it.
        seen_date: year and month, or the day, of the last sighting on a real instance; empty for none.
        seen_region: region of that instance; empty if unknown.
        seen_platform: platform of that instance; empty if unknown.
        check: what is compared on an instance; empty if an instance cannot show it.
        meaning: what a difference means.
        todo: what to do about a difference; empty if nothing.
    """

    id: str
    part: str
    statement: str
    basis: str
    source: str
    relied_on: tuple[str, ...]
    seen_date: str = ""
    seen_region: str = ""
    seen_platform: str = ""
    check: str = ""
    meaning: str = ""
    todo: str = ""

    @property
    def seen(self) -> str:
        """When and where it was last seen on a real instance: ``2026-09, notebook-al2023-v1``."""
        return ", ".join(filter(None, (self.seen_date, self.seen_region, self.seen_platform)))


def parse_registry(text: str) -> dict[str, dict[str, Any]]:
    """Parse the part of TOML that the registry uses. Python 3.10, the oldest on an instance, has no ``tomllib``.

    Args:
        text: tables of one level; each value is on one line, in the form that TOML shares with JSON.

    Raises:
        ValueError: a line is neither a comment, nor a header, nor a pair; or a name exists twice.
    """
    tables: dict[str, dict[str, Any]] = {}
    table: dict[str, Any] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        header, pair = HEADER.fullmatch(line), PAIR.fullmatch(line)
        if header and header[1] not in tables:
            table = tables[header[1]] = {}
        elif pair and table is not None and pair[1] not in table:
            table[pair[1]] = json.loads(pair[2])
        else:
            raise ValueError(f"line {number} of the registry: {line!r}")
    return tables


def load_assumptions(path: Path = REGISTRY) -> dict[str, Assumption]:
    """Return all assumptions by their id, in the order of the registry.

    Args:
        path: the registry.

    Raises:
        OSError: the registry cannot be read.
        ValueError: the registry is malformed.
        TypeError: a key of an assumption is unknown or missing.
    """
    tables = parse_registry(path.read_text("utf-8"))
    return {name: Assumption(id=name, **table | {"relied_on": tuple(table["relied_on"])}) for name, table in tables.items()}
