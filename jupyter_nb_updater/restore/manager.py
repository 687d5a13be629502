"""Restore the session after a restart: layout, settings, terminals and chosen files, from copies on the volume."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from ..instance.context import InstanceContext
from ..util.file_lock import FileLock
from ..util.request_error import MalformedRequest
from .dotfiles import Dotfiles
from .file_io import NotCopyable, load_state, save_state
from .layout import LayoutFiles
from .model import MAX_REPORT_ENTRIES, NotRestored, NotSaved, Restored, RestoreReport, RestoreState, SavedTerminal
from .terminals import TerminalRestorer

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

RETAINED_CODES = {"not-written", "not-readable", "not-plain", "broken", "too-many"}
"""Codes of entries that were not restored although their copy is worth keeping for the next boot."""


class SessionRestore(LoggingConfigurable):
    """Save and restore the session; the only writer of ``restore`` in the state document.

    A failure is reported, and never keeps Jupyter from starting, working, or restarting.
    """

    max_terminals = Int(20, help="Maximum number of terminals to reopen.").tag(config=True)
    restore_timeout_seconds = Float(
        10.0, help="Timeout in seconds for restoring the session while the server extension starts."
    ).tag(config=True)
    hang_up_seconds = Float(
        1.0,
        help="Time in seconds to let shells write their history when the server shuts down, before files are saved again.",
    ).tag(config=True)

    def __init__(self, server: ServerApp, context: InstanceContext, **kwargs: Any) -> None:
        """Create the manager. Call :meth:`restore` to begin.

        Args:
            server: the Jupyter server.
            context: journal, state document and clocks of the instance.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._context = context
        store = Path(context.journal.directory)
        self._path, self._lock = store / "restore.json", FileLock(store / "restore.lock")
        self._layout = LayoutFiles(store / "layout", server, parent=self)
        self._dotfiles = Dotfiles(store / "files", parent=self)
        self._terminals = TerminalRestorer(server.web_app.settings.get("terminal_manager"))
        self._file_access = threading.Lock()
        self._saved = RestoreState()
        self._boot_id: str | None = None
        self._available: list[dict[str, Any]] = []
        self._terminal_snapshot: tuple[SavedTerminal, ...] | None = None
        self._is_restored = self._has_new_report = False
        self._read_only_code: str | None = None
        """Why this server may not write; ``None`` if it may."""

    async def restore(self) -> None:
        """Restore what an earlier boot saved. The first step of a start; never raises."""
        try:
            await asyncio.wait_for(self._restore(), self.restore_timeout_seconds)
        except Exception:  # and save nothing until the next boot: that would overwrite what was not restored
            self.log.exception("Could not restore the session")
            failed = NotRestored("files", self._path.name, "failed")
            self._saved = replace(self._saved, report=RestoreReport(not_restored=(failed,)))
        else:
            self._is_restored = True
        self._publish()

    async def record_report(self) -> None:
        """Record in the journal what was restored, once after each boot."""
        if self._has_new_report:
            self._has_new_report = False
            await self._record("session-restored", **self._saved.report.counts())

    async def refresh(self) -> None:
        """Save what has changed, and publish which files can be kept."""
        await asyncio.to_thread(self.save)
        self._publish()

    def save(self) -> None:
        """Update the copies on the volume. Writes nothing if nothing has changed; never raises."""
        with self._file_access:
            if not self._is_restored or self._read_only_code:
                return
            try:
                self._save(self._terminals.list_open() if self._terminal_snapshot is None else self._terminal_snapshot)
            except Exception:
                self.log.exception("Could not save the session")

    async def choose_files(self, body: Any, by: str) -> None:
        """Keep these groups of dotfiles from now on, and no others.

        Args:
            body: ``{"files": ["git"]}``.
            by: display name of the user.

        Raises:
            MalformedRequest: the body has another format.
            NotSaved: the choice cannot be saved.
        """
        files = self._parse(body)
        if files != self._saved.files:
            await asyncio.to_thread(self._choose, files)
            await self._record("dotfiles-chosen", by=by, files=list(files))
        await self.refresh()

    def snapshot_terminals(self) -> None:
        """Remember which terminals are open, right before the server ends them. Never raises."""
        try:
            self._terminal_snapshot = self._terminals.list_open()
        except Exception:
            self.log.exception("Could not list the open terminals")

    async def close(self) -> None:
        """Save everything once more, for an instance that a user stops outside of Jupyter."""
        if "history" in self._saved.files:
            with suppress(Exception):  # the shells end anyway
                await self._terminals.hang_up(self.hang_up_seconds)
        await asyncio.to_thread(self.save)
        self._lock.release()

    def restored_paths(self) -> list[str]:
        """Return the globs of dotfiles that a restart does not delete, relative to the home folder."""
        return self._dotfiles.paths(self._saved.files)

    def to_json(self) -> dict[str, Any]:
        """Return the part ``restore`` of the state document."""
        available = {choice["id"] for choice in self._available}
        enabled = [name for name in self._saved.files if name in available]
        return {"enabled": enabled, "available": self._available, **self._saved.report.to_json()}

    async def _restore(self) -> None:
        saved, problems = await asyncio.to_thread(self._load)
        self._saved = replace(saved, report=RestoreReport(not_restored=tuple(problems))) if problems else saved
        if self._read_only_code or not saved.is_from_earlier_boot(self._boot_id):
            return
        restored, failed = await asyncio.to_thread(self._restore_files, saved.files)
        opened, unopened = await self._terminals.reopen(saved.terminals[: self.max_terminals])
        unopened += [NotRestored("terminal", terminal.name, "too-many") for terminal in saved.terminals[self.max_terminals :]]
        report = RestoreReport((*restored, *opened), (*problems, *saved.not_saved, *failed, *unopened))
        self._saved, self._has_new_report = replace(saved, boot_id=self._boot_id, not_saved=(), report=report), any(report)
        await asyncio.to_thread(self._write, self._saved)

    def _load(self) -> tuple[RestoreState, list[NotRestored]]:
        self._boot_id, self._available = self._context.boot_clock.read_id(), self._dotfiles.to_json()
        self._read_only_code = None if self._lock.acquire() else "other-server"
        try:
            return load_state(self._path), []
        except NotCopyable as error:
            code = error.code
        except OSError:
            code = "not-readable"
        if code == "unknown-format":
            self._read_only_code = code
        return RestoreState(), [NotRestored("files", self._path.name, code)]

    def _restore_files(self, enabled: tuple[str, ...]) -> tuple[list[Restored], list[NotRestored]]:
        """Restore the layout first, because JupyterLab loads it immediately; then the files that a shell reads."""
        with self._file_access:
            restored, failed = self._layout.restore()
            restored_dotfiles, failed_dotfiles = self._dotfiles.restore(enabled)
        return restored + restored_dotfiles, failed + failed_dotfiles

    def _save(self, terminals: tuple[SavedTerminal, ...]) -> None:
        retained = [entry for entry in self._saved.report.not_restored if entry.code in RETAINED_CODES]
        not_saved = [*self._layout.save(retained), *self._dotfiles.save(self._saved.files, retained)]
        self._available = self._dotfiles.to_json()
        changed = replace(
            self._saved, boot_id=self._boot_id, terminals=terminals, not_saved=tuple(not_saved[:MAX_REPORT_ENTRIES])
        )
        if changed != self._saved and self._write(changed):
            self._saved = changed

    def _write(self, state: RestoreState) -> bool:
        try:
            save_state(self._path, state)
        except (OSError, NotCopyable) as error:
            self.log.warning("Could not write %s: %s", self._path, error)
            return False
        return True

    def _choose(self, files: tuple[str, ...]) -> None:
        with self._file_access:
            if self._read_only_code or not self._is_restored:
                raise NotSaved(self._read_only_code or "failed")
            changed = replace(self._saved, files=files)
            if not self._write(changed):
                raise NotSaved("not-written")
            self._dotfiles.delete({*self._saved.files} - {*files})
            self._saved = changed

    def _parse(self, body: Any) -> tuple[str, ...]:
        files = body.get("files") if isinstance(body, dict) and body.keys() == {"files"} else None
        available = self._dotfiles.available
        if not isinstance(files, list) or not all(name in available for name in files):
            raise MalformedRequest(f'"files" must be a list that contains only: {", ".join(available)}')
        return tuple(name for name in available if name in files)

    async def _record(self, event: str, **facts: Any) -> None:
        await asyncio.to_thread(self._context.journal.try_append, event, self._context.system_clock.now(), **facts)

    def _publish(self) -> None:
        self._context.state.update(restore=self.to_json())
