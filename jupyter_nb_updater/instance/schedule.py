"""What the schedule of an instance is called, and the role with which EventBridge Scheduler starts the instance. Pure."""

from __future__ import annotations

import hashlib

from .metadata import Identity

PREFIX = "nb-updater-"

MAX_NAME_CHARS = 64
"""Characters of a schedule's name, of the alphabet that instances have, and more (API Reference, CreateSchedule)."""


def schedule_name(instance: str) -> str:
    """The one schedule of an instance, in the group ``default``.

    The prefix keeps it apart from a schedule that somebody made and named after the instance. An instance may have a name of 63
    characters (API Reference, CreateNotebookInstance): a long one is cut, and stays its own by a hash.

    Args:
        instance: its name, or a pattern with ``*``, which is never cut.
    """
    name = f"{PREFIX}{instance}"
    if len(name) <= MAX_NAME_CHARS or "*" in name:
        return name
    return f"{name[: MAX_NAME_CHARS - 9]}-{hashlib.sha256(instance.encode()).hexdigest()[:8]}"


def default_role(instance: Identity) -> str:
    """The role that ``cloud/schedule-role.yaml`` makes for the region of an instance: IAM itself knows no regions."""
    return f"arn:{instance.partition}:iam::{instance.account}:role/{PREFIX}schedule-{instance.region}"
