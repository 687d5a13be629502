"""How loudly it is said: nothing, a quiet word, the banner, the banner with a countdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..signals.signal import Signal
from .model import AdviceContext, Level, Stage
from .policy import AWS_INTERVAL, REQUIRED_SOURCES, Policy

AWS_NOTICE = timedelta(days=14)
"""How long before AWS may restart the instance itself whoever holds it is warned."""

GRAVE = {"important", "critical"}


def display_stage(level: Level, situation: AdviceContext, warnings: Sequence[str], now: datetime) -> Stage:
    """How loudly something that asks, or is held, is said."""
    if situation.hold is not None:
        return "banner" if warnings else "quiet"
    if is_put_off(situation, level, now):
        return "quiet"
    return "banner" if level == "advised" else "countdown"


def worth_a_notice(signals: Sequence[Signal], level: Level, situation: AdviceContext, policy: Policy, now: datetime) -> bool:
    """Whether something is worth a quiet word although it asks for nothing.

    Grave advisories are, what no restart changes, and what will be advised soon; and that it is not known, once everyone was
    asked who has to be.
    """
    if level == "unknown":
        return {signal.name for signal in signals} >= REQUIRED_SOURCES
    due = [signal for signal in signals if signal.state == "due"]
    grave = any(not signal.helps or any(advisory.severity in GRAVE for advisory in signal.advisories) for signal in due)
    notice = timedelta(days=min(policy.notice_days, policy.advised_days / 3))
    advised = timedelta(days=policy.advised_days)
    return grave or (situation.booted is not None and now >= situation.booted + advised - notice)


def is_put_off(situation: AdviceContext, level: Level, now: datetime) -> bool:
    """Whether a "remind me later" is in force for this level."""
    return level != "overdue" and situation.deferral is not None and situation.deferral.holds(level, now)


def warnings_of(situation: AdviceContext, now: datetime) -> tuple[str, ...]:
    """Whoever holds an instance is told in time that AWS may not wait for the end of the hold."""
    if situation.hold is None or situation.booted is None:
        return ()
    theirs = situation.booted + AWS_INTERVAL
    return ("aws-interval",) if now >= theirs - AWS_NOTICE else ()
