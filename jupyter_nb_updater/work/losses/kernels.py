"""The running kernels: their memory is what a restart destroys first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jupyter_core.utils import ensure_async

from .kernel_clock import KernelClock, parse_activity_time
from .loss import Loss, loss
from .process_table import ProcessTable

STARTING = timedelta(minutes=2)
"""A kernel says ``starting`` until it is asked for something; after this it is no longer on its way to anything."""


@dataclass(frozen=True)
class Kernel:
    """One kernel: its model as ``GET api/kernels`` gives it, what it runs for, since when it is busy, its process number."""

    model: dict[str, Any]
    name: str
    busy: bool
    since: datetime | None
    pid: int | None

    def loss(self, table: ProcessTable) -> Loss:
        """It as a loss. Its memory is not known where its process is on another machine."""
        memory = table.memory(self.pid) if self.pid is not None and table.get(self.pid) else None
        kind = self.model["name"]
        return loss("kernel", self.model["id"], self.name, kind, busy=self.busy, since=self.since, memory=memory)


def is_busy(model: dict[str, Any], now: datetime) -> bool:
    """Whether a kernel works. One whose state is not known may (so it does); a dead one does not.

    Args:
        model: as ``GET api/kernels`` gives it.
        now: the time to judge at.
    """
    state, active = model.get("execution_state"), parse_activity_time(model.get("last_activity"))
    if state == "starting" and active is not None:
        return now - active < STARTING
    return state not in {"idle", "dead"}


class Kernels:
    """The kernels of this Jupyter server."""

    def __init__(self, kernel_manager: Any, session_manager: Any, now: Callable[[], datetime], events: Any = None) -> None:
        """Args: jupyter_server's managers; the wall clock; its event logger, which tells of each kernel that starts."""
        self._kernels, self._sessions, self._now = kernel_manager, session_manager, now
        self._clock = KernelClock(kernel_manager, now, events)

    async def running(self) -> list[Kernel]:
        """What is running now."""
        models = await ensure_async(self._kernels.list_kernels())
        sessions = await ensure_async(self._sessions.list_sessions())
        names = {
            session["kernel"]["id"]: session.get("path") or session.get("name") for session in sessions if session.get("kernel")
        }
        self._clock.look(models)
        return [self._kernel(model, names.get(model["id"]) or model["name"]) for model in models]

    def _kernel(self, model: dict[str, Any], name: str) -> Kernel:
        busy = is_busy(model, self._now())
        since = self._clock.busy_since(model) if busy else parse_activity_time(model.get("last_activity"))
        return Kernel(model, name, busy, since, self._pid(model["id"]))

    def _pid(self, kernel: str) -> int | None:
        """By its provisioner (jupyter_client 7 and later), which is None, or has none, for a kernel on another machine."""
        try:
            pid = self._kernels.get_kernel(kernel).provisioner.pid
        except (AttributeError, KeyError):
            return None
        return pid if isinstance(pid, int) else None
