"""The running kernels, whose memory is the first thing that a restart destroys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async

from ..util.clock import SystemClock
from .loss import Loss, loss
from .proc import ProcessTable

if TYPE_CHECKING:
    from jupyter_events import EventLogger
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

KERNEL_ACTIONS_SCHEMA = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"

MAX_STARTING_TIME = timedelta(minutes=2)
"""A kernel is ``starting`` until its first request. After this time without activity it counts as idle."""


@dataclass(frozen=True)
class Kernel:
    """A running kernel.

    Args:
        model: model as returned by ``GET api/kernels``.
        name: path of its notebook, or else its kind.
        busy: whether it is busy.
        since: time at which it became busy, or was last active.
        pid: its process id; ``None`` if its process is on another machine.
    """

    model: dict[str, Any]
    name: str
    busy: bool
    since: datetime | None
    pid: int | None

    def to_loss(self, table: ProcessTable) -> Loss:
        """Return the kernel as a loss. Its memory is unknown if its process is on another machine.

        Args:
            table: the processes.
        """
        memory = table.memory(self.pid) if self.pid is not None and table.get(self.pid) else None
        kind = self.model["name"]
        return loss("kernel", self.model["id"], self.name, kind, busy=self.busy, since=self.since, memory=memory)


class Kernels:
    """The kernels of this Jupyter server."""

    def __init__(
        self,
        kernel_manager: MappingKernelManager,
        session_manager: SessionManager,
        clock: SystemClock,
        event_logger: EventLogger | None = None,
    ) -> None:
        """Use the managers of this server.

        Args:
            kernel_manager: lists the kernels.
            session_manager: knows the notebook of a kernel.
            clock: the wall clock.
            event_logger: announces each kernel that starts; ``None`` on older servers.
        """
        self._kernels, self._sessions, self._clock = kernel_manager, session_manager, clock
        self._tracker = BusyTracker(kernel_manager, clock, event_logger)

    async def list_running(self) -> list[Kernel]:
        """List the running kernels."""
        models: list[dict[str, Any]] = await ensure_async(self._kernels.list_kernels())
        sessions: list[dict[str, Any]] = await ensure_async(self._sessions.list_sessions())
        names = {
            session["kernel"]["id"]: session.get("path") or session.get("name") for session in sessions if session.get("kernel")
        }
        self._tracker.update(models)
        return [self._kernel(model, names.get(model["id"]) or model["name"]) for model in models]

    def _kernel(self, model: dict[str, Any], name: str) -> Kernel:
        busy = is_busy(model, self._clock.now())
        since = self._tracker.busy_since(model) if busy else parse_activity_time(model.get("last_activity"))
        return Kernel(model, name, busy, since, self._pid(model["id"]))

    def _pid(self, kernel_id: str) -> int | None:
        """Return the process id from the kernel's provisioner (jupyter_client 7 and later); ``None`` for a remote kernel."""
        try:
            pid = self._kernels.get_kernel(kernel_id).provisioner.pid  # type: ignore[union-attr]  # caught below
        except (AttributeError, KeyError):
            return None
        return pid if isinstance(pid, int) else None


class BusyTracker:
    """Track since when each kernel is busy.

    Newer servers keep a kernel's state in a trait (``ServerKernelManager.execution_state``), whose changes are observed; a
    kernel is observed from its start, which is an event of the server (``kernel_actions``). On older ones (2.7) the state is a
    plain attribute: there a busy kernel counts from its last activity before it was first seen busy, which is correct for a
    cell
    without output.
    """

    def __init__(
        self, kernel_manager: MappingKernelManager, clock: SystemClock, event_logger: EventLogger | None = None
    ) -> None:
        """Observe each kernel from its start.

        Args:
            kernel_manager: knows the kernels.
            clock: the wall clock.
            event_logger: announces each kernel that starts; ``None`` on older servers.
        """
        self._kernels, self._clock = kernel_manager, clock
        self._since: dict[str, datetime] = {}
        self._observed: set[str] = set()
        if event_logger is not None:
            event_logger.add_listener(schema_id=KERNEL_ACTIONS_SCHEMA, listener=self._on_kernel_action)

    def update(self, models: list[dict[str, Any]]) -> None:
        """Observe new kernels, and forget those that have ended.

        Args:
            models: the running kernels as returned by ``GET api/kernels``.
        """
        running = {model["id"] for model in models}
        self._observed &= running
        for model in models:
            self._observe(model["id"])
            if model.get("execution_state") != "busy":
                self._since.pop(model["id"], None)
        self._since = {kernel_id: since for kernel_id, since in self._since.items() if kernel_id in running}

    def busy_since(self, model: dict[str, Any]) -> datetime:
        """Return since when a busy kernel has been busy.

        Args:
            model: the kernel as returned by ``GET api/kernels``.
        """
        return self._since.setdefault(model["id"], parse_activity_time(model.get("last_activity")) or self._clock.now())

    async def _on_kernel_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002  the API of jupyter_events
        if data.get("action") == "start" and data.get("kernel_id"):
            self._observe(data["kernel_id"])

    def _observe(self, kernel_id: str) -> None:
        try:
            kernel = self._kernels.get_kernel(kernel_id)
            is_observable = kernel.has_trait("execution_state")
        except (AttributeError, KeyError):  # already ended, or a kernel manager of another kind
            return
        if is_observable and kernel_id not in self._observed:
            self._observed.add(kernel_id)
            kernel.observe(partial(self._on_state_change, kernel_id), "execution_state")

    def _on_state_change(self, kernel_id: str, change: Any) -> None:
        if change["new"] == "busy":
            self._since[kernel_id] = self._clock.now()
        else:
            self._since.pop(kernel_id, None)


def is_busy(model: dict[str, Any], now: datetime) -> bool:
    """Check whether a kernel is busy. In an unknown state it counts as busy; a dead one does not.

    Args:
        model: the kernel as returned by ``GET api/kernels``.
        now: the current time.
    """
    state, active = model.get("execution_state"), parse_activity_time(model.get("last_activity"))
    if state == "starting" and active is not None:
        return now - active < MAX_STARTING_TIME
    return state not in {"idle", "dead"}


def parse_activity_time(text: str | None) -> datetime | None:
    """Parse a time of jupyter_server, which has fractions of a second, to the second.

    Args:
        text: the time; ``None`` or an invalid text returns ``None``.
    """
    try:
        parsed = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).replace(microsecond=0)
