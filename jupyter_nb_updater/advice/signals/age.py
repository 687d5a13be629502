"""How long ago this instance was started: patches arrive only with a start."""

from __future__ import annotations

from datetime import datetime

from ...clock import to_text
from . import Signal

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html"


def age(booted: datetime | None, now: datetime, *, advised_days: float, interval_days: float) -> Signal:
    """The age signal.

    AWS: "We recommend that you restart your notebooks at least once every 30 days to automatically consume patches", and it
    updates the underlying software "at least once every 90 days" (Developer Guide, "Notebook instances", Maintenance).

    Args:
        booted: when the machine booted; ``None`` when that is unknown or not plausible.
        now: the time to judge at.
        advised_days: age from which a restart is advised, in days.
        interval_days: age at which AWS's own interval has passed, in days.
    """
    if booted is None:
        return Signal("age", "unknown", "age-clock-implausible", now, link=LINK)
    uptime = max((now - booted).total_seconds(), 0.0)
    days = uptime / 86400
    if days >= interval_days:
        code = "age-over-interval"
    elif days >= advised_days:
        code = "age-over-advised"
    else:
        code = "age-fresh"
    evidence = {
        "booted": to_text(booted),
        "uptime_seconds": int(uptime),
        "advised_days": advised_days,
        "interval_days": interval_days,
    }
    return Signal("age", "current" if code == "age-fresh" else "due", code, now, evidence, LINK)
