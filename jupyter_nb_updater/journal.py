"""The audit log: append-only JSON lines on the volume, which survive the restart that they record."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from traitlets import Int, Unicode, default
from traitlets.config import LoggingConfigurable

from .util.clock import to_text

Record = dict[str, Any]

WRITE_ERRORS = (OSError, ValueError, TypeError, RecursionError)
"""What :meth:`Journal.append` may raise: the record is not on disk, because of the volume, or because it is not JSON."""

MAX_DEPTH = 20
"""Maximum nesting of a record that is read. Ours have seven levels; a deeper one could not be written as JSON again."""


class Journal(LoggingConfigurable):
    """Append records to a file of JSON lines. Each record is flushed to disk before its effect happens."""

    directory = Unicode(
        help="Folder for everything that must survive a restart. Default: `SageMaker/.nb-updater` in the home folder, "
        "because only /home/ec2-user/SageMaker survives (Developer Guide, 'Notebook instances')."
    ).tag(config=True)
    max_bytes = Int(1 << 20, help="Size in bytes at which a new journal file begins. One previous file is kept.").tag(
        config=True
    )

    @default("directory")
    def _default_directory(self) -> str:
        return str(Path.home() / "SageMaker" / ".nb-updater")

    @property
    def path(self) -> Path:
        """The current journal file."""
        return Path(self.directory) / "journal.jsonl"

    @property
    def previous(self) -> Path:
        """The previous journal file."""
        return Path(self.directory) / "journal.1.jsonl"

    @staticmethod
    def record(event: str, now: datetime, **facts: Any) -> Record:
        """Return a record with its time, its event and further fields."""
        return {"time": to_text(now), "event": event, **facts}

    def append(self, event: str, now: datetime, **facts: Any) -> Record:
        """Write a record and wait until it is on disk.

        Raises:
            OSError: the record is not on disk, for example because the volume is full, so its effect must not happen.
            ValueError: the record cannot be written as JSON; neither can one that raises TypeError or RecursionError.
        """
        record = self.record(event, now, **facts)
        line = json.dumps(record, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._rotate()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            whole = line if self._ends_whole(descriptor) else b"\n" + line
            if os.write(descriptor, whole) != len(whole):
                raise OSError(f"the volume is full: only a part of the record could be written to {self.path}")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._sync_directory()
        return record

    def try_append(self, event: str, now: datetime, **facts: Any) -> bool:
        """Write a record whose effect does not depend on it; log a failure.

        Args:
            event: name of the event.
            now: time of the record.
            **facts: further fields of the record.

        Returns:
            Whether the record is on disk.
        """
        try:
            self.append(event, now, **facts)
        except WRITE_ERRORS as error:
            self.log.error("Could not write the event %r to the journal: %s", event, error)
            return False
        return True

    def records(self) -> list[Record]:
        """Return all readable records, oldest first.

        Skips lines that are no record of ours, such as one that a power cut left incomplete. Users of the instance can write to
        the file, and no line may keep the others from being read.
        """
        return [record for path in (self.previous, self.path) for record in self._read(path)]

    def _read(self, path: Path) -> Iterator[Record]:
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                record = json.loads(line, parse_constant=_no_constant)
            except (ValueError, RecursionError):
                continue
            if _is_record(record):
                yield record

    def _rotate(self) -> None:
        try:
            if self.path.stat().st_size >= self.max_bytes:
                self.path.replace(self.previous)
        except FileNotFoundError:
            pass

    def _sync_directory(self) -> None:
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @staticmethod
    def _ends_whole(descriptor: int) -> bool:
        size = os.fstat(descriptor).st_size
        return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_record(value: Any) -> bool:
    """Check whether a line of the journal has the form of a record, as far as other modules rely on it."""
    if not isinstance(value, dict) or not isinstance(value.get("event"), str) or _is_deeper(value, MAX_DEPTH):
        return False
    findings, software = value.get("findings") or [], value.get("software") or {}
    return (
        all(isinstance(value.get(name), (str, type(None))) for name in ("time", "restart", "boot", "outcome"))
        and isinstance(findings, list)
        and all(isinstance(finding, dict) and _are_texts(finding) for finding in findings)
        and isinstance(software, dict)
        and _are_texts(software)
    )


def _are_texts(fields: Record) -> bool:
    return all(isinstance(value, (str, type(None))) for value in fields.values())


def _is_deeper(value: Any, levels: int) -> bool:
    """Check whether lists and objects are nested more deeply than this."""
    if not isinstance(value, (dict, list)):
        return False
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in (value.values() if isinstance(value, dict) else value))
