"""Options of a sandbox, and the error if it cannot do what was requested."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

ReturnPathName = Literal["stack", "schedule", "manual", "none"]

Collaboration = Literal["3", "5"]
"""Major version of jupyter-collaboration; 5 is the newest."""


class SandboxError(Exception):
    """The sandbox cannot do what was requested; the message says why and what to do, in one or two lines."""


@dataclass(frozen=True)
class FrontOptions:
    """Options of the front door: what AWS's proxy between a browser and Jupyter does, and what other proxies were seen to do.

    Args:
        allowed_origin: ``pattern`` sets Jupyter's ``allow_origin_pat`` to the public name, ``any`` sets ``allow_origin`` to
            ``*``, as older images do.
        session_seconds: duration of the session that the sandbox's own address begins, in seconds. API Reference,
            CreatePresignedNotebookInstanceUrl: 12 hours by default.
        sessions_survive_restart: whether a session goes on when the instance has started again. AWS does not say it.
        cut_sockets_seconds: cuts each WebSocket after this time, in seconds; ``None`` for never.
        strip_fetch_metadata: removes the headers ``Sec-Fetch-*``.
        strip_unknown_headers: removes all headers that neither a browser nor Jupyter defines.
        delay_seconds: delays each request, in seconds.
        buffer: passes a response on only when it is complete.
    """

    allowed_origin: Literal["pattern", "any"] = "pattern"
    session_seconds: float = 12 * 3600.0
    sessions_survive_restart: bool = True
    cut_sockets_seconds: float | None = None
    strip_fetch_metadata: bool = False
    strip_unknown_headers: bool = False
    delay_seconds: float = 0.0
    buffer: bool = False


@dataclass(frozen=True)
class SandboxOptions:
    """Options of a notebook instance, its account and the computer that it runs on.

    Args:
        root: folder that represents the machine's ``/``, empty or of an earlier sandbox; ``None`` creates a temporary one,
            which
            ``Sandbox.close`` deletes.
        name: name of the instance.
        port: port of the address that a browser opens; 0 picks a free one, which stays the same across restarts.
        uptime: uptime that the instance reports at the first boot.
        simulate_date: date to use for advice at the first boot; ``None`` for the real one.
        time_scale: speed of that clock, in simulated seconds per second, also across restarts.
        policy: policy document of the organization; its copy on the machine, ``Sandbox.policy``, can be changed at any time.
        platform: platform identifier of the instance.
        instance_type: instance type, such as ``ml.p3.2xlarge``.
        start_seconds: minimum duration of ``Pending``, in seconds.
        stop_seconds: minimum duration of ``Stopping``, in seconds.
        return_path: ``stack`` deploys ``cloud/return-path.yaml``, ``schedule`` deploys ``cloud/schedule-role.yaml``; ``manual``
            means that a person starts the instance; with ``none`` the extension looks for a stack that does not exist.
        minute_seconds: duration of a minute of a schedule's rate, in seconds, for an account of its own.
        wheel: wheel of the extension; ``None`` builds it from the installed package.
        extension: ``False`` for an instance without a lifecycle configuration, and so without the extension.
        collaboration: major version of jupyter-collaboration to install; ``None`` for none.
        traits: further settings of the extension and of Jupyter (``machine.jupyter.PROGRAMS``): class to trait to value.
        on_start_timeout_seconds: time limit of the OnStart script, in seconds. Developer Guide: "Scripts cannot run for longer
            than 5 minutes".
        disk_megabytes: size of the volume's own disk in megabytes, which can be full and lose power, and needs root. ``None``
            uses
            a folder as the volume.
        cut_at_stop: whether each stop is a power cut, so that only what is on disk survives a restart.
        front: the front door, with TLS behind it; ``None`` for a plain Jupyter on 127.0.0.1.
        unit: name of Jupyter's systemd unit; that of Amazon Linux 2023 is unknown.
    """

    root: Path | None = None
    name: str = "Research-1"
    port: int = 0
    uptime: timedelta = timedelta(days=34)
    simulate_date: datetime | None = None
    time_scale: float = 1.0
    policy: Path | None = None
    platform: str = "notebook-al2023-v1"
    instance_type: str = "ml.t3.medium"
    start_seconds: float = 0.0
    stop_seconds: float = 0.0
    return_path: ReturnPathName = "stack"
    minute_seconds: float = 60.0
    wheel: Path | None = None
    extension: bool = True
    collaboration: Collaboration | None = None
    traits: dict[str, Any] = field(default_factory=dict)
    on_start_timeout_seconds: float = 300.0
    disk_megabytes: int | None = None
    cut_at_stop: bool = False
    front: FrontOptions | None = field(default_factory=FrontOptions)
    unit: str = "jupyter-server"
