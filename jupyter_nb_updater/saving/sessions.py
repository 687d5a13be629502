"""Documents that are open in something that is not one of our tabs, found in Jupyter's sessions."""

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
"""What JupyterLab 4 calls a session while its kernel is being started (``SessionContext`` in ``@jupyterlab/apputils``). Then it
gets the name of its document; if the page is closed in between, it keeps the temporary name."""

NAMING_POLL_SECONDS = 0.25
MAX_NAMING_POLLS = 20
"""After so many polls, a session that still has a temporary name counts as left behind by a closed page."""


def unreported_paths(sessions: list[dict[str, Any]], reported: Collection[str]) -> list[str]:
    """Return the documents that only something else than our tabs has open: a page from before the extension, another editor.

    A session without a connection belongs to a notebook that was closed with its kernel left running: nothing holds edits.

    Args:
        sessions: models as ``GET api/sessions`` gives them.
        reported: paths that the tabs have answered for.
    """
    return sorted(
        session["path"]
        for session in sessions
        if session.get("type") in {"notebook", "file"}
        and (session.get("kernel") or {}).get("connections", 0) > 0
        and session.get("path") not in reported
    )


class Sessions:
    """Finds open documents that no tab of ours reported."""

    def __init__(self, session_manager: SessionManager, contents_manager: ContentsManager) -> None:
        """Use the managers of this server.

        Args:
            session_manager: lists the sessions.
            contents_manager: tells whether a file exists.
        """
        self._sessions, self._contents = session_manager, contents_manager

    async def unreported(self, reported: Collection[str]) -> list[str]:
        """List the open documents that no tab answered for. Wait for sessions that are just being named.

        Args:
            reported: paths that the tabs have answered for.
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
