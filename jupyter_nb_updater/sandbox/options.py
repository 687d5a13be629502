"""What a sandbox can be asked for, and the error that says why it cannot be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

ReturnPathName = Literal["stack", "schedule", "manual", "none"]

Collaboration = Literal["3", "5"]
"""A major version of jupyter-collaboration; 5 is the newest."""


class SandboxError(Exception):
    """The sandbox cannot do what it was asked; the message says why and what to do, in one or two lines."""


@dataclass(frozen=True)
class SandboxOptions:
    """One notebook instance, and the account and the computer that it runs on.

    Args:
        root: folder that stands for the machine's ``/``, empty or of an earlier sandbox; ``None`` makes a temporary one, which
            ``Sandbox.close`` removes.
        name: name of the instance.
        port: port of Jupyter; 0 picks a free one and keeps it over restarts.
        uptime: how long ago the instance says that it was started, at the first boot.
        simulate_date: date that advice goes by at the first boot; ``None`` for the real one.
        time_scale: how many times as fast that time passes from then on, over restarts too.
        policy: the organization's document; its copy on the machine, ``Sandbox.policy``, may be changed at any time.
        platform: platform identifier of the instance.
        instance_type: instance type, such as ``ml.p3.2xlarge``.
        start_seconds: least number of seconds that ``Pending`` lasts.
        stop_seconds: least number of seconds that ``Stopping`` lasts.
        return_path: ``stack`` deploys ``cloud/return-path.yaml``, ``schedule`` deploys ``cloud/schedule-role.yaml``; ``manual``
            tells the extension that a person starts the instance; ``none`` has it look for a stack that is not there.
        minute_seconds: seconds that a minute of a schedule's rate lasts, in an account of its own.
        wheel: wheel of the extension; ``None`` makes it of the installed package.
        extension: ``False`` for an instance without lifecycle configuration, so without the extension.
        collaboration: major version of jupyter-collaboration beside Jupyter; ``None`` for a Jupyter without it.
        traits: further settings, class to trait to value: of the extension, and of Jupyter itself (``filesystem.JUPYTER``).
        on_start_timeout_seconds: seconds that the OnStart script may take. Developer Guide: "Scripts cannot run for longer than
            5 minutes".
        disk_megabytes: gives the volume a disk of its own of this size, which can be full and can lose power; needs root.
            ``None``: the volume is a folder.
        cut_at_stop: make each stop a power cut, so that only what is on the disk is there after a restart.
    """

    root: Path | None = None
    name: str = "research-1"
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
