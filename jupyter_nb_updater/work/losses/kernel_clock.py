"""Since when each kernel is busy. Jupyter tells that it is, and when it was last active, but not since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"


class KernelClock:
    """Notes when a kernel becomes busy.

    Newer servers hold a kernel's state in a trait (``ServerKernelManager.execution_state``), so its change is told at once;
    a kernel is watched from its start, which is an event of the server's (``kernel_actions``). On older ones (2.7) the state is
    a plain attribute: there a busy kernel counts from its last activity before we first saw it so, which is the moment it
    began for a cell that prints nothing.
    """

    def __init__(self, kernel_manager: Any, now: Callable[[], datetime], events: Any = None) -> None:
        """Args: the kernels; the wall clock; jupyter_server's event logger, if it has one."""
        self._kernels, self._now = kernel_manager, now
        self._since: dict[str, datetime] = {}
        self._watched: set[str] = set()
        if events is not None:
            events.add_listener(schema_id=KERNEL_ACTIONS, listener=self._acted)

    def look(self, models: list[dict[str, Any]]) -> None:
        """Watch those that are new, and forget those that are gone."""
        there = {model["id"] for model in models}
        self._watched &= there
        for model in models:
            self._watch(model["id"])
            if model.get("execution_state") != "busy":
                self._since.pop(model["id"], None)
        self._since = {kernel: since for kernel, since in self._since.items() if kernel in there}

    def busy_since(self, model: dict[str, Any]) -> datetime:
        """Since when a kernel is, that is busy now.

        Args:
            model: as ``GET api/kernels`` gives it.
        """
        return self._since.setdefault(model["id"], parse_activity_time(model.get("last_activity")) or self._now())

    async def _acted(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002  jupyter_events calls so
        if data.get("action") == "start" and data.get("kernel_id"):
            self._watch(data["kernel_id"])

    def _watch(self, kernel_id: str) -> None:
        try:
            kernel = self._kernels.get_kernel(kernel_id)
            watchable = kernel.has_trait("execution_state")
        except (AttributeError, KeyError):  # gone already, or no manager of Jupyter's own kind
            return
        if watchable and kernel_id not in self._watched:
            self._watched.add(kernel_id)
            kernel.observe(partial(self._changed, kernel_id), "execution_state")

    def _changed(self, kernel_id: str, change: Any) -> None:
        if change["new"] == "busy":
            self._since[kernel_id] = self._now()
        else:
            self._since.pop(kernel_id, None)


def parse_activity_time(text: str | None) -> datetime | None:
    """A time as jupyter_server writes it (with fractions of a second), to the second; ``None`` when it is no time."""
    try:
        parsed = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).replace(microsecond=0)
