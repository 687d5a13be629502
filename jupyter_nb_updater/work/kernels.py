"""The running kernels: their memory is what a restart destroys first, and they know of clients that no tab speaks for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jupyter_core.utils import ensure_async

Loss = dict[str, Any]


def losses(kernels: list[dict[str, Any]], sessions: list[dict[str, Any]]) -> list[Loss]:
    """Every kernel as a loss, by the name of the notebook, console or file that it runs for.

    Args:
        kernels: models as ``GET api/kernels`` gives them.
        sessions: models as ``GET api/sessions`` gives them.
    """
    names = {
        session["kernel"]["id"]: session.get("path") or session.get("name") for session in sessions if session.get("kernel")
    }
    return [
        {
            "id": f"kernel:{kernel['id']}",
            "kind": "kernel",
            "name": names.get(kernel["id"]) or kernel["name"],
            "kernel": kernel["name"],
            "busy": kernel.get("execution_state") == "busy",
            "last_activity": kernel.get("last_activity"),
        }
        for kernel in kernels
    ]


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


class Kernels:
    """The kernels of this Jupyter server."""

    def __init__(self, kernel_manager: Any, session_manager: Any) -> None:
        self._kernels, self._sessions = kernel_manager, session_manager

    async def losses(self) -> list[Loss]:
        """What is running now."""
        kernels = await ensure_async(self._kernels.list_kernels())
        sessions = await ensure_async(self._sessions.list_sessions())
        return losses(kernels, sessions)

    async def unreported(self, reported: Collection[str]) -> list[str]:
        """Documents that are open somewhere, and that no tab has answered for."""
        return unreported(await ensure_async(self._sessions.list_sessions()), reported)
