"""The running kernels: their memory is what a restart destroys first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from jupyter_core.utils import ensure_async

from .loss import Loss, loss
from .proc import ProcessTable

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
