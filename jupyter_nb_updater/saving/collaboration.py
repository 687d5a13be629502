"""Save the shared documents that jupyter-collaboration holds in the server's memory, and verify that they are on disk.

A room outlives its tabs by a minute (``document_cleanup_delay``), saves a second after the last change or never
(``document_save_delay``), and only logs a failed save. So the file of every room is read back, even if a tab reported the
document as saved: another tab or a kernel may have changed the room since. Written for jupyter-server-ydoc 1.0, 1.1 and 3.0,
the server part of jupyter-collaboration 2, 3 and 5; with a version that lacks what is used here, the room counts as unsaved.
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
"""``format:type:file id``. Other rooms, such as the one for awareness, have no file."""

MAX_READS = 4
"""Maximum number of reads of a file that differs from its room.

The first read writes nothing: a save, or a change from outside,
may be in progress."""

# Why a document is not verified: the detail of the finding `room-not-saved`
STILL_LOADING = "timeout: it is still loading"
NOT_READ_BACK = "timeout: it was not read back in time"
DIFFERENT = "unverified: what is on disk is not what is shared"
DELETED = "failed: deleted: the file is no longer on disk"
CONFLICT = "failed: conflict: the file was changed on disk by something else"
READ_ONLY = "read-only: the file cannot be written"

FAILURES = {
    "no-space": re.compile(r"No space left|Disk quota exceeded|Errno (28|122)\b", re.IGNORECASE),
    "permission": re.compile(r"Permission denied|Operation not permitted|Read-only file system", re.IGNORECASE),
    "encoding": re.compile(r"Encoding error|codec can't|not UTF-8", re.IGNORECASE),
    "hook": re.compile(r"\bhook\b|^HTTP 4(00|22)\b", re.IGNORECASE),
}
"""Causes of a failed save that need advice of their own, by the message. A tab finds the same ones (``contents.ts``)."""


class CollaborativeRooms(LoggingConfigurable):
    """Save and verify every shared document of this server."""

    retry_seconds = Float(
        0.5, help="Interval in seconds for reading the file of a shared document again while the two differ."
    ).tag(config=True)

    def __init__(self, extension_manager: ExtensionManager, contents_manager: ContentsManager, **kwargs: Any) -> None:
        """Use the managers of this server.

        Args:
            extension_manager: knows the app of jupyter-collaboration, if it is loaded.
            contents_manager: reads the files back.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._extensions, self._contents = extension_manager, contents_manager

    async def unsaved(self, timeout_seconds: float) -> list[tuple[str, str]]:
        """Save the documents that differ from their files, and return those that are not verified on disk, with the reason.

        Args:
            timeout_seconds: time limit in seconds for all documents together.

        Returns:
            The path and the reason of each document.
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
        """Return why this document is not verified; an empty string if it is."""
        try:
            return await self._save_and_verify(CollaborativeRoom(name, room, self._contents))
        except Exception as error:  # after any error, in any version, it counts as not verified
            self.log.warning("Could not verify that the shared document %s is on disk", name, exc_info=True)
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
                reason = CONFLICT  # the room loads the version on disk within its `file_poll_interval`
            elif read:
                reason = await room.save() or DIFFERENT
                if reason == DIFFERENT and (file := await room.read_file()) and await room.equals(file):
                    return ""
        return reason


class CollaborativeRoom:
    """A shared document (``DocumentRoom`` of jupyter-collaboration) and its file.

    Args:
        name: name of the room, ``format:type:file id``.
        room: the room.
        contents_manager: reads the file back.

    Raises:
        AttributeError: the room belongs to an unknown version.
    """

    def __init__(self, name: str, room: Any, contents_manager: ContentsManager) -> None:
        self._format, self._type, _ = name.split(":", 2)
        self._room, self._contents = room, contents_manager
        # The public `get_document` does not report whether the document is loaded, nor return it while the room is cleaned up.
        self._document, self._file, self._lock = room._document, room._file, room._update_lock  # noqa: SLF001

    @property
    def is_loaded(self) -> bool:
        """Whether the document is loaded, and is not being replaced by a change on disk."""
        return bool(self._room.ready) and not self._lock.locked()

    @property
    def is_idle(self) -> bool:
        """Whether nobody is connected and nothing has changed since the last save."""
        return not self._room.clients and not self._document.dirty

    async def read_file(self) -> dict[str, Any] | None:
        """Read the file through the contents manager; ``None`` if it does not exist."""
        try:
            path = self._file.path
        except RuntimeError:  # "No path found for file ID"
            return None
        try:
            # As the room does; its own loader would forget that another program wrote the file.
            file = await ensure_async(self._contents.get(path, format=self._format, type=self._type, content=True))
        except HTTPError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise
        return dict(file)

    async def equals(self, file: dict[str, Any]) -> bool:
        """Check whether a file has the content of the shared document."""
        return await asyncio.to_thread(is_same, self._document.source, file["content"])

    def knows(self, file: dict[str, Any]) -> bool:
        """Check whether a file is the version that this room last read or wrote."""
        return bool(self._file.last_modified == file["last_modified"])

    async def save(self) -> str:
        """Write the file through the room's loader, unless another program has changed the file.

        Returns:
            Why the file was not written; an empty string if it was.
        """
        if not self.is_loaded:
            return STILL_LOADING
        last_modified = self._file.last_modified
        model = {"format": self._format, "type": self._type, "content": self._document.source}
        try:
            saved = await self._file.maybe_save_content(model)
        except Exception as error:  # noqa: BLE001  of any contents manager
            # The loader notes another program's write before it raises; its watcher must still see that write.
            self._file.last_modified = last_modified
            return f"failed: {_failure(error)}"
        if not saved:
            return READ_ONLY
        async with self._lock:  # as after its own save: a tab with another hash would report a conflict
            self._document.hash = saved["hash"]
        return ""


def _path(name: str, room: Any) -> str:
    try:
        return str(room._file.path)  # noqa: SLF001  as above
    except Exception:  # noqa: BLE001  the file may be deleted, or the version unknown
        return name


def _message(error: Exception) -> str:
    return str(error) or type(error).__name__


def _failure(error: Exception) -> str:
    """Return why a save failed: the code of the cause where it is known, and the message."""
    message = _message(error)
    code = next((code for code, pattern in FAILURES.items() if pattern.search(message)), None)
    return f"{code}: {message}" if code else message
