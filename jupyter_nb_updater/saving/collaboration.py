"""The shared documents that jupyter-collaboration holds in this server's memory: save them, and verify that they are on disk.

A room outlives its tabs by a minute (``document_cleanup_delay``), saves a second after the last change or never
(``document_save_delay``), and only logs a save that failed. So every room's file is read back, also when a tab has reported the
document as saved: what another tab or a kernel has sent to the room may be newer. Written against jupyter-server-ydoc 1.0, 1.1
and 3.0, the server part of jupyter-collaboration 2, 3 and 5; with a version that lacks what is used here, the room counts as
unsaved.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError
from traitlets import Float
from traitlets.config import LoggingConfigurable

from .compare import is_same

if TYPE_CHECKING:
    from jupyter_server.extension.manager import ExtensionManager
    from jupyter_server.services.contents.manager import ContentsManager

EXTENSION_NAME = "jupyter_server_ydoc"
FILE_ROOM = re.compile(r"[^:]+:[^:]+:.+")
"""``format:type:file id``. Other rooms, such as the one that holds who is present, have no file."""

MAX_READS = 4
"""Reads of a file that differs from its room. The first one writes nothing: a save, or a change from outside, may be on its
way."""

# Why a document is not verified: the detail of the finding `room-not-saved`
STILL_LOADING = "timeout: it is still loading"
NOT_READ_BACK = "timeout: it was not read back in time"
DIFFERENT = "unverified: what is on disk is not what is shared"
DELETED = "failed: deleted: the file is no longer on disk"
CONFLICT = "failed: conflict: the file was changed on disk by something else"
READ_ONLY = "read-only: the file cannot be written"


class CollaborativeRooms(LoggingConfigurable):
    """Every shared document of this server."""

    retry_seconds = Float(0.5, help="Seconds between two reads of a shared document's file that differs from it.").tag(
        config=True
    )

    def __init__(self, extension_manager: ExtensionManager, contents_manager: ContentsManager, **kwargs: Any) -> None:
        """Use the managers of this server.

        Args:
            extension_manager: knows the app of jupyter-collaboration, if it is loaded.
            contents_manager: reads the files back.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._extensions, self._contents = extension_manager, contents_manager

    async def unsaved(self, timeout_seconds: float) -> list[tuple[str, str]]:
        """Save what differs from its file, and return what is not verified on disk then: path and reason of each document.

        Args:
            timeout_seconds: how long to wait for all of them.
        """
        unsaved, checks = [], {}
        for app in self._extensions.extension_apps.get(EXTENSION_NAME, ()):
            try:
                rooms = {name: room for name, room in app.ywebsocket_server.rooms.items() if FILE_ROOM.fullmatch(name)}
            except Exception as error:  # noqa: BLE001  an unknown version
                unsaved.append((EXTENSION_NAME, f"failed: its documents cannot be listed: {_message(error)}"))
                continue
            for name, room in rooms.items():
                checks[asyncio.create_task(self._check(name, room))] = _path(name, room)
        try:
            if checks:
                await asyncio.wait(checks, timeout=timeout_seconds)
            reasons = [(path, task.result() if task.done() else NOT_READ_BACK) for task, path in checks.items()]
        finally:
            for task in checks:
                task.cancel()
        return sorted(unsaved + [(path, reason) for path, reason in reasons if reason])

    async def _check(self, name: str, room: Any) -> str:
        """Return why this document is not verified; an empty text when it is."""
        try:
            return await self._save_and_verify(CollaborativeRoom(name, room, self._contents))
        except Exception as error:  # whatever goes wrong, in whatever version: it is not verified
            self.log.warning("The shared document %s cannot be verified", name, exc_info=True)
            return f"failed: {_message(error)}"

    async def _save_and_verify(self, room: CollaborativeRoom) -> str:
        reason = DIFFERENT
        for read in range(MAX_READS):
            if read:
                await asyncio.sleep(self.retry_seconds)
            file = await room.read_file()
            if file is None:
                return "" if room.is_idle else DELETED
            if not room.is_loaded:
                reason = STILL_LOADING
            elif await room.equals(file):
                return ""
            elif not room.knows(file):
                reason = CONFLICT  # the room takes over what is on disk within its `file_poll_interval`
            elif read:
                reason = await room.save() or DIFFERENT
                if reason == DIFFERENT and (file := await room.read_file()) and await room.equals(file):
                    return ""
        return reason


class CollaborativeRoom:
    """One shared document (jupyter-collaboration's ``DocumentRoom``) and its file.

    Args:
        name: the room's name, ``format:type:file id``.
        room: the room.
        contents_manager: reads the file back.

    Raises:
        AttributeError: the room is of an unknown version.
    """

    def __init__(self, name: str, room: Any, contents_manager: ContentsManager) -> None:
        self._format, self._type, _ = name.split(":", 2)
        self._room, self._contents = room, contents_manager
        # The public `get_document` neither tells whether the document is loaded, nor gives it while the room is cleaned up.
        self._document, self._file, self._lock = room._document, room._file, room._update_lock  # noqa: SLF001

    @property
    def is_loaded(self) -> bool:
        """Whether it is loaded, and not just being replaced by what something else wrote to disk."""
        return bool(self._room.ready) and not self._lock.locked()

    @property
    def is_idle(self) -> bool:
        """Whether nobody is in it, and nobody has changed it since it was saved."""
        return not self._room.clients and not self._document.dirty

    async def read_file(self) -> dict[str, Any] | None:
        """Read the file as the contents manager does; ``None`` when there is none."""
        try:
            path = self._file.path
        except RuntimeError:  # "No path found for file ID"
            return None
        try:
            # As the room itself loads it; its own loader would forget that something else wrote it.
            file = await ensure_async(self._contents.get(path, format=self._format, type=self._type, content=True))
        except HTTPError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise
        return dict(file)

    async def equals(self, file: dict[str, Any]) -> bool:
        """Return whether a file that was read holds what is shared now."""
        return await asyncio.to_thread(is_same, self._document.source, file["content"])

    def knows(self, file: dict[str, Any]) -> bool:
        """Return whether a file that was read is the one that this room last read or wrote."""
        return bool(self._file.last_modified == file["last_modified"])

    async def save(self) -> str:
        """Write the file through the room's loader: one write at a time, and none if something else has written it by now.

        Returns:
            Why that did not work; an empty text otherwise.
        """
        if not self.is_loaded:
            return STILL_LOADING
        last_modified = self._file.last_modified
        model = {"format": self._format, "type": self._type, "content": self._document.source}
        try:
            saved = await self._file.maybe_save_content(model)
        except Exception as error:  # noqa: BLE001  of any contents manager
            # It takes note of another program's write before it complains; its watcher has yet to notice that write.
            self._file.last_modified = last_modified
            return f"failed: {_message(error)}"
        if not saved:
            return READ_ONLY
        async with self._lock:  # as after a save of its own: a tab that knows another hash asks its user about a conflict
            self._document.hash = saved["hash"]
        return ""


def _path(name: str, room: Any) -> str:
    try:
        return str(room._file.path)  # noqa: SLF001  as above
    except Exception:  # noqa: BLE001  a name is wanted in any case: the file may be deleted, the version unknown
        return name


def _message(error: Exception) -> str:
    return str(error) or type(error).__name__
