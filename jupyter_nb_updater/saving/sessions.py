"""Sessions of this server: they know of documents that are open where no tab of ours is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection
from typing import Any

from jupyter_core.utils import ensure_async

UNNAMED = re.compile(r"(.*/)?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""What JupyterLab 4 calls a session while its kernel is being started (``SessionContext`` in ``@jupyterlab/apputils``). Then it
gets the name of its document; a page that is closed in between leaves it so for ever."""

LOOKS, LOOK_SECONDS = 20, 0.25
"""How often a session without a name is looked at, until it counts as left behind."""


def unreported(sessions: list[dict[str, Any]], reported: Collection[str]) -> list[str]:
    """Documents that something has open which is none of our tabs: a page from before the extension, another editor.

    A session without a connection is a notebook that was closed with its kernel left running: nobody holds anything of it.

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
    """The sessions of this Jupyter server."""

    def __init__(self, session_manager: Any, exists: Callable[[str], Any]) -> None:
        """Args: jupyter_server's manager; ``exists`` tells whether there is a file, now or as an awaitable."""
        self._sessions, self._exists = session_manager, exists

    async def unreported(self, reported: Collection[str]) -> list[str]:
        """Documents that are open somewhere, and that no tab has answered for. A session that is being named is waited for."""
        for _ in range(LOOKS):
            strangers = unreported(await ensure_async(self._sessions.list_sessions()), reported)
            documents = [path for path in strangers if not await self._is_unnamed(path)]
            if documents == strangers:
                break
            await asyncio.sleep(LOOK_SECONDS)
        return documents

    async def _is_unnamed(self, path: str) -> bool:
        return bool(UNNAMED.fullmatch(path)) and not await ensure_async(self._exists(path))
