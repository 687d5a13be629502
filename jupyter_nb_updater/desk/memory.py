"""``desk.json`` on the volume: which files a person wants kept, which terminals are open, and what came back last."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .copying import Content, Unfit, put, take
from .terminals import Terminal, is_sound
from .told import Missing, Told, told

FORMAT = 1
MAX_BYTES = 1 << 18
NOTHING = Told()


@dataclass(frozen=True)
class Memory:
    """What it holds. It is on the user's volume: nothing in it is believed that is not checked."""

    boot: str | None = None
    """In which it was written."""
    files: tuple[str, ...] = ()
    """Ids of the kept files that are switched on."""
    terminals: tuple[Terminal, ...] = ()
    left: tuple[Missing, ...] = ()
    """What could not be kept, and why: after the boot it is what did not come back."""
    told: Told = NOTHING
    """What came back, and what did not, after that boot."""

    def to_json(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "format": FORMAT,
            "boot": self.boot,
            "files": list(self.files),
            "terminals": [terminal._asdict() for terminal in self.terminals],
            "left": [asdict(missing) for missing in self.left],
            "told": self.told.to_json(),
        }


def read(path: Path) -> Memory:
    """From the volume; an empty one where there is none yet. What makes no sense in it is left out.

    Raises:
        Unfit: it is ``broken``, of an ``unknown-format``, ``too-large``, or no plain file.
        OSError: it cannot be read.
    """
    try:
        content = json.loads(take(path.parent, path.name, MAX_BYTES).data)
    except FileNotFoundError:
        return Memory()
    except (ValueError, RecursionError) as error:
        raise Unfit("broken") from error
    if not isinstance(content, dict):
        raise Unfit("broken")
    if content.get("format") != FORMAT:
        raise Unfit("unknown-format")
    boot = content.get("boot")
    return Memory(
        boot=boot if isinstance(boot, str) else None,
        files=tuple(name for name in _list(content.get("files")) if isinstance(name, str)),
        terminals=tuple(_terminals(_list(content.get("terminals")))),
        left=told({"missing": content.get("left")}).missing,
        told=told(content.get("told")),
    )


def write(path: Path, memory: Memory) -> None:
    """To the volume, at once.

    Raises:
        OSError: it is not there.
        Unfit: something else is in its place.
    """
    put(path.parent, path.name, Content(json.dumps(memory.to_json(), indent=1).encode(), 0o600), over=True)


def is_of_before(memory: Memory, boot: str | None) -> bool:
    """Whether it was written before this boot. So it is when nobody knows: laying back goes over nothing."""
    return boot is None or memory.boot != boot


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def _terminals(content: list[Any]) -> list[Terminal]:
    found: dict[str, Terminal] = {}
    for entry in content:
        parts = entry if isinstance(entry, dict) else {}
        name, folder = parts.get("name"), parts.get("folder")
        if isinstance(name, str) and isinstance(folder, str) and is_sound(terminal := Terminal(name, folder)):
            found[name] = terminal
    return list(found.values())
