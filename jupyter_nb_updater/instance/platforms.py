"""Which platforms AWS starts again, and where the others can move. Pure: dated tables."""

from __future__ import annotations

from datetime import datetime, timezone

LAST_START = {
    "notebook-al1-v1": datetime(2024, 3, 31, tzinfo=timezone.utc),
    "notebook-al2-v1": datetime(2025, 6, 30, tzinfo=timezone.utc),
    "notebook-al2-v2": datetime(2025, 6, 30, tzinfo=timezone.utc),
    "notebook-al2-v3": datetime(2026, 7, 1, tzinfo=timezone.utc),
}
"""From when on a stopped instance cannot be started again.

Developer Guide, "Amazon Linux 2 notebook instances": "Starting July 1, 2026, you can no longer create new or restart stopped
AL2 notebook instances"; for the others, its pages on JupyterLab versions and on Amazon Linux 1.
"""

AL2023 = "notebook-al2023-v1"

SUCCESSOR = {"notebook-al2-v1": AL2023, "notebook-al2-v2": AL2023, "notebook-al2-v3": AL2023}
"""To which platform a stopped instance is moved in place, with its volume, by ``UpdateNotebookInstance(PlatformIdentifier)``.

Developer Guide, "Amazon Linux 2 notebook instances", on migrating; from Amazon Linux 1 there is only a new instance. That page
asks for it before July 2026; that it still works afterwards is likely, since AWS itself moves the remaining instances, and not
verified.
"""

NOT_ON_AL2023 = {"ml.p2", "ml.p3", "ml.p3dn", "ml.inf1", "ml.g3"}
"""Instance families that Amazon Linux 2023 does not run on (the same page)."""


def can_start_again(platform: str | None, now: datetime) -> bool:
    """Whether AWS would start a stopped instance of this platform at the time ``now``; one that we do not know, it would."""
    last = LAST_START.get(platform or "")
    return last is None or now < last


def runs_on(instance_type: str | None, platform: str) -> bool:
    """Whether AWS has that platform for instances of this type, such as ``ml.p3.2xlarge``; one that we do not know, it has."""
    family = (instance_type or "").rpartition(".")[0]
    return platform != AL2023 or family not in NOT_ON_AL2023


def moves_to(platform: str | None, instance_type: str | None, now: datetime) -> str | None:
    """Where an instance would come back that cannot start again as it is; ``None`` when it can, or cannot at all."""
    target = SUCCESSOR.get(platform or "")
    return target if target and not can_start_again(platform, now) and runs_on(instance_type, target) else None
