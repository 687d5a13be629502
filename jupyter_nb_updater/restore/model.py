"""What is told of a desk: what came back, and what did not, and why. Pure."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ..util.request_error import Conflict
from .file_io import FileContent, NotCopyable, read_file, write_file

FORMAT = 1


NAME = re.compile(r"\w{1,64}", re.ASCII)
"""What jupyter_server_terminals has routes for."""

SHOWN = 50
"""Longer lists are cut: the state document goes to every page whole."""


class NotSaved(Conflict):
    """The choice of files to keep cannot be saved, or not by this server.

    Args:
        detail: why, as one of the codes of what is not restored.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("not-saved", f"the choice could not be saved: {detail}", detail)


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


class SavedTerminal(NamedTuple):
    """One of them, and the folder that its shell is in; empty when that is not known."""

    name: str
    folder: str


def is_sound(terminal: SavedTerminal) -> bool:
    """Whether it may be opened: what is kept on the volume may be anybody's."""
    path = PurePosixPath(terminal.folder)
    is_folder = (
        path.is_absolute()
        and ".." not in path.parts
        and "\0" not in terminal.folder
        and len(terminal.folder) < os.pathconf("/", "PC_PATH_MAX")
    )
    return NAME.fullmatch(terminal.name) is not None and (not terminal.folder or is_folder)


MAX_BYTES = 1 << 18


NOTHING = RestoreReport()


@dataclass(frozen=True)
class RestoreState:
    """What it holds. It is on the user's volume: nothing in it is believed that is not checked."""

    boot: str | None = None
    """In which it was written."""
    files: tuple[str, ...] = ()
    """Ids of the kept files that are switched on."""
    terminals: tuple[SavedTerminal, ...] = ()
    left: tuple[NotRestored, ...] = ()
    """What could not be kept, and why: after the boot it is what did not come back."""
    report: RestoreReport = NOTHING
    """What came back, and what did not, after that boot."""

    def to_json(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "format": FORMAT,
            "boot": self.boot,
            "files": list(self.files),
            "terminals": [terminal._asdict() for terminal in self.terminals],
            "left": [asdict(missing) for missing in self.left],
            "told": self.report.to_json(),
        }


def load_state(path: Path) -> RestoreState:
    """From the volume; an empty one where there is none yet. What makes no sense in it is left out.

    Raises:
        Unfit: it is ``broken``, of an ``unknown-format``, ``too-large``, or no plain file.
        OSError: it cannot be read.
    """
    try:
        content = json.loads(read_file(path.parent, path.name, MAX_BYTES).data)
    except FileNotFoundError:
        return RestoreState()
    except (ValueError, RecursionError) as error:
        raise NotCopyable("broken") from error
    if not isinstance(content, dict):
        raise NotCopyable("broken")
    if content.get("format") != FORMAT:
        raise NotCopyable("unknown-format")
    boot = content.get("boot")
    return RestoreState(
        boot=boot if isinstance(boot, str) else None,
        files=tuple(name for name in _list(content.get("files")) if isinstance(name, str)),
        terminals=tuple(_terminals(_list(content.get("terminals")))),
        left=restore_report({"missing": content.get("left")}).missing,
        report=restore_report(content.get("told")),
    )


def save_state(path: Path, memory: RestoreState) -> None:
    """To the volume, at once.

    Raises:
        OSError: it is not there.
        Unfit: something else is in its place.
    """
    write_file(path.parent, path.name, FileContent(json.dumps(memory.to_json(), indent=1).encode(), 0o600), over=True)


def is_of_before(memory: RestoreState, boot: str | None) -> bool:
    """Whether it was written before this boot. So it is when nobody knows: laying back goes over nothing."""
    return boot is None or memory.boot != boot


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def _terminals(content: list[Any]) -> list[SavedTerminal]:
    found: dict[str, SavedTerminal] = {}
    for entry in content:
        parts = entry if isinstance(entry, dict) else {}
        name, folder = parts.get("name"), parts.get("folder")
        if isinstance(name, str) and isinstance(folder, str) and is_sound(terminal := SavedTerminal(name, folder)):
            found[name] = terminal
    return list(found.values())
