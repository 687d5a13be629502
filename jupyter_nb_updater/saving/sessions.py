"""Find documents that are open in other clients than our tabs, from Jupyter's sessions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async

if TYPE_CHECKING:
    from jupyter_server.services.contents.manager import ContentsManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

TEMPORARY_PATH = re.compile(r"(.*/)?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""Temporary session path in JupyterLab 4 while a kernel is starting (``SessionContext`` in ``@jupyterlab/apputils``).

The session
then gets the path of its document; if the page is closed in between, it keeps the temporary path."""

NAMING_POLL_SECONDS = 0.25
MAX_NAMING_POLLS = 20
"""Number of polls after which a session that still has a temporary path counts as left behind by a closed page."""


def unreported_paths(sessions: list[dict[str, Any]], reported: Collection[str]) -> list[str]:
    """Return documents that only other clients have open: a page from before the extension was installed, another editor.

    A session without a connection belongs to a notebook that was closed while its kernel kept running, so it holds no edits.

    Args:
        sessions: models as returned by ``GET api/sessions``.
        reported: paths that the tabs reported.
    """
    return sorted(
        session["path"]
        for session in sessions
        if session.get("type") in {"notebook", "file"}
        and (session.get("kernel") or {}).get("connections", 0) > 0
        and session.get("path") not in reported
    )


class Sessions:
    """Find open documents that none of our tabs reported."""

    def __init__(self, session_manager: SessionManager, contents_manager: ContentsManager) -> None:
        """Use the managers of this server.

        Args:
            session_manager: lists the sessions.
            contents_manager: checks whether a file exists.
        """
        self._sessions, self._contents = session_manager, contents_manager

    async def unreported(self, reported: Collection[str]) -> list[str]:
        """List the open documents that no tab reported. Waits for sessions that still have a temporary path.

        Args:
            reported: paths that the tabs reported.
        """
        for _ in range(MAX_NAMING_POLLS):
            paths = unreported_paths(await ensure_async(self._sessions.list_sessions()), reported)
            documents = [path for path in paths if not await self._is_temporary(path)]
            if documents == paths:
                break
            await asyncio.sleep(NAMING_POLL_SECONDS)
        return documents

    async def _is_temporary(self, path: str) -> bool:
        return bool(TEMPORARY_PATH.fullmatch(path)) and not await ensure_async(self._contents.file_exists(path))
