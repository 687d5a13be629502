"""Sessions of this server: they know of documents that are open where no tab of ours is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jupyter_core.utils import ensure_async


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

    def __init__(self, session_manager: Any) -> None:
        """Args: jupyter_server's manager."""
        self._sessions = session_manager

    async def unreported(self, reported: Collection[str]) -> list[str]:
        """Documents that are open somewhere, and that no tab has answered for."""
        return unreported(await ensure_async(self._sessions.list_sessions()), reported)
