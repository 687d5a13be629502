"""The running kernels: their memory is what a restart destroys first."""

from __future__ import annotations

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


class Kernels:
    """The kernels of this Jupyter server."""

    def __init__(self, kernel_manager: Any, session_manager: Any) -> None:
        self._kernels, self._sessions = kernel_manager, session_manager

    async def losses(self) -> list[Loss]:
        """What is running now."""
        kernels = await ensure_async(self._kernels.list_kernels())
        sessions = await ensure_async(self._sessions.list_sessions())
        return losses(kernels, sessions)
