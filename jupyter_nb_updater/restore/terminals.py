"""Reopen terminals after a boot, each with its name and in its folder.

JupyterLab's layout contains the names of terminals. When it is restored, JupyterLab connects to a terminal of that name if it
is
running, or else starts one in the default folder (@jupyterlab/terminal-extension, the command ``terminal:create-new``).
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..util.files import with_tilde
from .model import TERMINAL_NAME, NotRestored, Restored, SavedTerminal

DELETED_SUFFIX = " (deleted)"
"""Suffix that Linux adds to the path of a deleted folder (proc(5), ``/proc/pid/cwd``)."""


class TerminalRestorer:
    """List and reopen the terminals of this Jupyter server."""

    def __init__(self, manager: Any) -> None:
        """Create a restorer.

        Args:
            manager: manager of jupyter_server_terminals; ``None`` on a server without terminals.
        """
        self._manager = manager

    def list_open(self) -> tuple[SavedTerminal, ...]:
        """Return the open terminals and their folders. A terminal whose shell has ended is not open."""
        terminals = list(self._manager.terminals.items()) if self._manager is not None else []
        found = ((str(name), _folder_of(terminal.ptyproc.pid)) for name, terminal in terminals)
        return tuple(
            SavedTerminal(name, folder) for name, folder in found if folder is not None and TERMINAL_NAME.fullmatch(name)
        )

    async def reopen(self, saved: Iterable[SavedTerminal]) -> tuple[list[Restored], list[NotRestored]]:
        """Open each terminal unless one with its name is open. Must run on the event loop, which reads from the terminals.

        Args:
            saved: the terminals to open.

        Returns:
            Terminals that were opened; and those that were not, or in another folder.
        """
        restored, failed = [], []
        for terminal in saved:
            folder = nearest_folder(terminal.folder)
            folder_name = with_tilde(Path(terminal.folder)) if terminal.folder else ""
            code = self._open(terminal.name, folder)
            if code is None and folder is not None and str(folder) != terminal.folder:
                code = "folder-gone"
            if code is None:
                restored.append(Restored("terminal", terminal.name, folder_name))
            else:
                failed.append(NotRestored("terminal", terminal.name, code, folder_name))
            await asyncio.sleep(0)  # each is a fork: give other tasks a turn
        return restored, failed

    async def hang_up(self, timeout_seconds: float) -> None:
        """End all shells shortly before the server shuts down, and wait until they have ended.

        A shell writes its history when it is hung up (bash(1), SIGHUP). At the end of the server that would be too late to save
        the
        history; and jupyter_server_terminals ends no shells (its ``terminals_available`` is always false).

        Args:
            timeout_seconds: time limit in seconds.
        """
        until = time.monotonic() + timeout_seconds
        for terminal in list(self._manager.terminals.values()) if self._manager is not None else ():
            with suppress(OSError):
                os.kill(terminal.ptyproc.pid, signal.SIGHUP)
        while self.list_open() and time.monotonic() < until:  # noqa: ASYNC110  # the end of a shell is not announced
            await asyncio.sleep(0.02)

    def _open(self, name: str, folder: Path | None) -> str | None:
        """Open a terminal; return a code if that failed, or ``None``."""
        if self._manager is None:
            return "no-terminals"
        if name in self._manager.terminals:
            return "exists"
        try:
            self._manager.create(name=name, **({} if folder is None else {"cwd": str(folder)}))
        except Exception:  # noqa: BLE001  # from the system, terminado, or another terminal manager
            return "not-opened"
        return None if name in self._manager.terminals else "not-opened"  # terminado before 0.9 ignores the name


def nearest_folder(folder: str) -> Path | None:
    """Return the folder, or its nearest accessible parent; ``None`` if no folder is known."""
    if not folder:
        return None
    path = Path(folder)
    return next((place for place in (path, *path.parents) if place.is_dir() and os.access(place, os.X_OK)), Path("/"))


def _folder_of(pid: int) -> str | None:
    """Return the working folder of a process; empty if unknown, ``None`` if the process has ended."""
    try:
        folder = str(Path(f"/proc/{pid}/cwd").readlink())
    except FileNotFoundError:
        return None if Path("/proc/self").is_dir() else ""
    except OSError:
        return ""
    is_gone = folder.endswith(DELETED_SUFFIX) and not Path(folder).is_dir()
    return folder.removesuffix(DELETED_SUFFIX) if is_gone else folder
