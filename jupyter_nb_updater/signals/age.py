"""Signal ``age``: time since the last start, because updates are installed only at a start."""

from __future__ import annotations

from datetime import datetime, timedelta

from traitlets import Float

from ..advice.signal import Signal, SignalState
from ..util.clock import to_text
from .base import AdviceSource

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html"


def age(booted: datetime | None, now: datetime, *, advised_days: float, interval_days: float) -> Signal:
    """Return the age signal.

    AWS: "We recommend that you restart your notebooks at least once every 30 days to automatically consume patches", and it
    updates the underlying software "at least once every 90 days" (Developer Guide, "Notebook instances", Maintenance).

    Only the boot time of the operating system is known. A reboot resets it without installing updates, and nothing on the
    instance distinguishes the two; the evidence says so.

    Args:
        booted: time of the last boot; ``None`` if unknown or implausible.
        now: the current time.
        advised_days: uptime in days from which a restart is recommended.
        interval_days: uptime in days at which a restart is overdue.
    """
    if booted is None:
        return Signal("age", "unknown", "age-clock-implausible", now, link=LINK)
    days = max((now - booted) / timedelta(days=1), 0.0)
    if days >= interval_days:
        code = "age-over-interval"
    elif days >= advised_days:
        code = "age-over-advised"
    else:
        code = "age-fresh"
    evidence = {
        "booted": to_text(booted),
        "days": int(days),
        "advised_days": advised_days,
        "interval_days": interval_days,
        "known_by": "boot",
    }
    due_by = booted + timedelta(days=interval_days)
    state: SignalState = "current" if code == "age-fresh" else "due"
    return Signal("age", state, code, now, evidence, LINK, subject=to_text(booted) or "", due_by=due_by)


class AgeSource(AdviceSource):
    """Compare the time since the boot with the limits of the policy in force."""

    name = "age"

    interval_seconds = Float(0.0, min=0.0, help="Polling interval in seconds. A poll costs nothing.").tag(config=True)

    async def poll(self, now: datetime) -> Signal:
        """Return the age signal."""
        policy = self.context.adviser.policy_in_force(self.context.policies.policy)
        booted = self.context.instance.advice_booted()
        return age(booted, now, advised_days=policy.advised_days, interval_days=policy.interval_days)
