"""Terminals that are open again after a boot, each with its name and in its folder.

JupyterLab's layout names its terminals. When it is restored, JupyterLab connects to a terminal of that name if one runs, and
else starts a new one of that name where new ones start (@jupyterlab/terminal-extension, the command ``terminal:create-new``).
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from .model import NAME, NotRestored, Restored, SavedTerminal

GONE = " (deleted)"
"""What Linux adds to the name of a folder that is no more (proc(5), ``/proc/pid/cwd``)."""


class TerminalRestorer:
    """Those of this Jupyter server."""

    def __init__(self, manager: Any) -> None:
        """Args: jupyter_server_terminals' manager; ``None`` on a server without terminals."""
        self._manager = manager

    def open(self) -> tuple[SavedTerminal, ...]:
        """What is open now, and where. A shell that has ended is none."""
        terminals = list(self._manager.terminals.items()) if self._manager is not None else []
        found = ((str(name), _folder(terminal.ptyproc.pid)) for name, terminal in terminals)
        return tuple(SavedTerminal(name, folder) for name, folder in found if folder is not None and NAME.fullmatch(name))

    async def reopen(self, kept: Iterable[SavedTerminal]) -> tuple[list[Restored], list[NotRestored]]:
        """Open each, unless one of its name is open already. On the event loop, which reads from them."""
        back, missing = [], []
        for terminal in kept:
            where = nearest(terminal.folder)
            code = self._opened(terminal.name, where)
            if code is None and where is not None and str(where) != terminal.folder:
                code = "folder-gone"
            if code is None:
                back.append(Restored("terminal", terminal.name, as_written(terminal.folder)))
            else:
                missing.append(NotRestored("terminal", terminal.name, code, as_written(terminal.folder)))
            await asyncio.sleep(0)  # each is a fork: others have their turn in between
        return back, missing

    async def hang_up(self, seconds: float) -> None:
        """End them, as the end of this server is about to, and wait for that, at most so long.

        A shell writes its history when it is hung up (bash(1), SIGHUP). Left to the end of the server, that comes when nobody
        is there any more to keep it; and jupyter_server_terminals ends none (its ``terminals_available`` is always false).
        """
        until = time.monotonic() + seconds
        for terminal in list(self._manager.terminals.values()) if self._manager is not None else ():
            with suppress(OSError):
                os.kill(terminal.ptyproc.pid, signal.SIGHUP)
        while self.open() and time.monotonic() < until:  # noqa: ASYNC110  # nobody tells when a shell has ended
            await asyncio.sleep(0.02)

    def _opened(self, name: str, where: Path | None) -> str | None:
        """Why it is not; ``None`` when it is."""
        if self._manager is None:
            return "no-terminals"
        if name in self._manager.terminals:
            return "exists"
        try:
            self._manager.create(name=name, **({} if where is None else {"cwd": str(where)}))
        except Exception:  # noqa: BLE001  # of the system, of terminado, or of a manager that somebody else wrote
            return "not-opened"
        return None if name in self._manager.terminals else "not-opened"  # terminado before 0.9 gives it another name


def nearest(folder: str) -> Path | None:
    """The folder, or the nearest one above it, that a shell can be in; ``None`` when none was known."""
    if not folder:
        return None
    path = Path(folder)
    return next((place for place in (path, *path.parents) if place.is_dir() and os.access(place, os.X_OK)), Path("/"))


def as_written(folder: str) -> str:
    """As a person writes it: ``~/SageMaker/data``."""
    home, path = Path.home(), Path(folder)
    return str(PurePosixPath("~", path.relative_to(home))) if folder and path.is_relative_to(home) else folder


def _folder(pid: int) -> str | None:
    """Of a process; empty when that is not known, ``None`` when the process has ended."""
    try:
        folder = str(Path(f"/proc/{pid}/cwd").readlink())
    except FileNotFoundError:
        return None if Path("/proc/self").is_dir() else ""
    except OSError:
        return ""
    is_gone = folder.endswith(GONE) and not Path(folder).is_dir()
    return folder.removesuffix(GONE) if is_gone else folder
