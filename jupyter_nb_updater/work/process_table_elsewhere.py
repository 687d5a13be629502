"""The processes of a machine without ``/proc``, by psutil: slower, and only a developer's machine is one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

from .process_table import Process

STATES = {psutil.STATUS_ZOMBIE: "Z", psutil.STATUS_STOPPED: "T"}


def processes() -> Iterator[Process]:
    """All that we may look at; others are of another user, and so none of our business."""
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                yield Process(
                    pid=process.pid,
                    parent=process.ppid(),
                    name=process.name(),
                    state=STATES.get(process.status(), "S"),
                    group=os.getpgid(process.pid),
                    session=os.getsid(process.pid),
                    has_terminal=process.terminal() is not None,
                    foreground=-1,
                    started=process.create_time(),
                    memory=process.memory_info().rss,
                )
        except (psutil.Error, OSError):
            continue


def argv(pid: int) -> list[str]:
    """The command line; empty when the process has ended."""
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def owner(pid: int) -> int | None:
    """The number of its user; ``None`` when the process has ended."""
    try:
        return int(psutil.Process(pid).uids().real)
    except psutil.Error:
        return None
