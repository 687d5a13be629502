"""The same desk after a restart: the door to all that is kept of it on the volume, and laid back before the first page."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from ..journal import Journal
from ..state import StateDocument
from ..util.file_lock import FileLock
from ..util.request_error import MalformedRequest
from . import model as memory
from .dotfiles import Dotfiles
from .file_io import NotCopyable
from .layout import LayoutFiles, lab_folders
from .model import SHOWN, NotRestored, NotSaved, Restored, RestoreReport, RestoreState, SavedTerminal
from .terminals import TerminalRestorer

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

STAYS = {"not-written", "not-readable", "not-plain", "broken", "too-many"}
"""Why something may not be back although its copy is worth keeping for the next boot."""


class SessionRestore(LoggingConfigurable):
    """The only writer of ``admin_machine`` in the state document. What fails here is told, and is in nobody's way."""

    max_terminals = Int(20, help="How many terminals are opened again at most.").tag(config=True)
    limit_seconds = Float(10.0, help="Longest, in seconds, that a start of Jupyter's extension waits for the desk.").tag(
        config=True
    )
    hang_up_seconds = Float(
        1.0, help="Seconds to wait at the end of the server for shells to write their history, before files are kept once more."
    ).tag(config=True)

    def __init__(
        self,
        server: ServerApp,
        *,
        journal: Journal,
        state: StateDocument,
        boot: Callable[[], str | None],
        now: Callable[[], datetime],
        **kwargs: Any,
    ) -> None:
        """Args: whose desk; the evidence; where it is told; which boot this is; the wall clock."""
        super().__init__(**kwargs)
        self._journal, self._state, self._read_boot, self._now = journal, state, boot, now
        store = Path(journal.directory)
        self._path, self._turn = store / "desk.json", FileLock(store / "desk.lock")
        apps, config = server.extension_manager, Path(server.config_dir)
        self._layout = LayoutFiles(store / "layout", lambda: lab_folders(apps.extension_apps, config), parent=self)
        self._files = Dotfiles(store / "files", parent=self)
        self._terminals = TerminalRestorer(server.web_app.settings.get("terminal_manager"))
        self._one_by_one = threading.Lock()
        self._memory = RestoreState()
        self._boot: str | None = None
        self._offered: list[dict[str, Any]] = []
        self._last: tuple[SavedTerminal, ...] | None = None
        self._is_laid_back = self._is_foreign = self._is_news = False
        self._foreign_code = "other-server"

    async def lay_back(self) -> None:
        """First thing after a start: what was kept before this boot is there again when this ends. It never raises."""
        try:
            await asyncio.wait_for(self._lay_back(), self.limit_seconds)
        except Exception:  # nothing is kept until the next boot either: it would go over what is not back
            self.log.exception("The desk could not be laid back")
            self._memory = replace(
                self._memory, report=RestoreReport(missing=(NotRestored("files", self._path.name, "failed"),))
            )
        else:
            self._is_laid_back = True
        self._tell()

    async def record(self) -> None:
        """What came back goes into the journal, once after each boot."""
        if self._is_news:
            self._is_news = False
            await self._append("desk-laid-back", **self._memory.report.facts())

    async def look(self) -> None:
        """Keep what has changed, and tell what may be kept."""
        await asyncio.to_thread(self.keep)
        self._tell()

    def keep(self) -> None:
        """Bring what is on the volume up to date; nothing is written when nothing has changed. It never raises."""
        with self._one_by_one:
            if not self._is_laid_back or self._is_foreign:  # what is kept is not back yet, or is not ours to change
                return
            try:
                self._keep(self._terminals.open() if self._last is None else self._last)
            except Exception:
                self.log.exception("The desk could not be kept")

    async def choose(self, body: Any, by: str) -> None:
        """Keep these files outside the volume from now on, and no others.

        Args:
            body: ``{"files": ["git"]}``.
            by: who says so.

        Raises:
            MalformedRequest: the body is another one.
            NotSaved: the choice cannot be remembered.
        """
        files = self._parsed(body)
        if files != self._memory.files:
            await asyncio.to_thread(self._choose, files)
            await self._append("desk-chosen", by=by, files=list(files))
        await self.look()

    def last_look(self) -> None:
        """The server is about to end, and its terminals with it: which ones were open? It never raises."""
        try:
            self._last = self._terminals.open()
        except Exception:
            self.log.exception("Which terminals are open cannot be told")

    async def close(self) -> None:
        """Keep everything once more: an instance that somebody stops by hand ends its server like this."""
        if "history" in self._memory.files:
            with suppress(Exception):  # they end anyway
                await self._terminals.hang_up(self.hang_up_seconds)
        await asyncio.to_thread(self.keep)
        self._turn.give_back()

    def kept_paths(self) -> list[str]:
        """What comes back of the home folder, relative to it, besides what Jupyter has there."""
        return self._files.paths(self._memory.files)

    def to_json(self) -> dict[str, Any]:
        """The part ``admin_machine`` of the state document."""
        offered = {choice["id"] for choice in self._offered}
        keeping = [name for name in self._memory.files if name in offered]
        return {"keeping": keeping, "offered": self._offered, **self._memory.report.to_json()}

    async def _lay_back(self) -> None:
        kept, lost = await asyncio.to_thread(self._recall)
        self._memory = replace(kept, report=RestoreReport(missing=tuple(lost))) if lost else kept
        if self._is_foreign or not memory.is_of_before(kept, self._boot):
            return
        back, missing = await asyncio.to_thread(self._lay_back_files, kept.files)
        opened, unopened = await self._terminals.reopen(kept.terminals[: self.max_terminals])
        too_many = [NotRestored("terminal", terminal.name, "too-many") for terminal in kept.terminals[self.max_terminals :]]
        report = RestoreReport((*back, *opened), (*lost, *kept.left, *missing, *unopened, *too_many))
        self._memory, self._is_news = replace(kept, boot=self._boot, left=(), report=report), any(report)
        await asyncio.to_thread(self._write, self._memory)

    def _recall(self) -> tuple[RestoreState, list[NotRestored]]:
        self._boot, self._offered = self._read_boot(), self._files.to_json()
        self._is_foreign = not self._turn.take()
        try:
            return memory.load_state(self._path), []
        except NotCopyable as error:
            code = error.code
        except OSError:
            code = "not-readable"
        if code == "unknown-format":
            self._is_foreign, self._foreign_code = True, code
        return RestoreState(), [NotRestored("files", self._path.name, code)]

    def _lay_back_files(self, chosen: tuple[str, ...]) -> tuple[list[Restored], list[NotRestored]]:
        """The layout, which JupyterLab asks for at once; then what a shell reads when it begins."""
        with self._one_by_one:
            back, missing = self._layout.lay_back()
            files, unlaid = self._files.lay_back(chosen)
        return back + files, missing + unlaid

    def _keep(self, terminals: tuple[SavedTerminal, ...]) -> None:
        withheld = [missing for missing in self._memory.report.missing if missing.code in STAYS]
        left = [*self._layout.keep(withheld), *self._files.keep(self._memory.files, withheld)]
        self._offered = self._files.to_json()
        fresh = replace(self._memory, boot=self._boot, terminals=terminals, left=tuple(left[:SHOWN]))
        if fresh != self._memory and self._write(fresh):
            self._memory = fresh

    def _write(self, fresh: RestoreState) -> bool:
        try:
            memory.save_state(self._path, fresh)
        except (OSError, NotCopyable) as error:
            self.log.warning("The desk could not be written to %s: %s", self._path, error)
            return False
        return True

    def _choose(self, files: tuple[str, ...]) -> None:
        with self._one_by_one:
            if self._is_foreign or not self._is_laid_back:
                raise NotSaved(self._foreign_code if self._is_foreign else "failed")
            fresh = replace(self._memory, files=files)
            if not self._write(fresh):
                raise NotSaved("not-written")
            self._files.forget({*self._memory.files} - {*files})
            self._memory = fresh

    def _parsed(self, body: Any) -> tuple[str, ...]:
        files = body.get("files") if isinstance(body, dict) and body.keys() == {"files"} else None
        offered = self._files.offered
        if not isinstance(files, list) or not all(name in offered for name in files):
            raise MalformedRequest(f"files must be a list of some of these: {', '.join(offered)}")
        return tuple(name for name in offered if name in files)

    async def _append(self, event: str, **facts: Any) -> None:
        try:
            await asyncio.to_thread(self._journal.append, event, self._now(), **facts)
        except OSError as error:
            self.log.warning("%s could not be recorded: %s", event, error)

    def _tell(self) -> None:
        self._state.update(desk=self.to_json())
