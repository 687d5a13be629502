"""The data of session restore: what was restored, what was not and why, and the state that is saved on the volume."""

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
"""Names for which jupyter_server_terminals has routes."""

MAX_REPORT_ENTRIES = 50
"""Entries of a list in the report. The state document, which holds it, is sent to every page as a whole."""


class NotSaved(Conflict):
    """The choice of files to keep cannot be saved, or not by this server.

    Args:
        detail: why: ``other-server``, or one of the codes of :class:`NotRestored`.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("not-saved", f"the choice could not be saved: {detail}", detail)


@dataclass(frozen=True)
class Restored:
    """Something that was restored.

    Args:
        kind: ``workspaces``, ``settings``, ``files`` or ``terminal``.
        name: of the folder, the group of files, or the terminal.
        detail: paths or the folder, for a person to read.
        count: how many documents, files or terminals.
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
        code: why; ``docs/protocol.md`` lists the codes.
        detail: the path that it is about.
    """

    kind: str
    name: str
    code: str
    detail: str = ""


class RestoreReport(NamedTuple):
    """What one boot restored, and what it did not."""

    restored: tuple[Restored, ...] = ()
    not_restored: tuple[NotRestored, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as pages and the state file have it, cut to ``MAX_REPORT_ENTRIES``."""
        return {
            "restored": [asdict(entry) for entry in self.restored[:MAX_REPORT_ENTRIES]],
            "not_restored": [asdict(entry) for entry in self.not_restored[:MAX_REPORT_ENTRIES]],
        }

    def counts(self) -> dict[str, Any]:
        """Return the report as the journal has it: kinds, codes and counts, and no names or paths."""
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
        """Read a report from untrusted JSON. Entries of another form are left out."""
        parts = content if isinstance(content, dict) else {}
        return cls(tuple(_entries(Restored, parts.get("restored"))), tuple(_entries(NotRestored, parts.get("not_restored"))))


class SavedTerminal(NamedTuple):
    """A terminal that was open, and the folder that its shell was in; empty when that is not known."""

    name: str
    folder: str


def is_valid_terminal(terminal: SavedTerminal) -> bool:
    """Return whether a terminal may be opened as saved. The file that names it may have been edited by anybody."""
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
    """The content of ``restore.json``. It is on the user's volume, so every part of it is validated when it is read.

    Args:
        boot_id: the boot in which it was written; ``None`` when unknown.
        files: ids of the dotfile groups that are switched on.
        terminals: that were open.
        not_saved: what could not be saved, and why. After the next boot it counts as not restored.
        report: what the boot in which it was written restored.
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
        """Read the content of a file of ``STATE_FORMAT``. Parts of another form are left out."""
        boot_id = content.get("boot_id")
        return cls(
            boot_id=boot_id if isinstance(boot_id, str) else None,
            files=tuple(name for name in _list(content.get("files")) if isinstance(name, str)),
            terminals=tuple(_terminals(_list(content.get("terminals")))),
            not_saved=RestoreReport.from_json({"not_restored": content.get("not_saved")}).not_restored,
            report=RestoreReport.from_json(content.get("report")),
        )

    def is_from_earlier_boot(self, boot_id: str | None) -> bool:
        """Return whether an earlier boot wrote it; true when that is not known, because restoring overwrites nothing."""
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
