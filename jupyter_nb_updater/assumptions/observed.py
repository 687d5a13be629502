"""The content of ``observed.json``: the facts of an instance, and the headers of its first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..util.files import read_json
from .request_headers import KINDS, RequestKind

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter

FILE_NAME = "observed.json"
FILE_FORMAT = 1
MAX_FILE_BYTES = 1 << 18
"""Maximum size of the file, in bytes. All that is written into it is bounded: it has about 10 KB."""


def read_observed(folder: Path, log: Logger | LoggerAdapter[Any]) -> dict[str, Any] | None:
    """Return the content of ``observed.json``; ``None`` if it does not exist or cannot be used.

    Args:
        folder: of the extension, on the volume.
        log: receives a warning about a file that cannot be used.
    """
    return read_json(folder / FILE_NAME, FILE_FORMAT, log, MAX_FILE_BYTES)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


@dataclass(frozen=True)
class Observed:
    """The content of ``observed.json``, of which nothing is trusted to have the right type.

    Args:
        facts: by section.
        requests: of the first page, by kind.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    requests: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Observed:
        """Parse the content of the file. What is malformed is unknown."""
        return cls(as_mapping(content.get("facts")), as_mapping(content.get("requests")))

    def is_of(self, boot: str | None) -> bool:
        """Check whether the facts are of a boot.

        Args:
            boot: the kernel's id of the boot; ``None`` if unknown.
        """
        return as_mapping(self.facts.get("boot")).get("id") == boot

    def fact(self, section: str, name: str) -> Any:
        """Return a fact.

        Raises:
            KeyError: it is unknown.
        """
        return as_mapping(self.facts.get(section))[name]

    def text(self, section: str, name: str) -> str:
        """Return a fact as text; empty for ``None``.

        Raises:
            KeyError: it is unknown.
        """
        value = self.fact(section, name)
        return "" if value is None else str(value)

    def names(self, kind: RequestKind) -> set[str]:
        """Return the names of the headers of a request.

        Raises:
            KeyError: there was no such request.
        """
        names = as_mapping(self.requests[kind])["names"]
        return {str(name) for name in names} if isinstance(names, list) else set()

    def values(self, header: str) -> list[str]:
        """Return the values of a header in all requests.

        Raises:
            KeyError: there was no request with this header.
        """
        records = [as_mapping(as_mapping(self.requests.get(kind)).get("values")) for kind in KINDS]
        found = [str(values[header]) for values in records if header in values]
        if not found:
            raise KeyError(header)
        return found
