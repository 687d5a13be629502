"""The shared documents that jupyter-collaboration holds in the memory of this server, and the proof that they are on disk.

A room outlives its tabs by a minute (``document_cleanup_delay``), saves a second after the last change or never
(``document_save_delay``), and only logs a save that failed. So every room is read back, also one that a tab has answered for:
what another tab or a kernel has sent it may be newer. Read in jupyter-server-ydoc 1.0, 1.1 and 3.0, the server part of
jupyter-collaboration 2, 3 and 5; another version that lacks what is used here is told, never passed over.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError
from traitlets import Float
from traitlets.config import LoggingConfigurable

from .compare import is_same

EXTENSION = "jupyter_server_ydoc"
ATTEMPTS = 4
"""Looks at a room that differs from its file. The first writes nothing: a save, or a change from outside, may be on its way."""
FILE_ROOM = re.compile(r"[^:]+:[^:]+:.+")
"""``format:type:file id``. Other rooms, which hold who is there, have no file."""
LOADING = "timeout: it is still loading"
DIFFERENT = "unverified: what is on disk is not what is shared"
DELETED = "failed: deleted: the file is no longer on disk"
CONFLICT = "failed: conflict: the file was changed on disk by something else"
LATE = "timeout: it was not read back in time"
READ_ONLY = "read-only: the file cannot be written"


class CollaborativeRoom:
    """One shared document (``DocumentRoom``) and its file.

    Args:
        name: of the room, ``format:type:file id``.
        room: itself.
        contents: where the file is read back from.

    Raises:
        AttributeError: a version that is not known.
    """

    def __init__(self, name: str, room: Any, contents: Any) -> None:
        self._format, self._type, _ = name.split(":", 2)
        self._room, self._contents = room, contents
        # The public `get_document` neither tells whether the document is whole, nor gives it while the room is cleaned up.
        self._document, self._file, self._lock = room._document, room._file, room._update_lock  # noqa: SLF001

    @property
    def is_whole(self) -> bool:
        """Not while it is loaded, or replaced by what something else wrote to disk."""
        return bool(self._room.ready) and not self._lock.locked()

    @property
    def is_left(self) -> bool:
        """Nobody is in it, and nobody has changed it since it was saved."""
        return not self._room.clients and not self._document.dirty

    async def on_disk(self) -> dict[str, Any] | None:
        """The file as the contents manager reads it, ``None`` when there is none."""
        try:
            path = self._file.path
        except RuntimeError:  # "No path found for file ID"
            return None
        try:
            # As the room itself loads it; its own loader would forget that something else wrote it.
            found = await ensure_async(self._contents.get(path, format=self._format, type=self._type, content=True))
        except HTTPError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise
        return dict(found)

    async def equals(self, found: dict[str, Any]) -> bool:
        """Whether the file that was read holds what is shared now."""
        return await asyncio.to_thread(is_same, self._document.source, found["content"])

    def is_known(self, found: dict[str, Any]) -> bool:
        """Whether the file that was read is the one that this room last read or wrote."""
        return bool(self._file.last_modified == found["last_modified"])

    async def save(self) -> str:
        """Write the file through the room's loader: one at a time, and not if something else has written it by now.

        Returns:
            Why that did not work; nothing otherwise.
        """
        if not self.is_whole:
            return LOADING
        known = self._file.last_modified
        model = {"format": self._format, "type": self._type, "content": self._document.source}
        try:
            saved = await self._file.maybe_save_content(model)
        except Exception as error:  # noqa: BLE001  of any contents manager
            # It takes note of another program's write before it complains; its watcher has yet to notice that write.
            self._file.last_modified = known
            return f"failed: {_words(error)}"
        if not saved:
            return READ_ONLY
        async with self._lock:  # as after a save of its own: a tab that knows another hash asks its user about a conflict
            self._document.hash = saved["hash"]
        return ""


class CollaborativeRooms(LoggingConfigurable):
    """All rooms of this server."""

    settle_seconds = Float(0.5, help="Seconds between two looks at a document that differs from its file.").tag(config=True)

    def __init__(self, extension_apps: Callable[[], Mapping[str, Iterable[Any]]], contents_manager: Any, **kwargs: Any) -> None:
        """Args: what jupyter_server's extension manager has loaded, by name; where files are read back from."""
        super().__init__(**kwargs)
        self._apps, self._contents = extension_apps, contents_manager

    async def unproven(self, timeout: float) -> list[tuple[str, str]]:
        """Save what differs from its file, within ``timeout`` seconds; what is not proven then, and why, as machine text."""
        unproven, proofs = [], {}
        for app in self._apps().get(EXTENSION, ()):
            try:
                rooms = {name: room for name, room in app.ywebsocket_server.rooms.items() if FILE_ROOM.fullmatch(name)}
            except Exception as error:  # noqa: BLE001  a version that is not known
                unproven.append((EXTENSION, f"failed: its documents cannot be listed: {_words(error)}"))
                continue
            for name, room in rooms.items():
                proofs[asyncio.create_task(self._why_not(name, room))] = _path(name, room)
        try:
            if proofs:
                await asyncio.wait(proofs, timeout=timeout)
            answers = [(path, task.result() if task.done() else LATE) for task, path in proofs.items()]
        finally:
            for task in proofs:
                task.cancel()
        return sorted(unproven + [(path, why) for path, why in answers if why])

    async def _why_not(self, name: str, room: Any) -> str:
        """Why this document is not proven; nothing when it is."""
        try:
            return await self._prove(CollaborativeRoom(name, room, self._contents))
        except Exception as error:  # whatever goes wrong, in whatever version: it is not proven
            self.log.warning("The shared document %s cannot be proven saved", name, exc_info=True)
            return f"failed: {_words(error)}"

    async def _prove(self, room: CollaborativeRoom) -> str:
        why = DIFFERENT
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(self.settle_seconds)
            found = await room.on_disk()
            if found is None:
                return "" if room.is_left else DELETED
            if not room.is_whole:
                why = LOADING
            elif await room.equals(found):
                return ""
            elif not room.is_known(found):
                why = CONFLICT  # the room takes over what is on disk within its `file_poll_interval`
            elif attempt:
                why = await room.save() or DIFFERENT
                if why == DIFFERENT and (found := await room.on_disk()) and await room.equals(found):
                    return ""
        return why


def _path(name: str, room: Any) -> str:
    try:
        return str(room._file.path)  # noqa: SLF001  as above
    except Exception:  # noqa: BLE001  a name is wanted in any case: the file may be deleted, the version unknown
        return name


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
