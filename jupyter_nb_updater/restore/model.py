"""Data of session restore: what was restored, what was not and why, and the state that is saved on the volume."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from ..util.request_error import Conflict

STATE_FORMAT = 1

TERMINAL_NAME = re.compile(r"\w{1,64}", re.ASCII)
"""Names that the routes of jupyter_server_terminals accept."""

MAX_REPORT_ENTRIES = 50
"""Maximum number of entries of each list in the report, because every page receives the whole state document."""


class NotSaved(Conflict):
    """The choice of files to keep cannot be saved, or not by this server.

    Args:
        detail: ``other-server``, or one of the codes of :class:`NotRestored`.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("not-saved", f"the choice of files to keep could not be saved ({detail})", detail)


@dataclass(frozen=True)
class Restored:
    """Something that was restored.

    Args:
        kind: ``workspaces``, ``settings``, ``files`` or ``terminal``.
        name: name of the folder, the group of files, or the terminal.
        detail: paths or the folder, for a user to read.
        count: number of documents, files or terminals.
    """

    kind: str
    name: str
    detail: str = ""
    count: int = 1


@dataclass(frozen=True)
class NotRestored:
    """Something that was not restored, or only in part.

    Args:
        kind: as in :class:`Restored`.
        name: as in :class:`Restored`.
        code: why, from the codes in ``docs/protocol.md``.
        detail: the path.
    """

    kind: str
    name: str
    code: str
    detail: str = ""


class RestoreReport(NamedTuple):
    """What was restored after a boot, and what was not."""

    restored: tuple[Restored, ...] = ()
    not_restored: tuple[NotRestored, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report in the format of the state document and the state file, limited to ``MAX_REPORT_ENTRIES``."""
        return {
            "restored": [asdict(entry) for entry in self.restored[:MAX_REPORT_ENTRIES]],
            "not_restored": [asdict(entry) for entry in self.not_restored[:MAX_REPORT_ENTRIES]],
        }

    def counts(self) -> dict[str, Any]:
        """Return the report in the format of the journal: kinds, codes and counts, without names and paths."""
        restored: Counter[str] = Counter()
        for entry in self.restored:
            restored[entry.kind] += entry.count
        not_restored = Counter((entry.kind, entry.code) for entry in self.not_restored)
        return {
            "restored": dict(restored),
            "not_restored": [{"kind": kind, "code": code, "count": count} for (kind, code), count in not_restored.items()],
        }

    @classmethod
    def from_json(cls, content: Any) -> RestoreReport:
        """Parse a report from untrusted JSON. Invalid entries are ignored."""
        parts = content if isinstance(content, dict) else {}
        return cls(tuple(_entries(Restored, parts.get("restored"))), tuple(_entries(NotRestored, parts.get("not_restored"))))


class SavedTerminal(NamedTuple):
    """A terminal that was open, and the folder of its shell; empty if unknown."""

    name: str
    folder: str


def is_valid_terminal(terminal: SavedTerminal) -> bool:
    """Check whether a saved terminal may be opened, because anyone may have edited the file."""
    path = PurePosixPath(terminal.folder)
    is_folder = (
        path.is_absolute()
        and ".." not in path.parts
        and "\0" not in terminal.folder
        and len(terminal.folder) < os.pathconf("/", "PC_PATH_MAX")
    )
    return TERMINAL_NAME.fullmatch(terminal.name) is not None and (not terminal.folder or is_folder)


@dataclass(frozen=True)
class RestoreState:
    """The content of ``restore.json``. It is on the user's volume, so every part is validated when it is read.

    Args:
        boot_id: id of the boot in which it was written; ``None`` if unknown.
        files: ids of the dotfile groups to keep.
        terminals: open terminals.
        not_saved: what could not be saved, and why. After the next boot it counts as not restored.
        report: what was restored in the boot in which it was written.
    """

    boot_id: str | None = None
    files: tuple[str, ...] = ()
    terminals: tuple[SavedTerminal, ...] = ()
    not_saved: tuple[NotRestored, ...] = ()
    report: RestoreReport = RestoreReport()  # noqa: RUF009  # immutable

    def to_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {
            "format": STATE_FORMAT,
            "boot_id": self.boot_id,
            "files": list(self.files),
            "terminals": [terminal._asdict() for terminal in self.terminals],
            "not_saved": [asdict(entry) for entry in self.not_saved],
            "report": self.report.to_json(),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> RestoreState:
        """Parse the content of a file of ``STATE_FORMAT``. Invalid parts are ignored."""
        boot_id = content.get("boot_id")
        return cls(
            boot_id=boot_id if isinstance(boot_id, str) else None,
            files=tuple(name for name in _list(content.get("files")) if isinstance(name, str)),
            terminals=tuple(_terminals(_list(content.get("terminals")))),
            not_saved=RestoreReport.from_json({"not_restored": content.get("not_saved")}).not_restored,
            report=RestoreReport.from_json(content.get("report")),
        )

    def is_from_earlier_boot(self, boot_id: str | None) -> bool:
        """Check whether an earlier boot wrote it; ``True`` if unknown, because restoring overwrites nothing."""
        return boot_id is None or self.boot_id != boot_id


def _entries(form: Any, content: Any) -> Iterable[Any]:
    for entry in _list(content)[:MAX_REPORT_ENTRIES]:
        try:
            made = form(**entry)
        except TypeError:
            continue
        if all(isinstance(value, int if name == "count" else str) for name, value in asdict(made).items()):
            yield made


def _terminals(content: list[Any]) -> list[SavedTerminal]:
    found: dict[str, SavedTerminal] = {}
    for entry in content:
        parts = entry if isinstance(entry, dict) else {}
        name, folder = parts.get("name"), parts.get("folder")
        if isinstance(name, str) and isinstance(folder, str) and is_valid_terminal(terminal := SavedTerminal(name, folder)):
            found[name] = terminal
    return list(found.values())


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []
