"""Which platforms AWS starts again. Pure: a dated table."""

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


def can_start_again(platform: str | None, now: datetime) -> bool:
    """Whether AWS would start a stopped instance of this platform at the time ``now``; one that we do not know, it would."""
    last = LAST_START.get(platform or "")
    return last is None or now < last
