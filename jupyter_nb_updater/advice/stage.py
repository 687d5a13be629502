"""How advice is displayed: not at all, as a status-bar item, as a banner, as a banner with a countdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .model import AdviceContext, Level, Stage
from .policy import AWS_INTERVAL, REQUIRED_SOURCES, Policy
from .signal import Signal

AWS_INTERVAL_NOTICE = timedelta(days=14)
"""How long before AWS may restart the instance itself a hold is shown with a warning."""

NOTICE_SEVERITIES = {"important", "critical"}
"""Severities of advisories that are worth a notice, even if they ask for no restart."""


def display_stage(level: Level, context: AdviceContext, warnings: Sequence[str], now: datetime) -> Stage:
    """Return how something that asks for a restart, or is held, is displayed."""
    if context.hold is not None:
        return "banner" if warnings else "quiet"
    if is_put_off(context, level, now):
        return "quiet"
    return "banner" if level == "advised" else "countdown"


def worth_a_notice(signals: Sequence[Signal], level: Level, context: AdviceContext, policy: Policy, now: datetime) -> bool:
    """Return whether something is worth a status-bar item although it asks for no restart.

    Severe advisories are, what no restart changes, and what will be advised soon; so is ``unknown``, once all required sources
    were polled.
    """
    if level == "unknown":
        return {signal.name for signal in signals} >= REQUIRED_SOURCES
    due = [signal for signal in signals if signal.state == "due"]
    is_severe = any(
        not signal.helps or any(advisory.severity in NOTICE_SEVERITIES for advisory in signal.advisories) for signal in due
    )
    notice = timedelta(days=min(policy.notice_days, policy.advised_days / 3))
    advised = timedelta(days=policy.advised_days)
    return is_severe or (context.booted is not None and now >= context.booted + advised - notice)


def is_put_off(context: AdviceContext, level: Level, now: datetime) -> bool:
    """Return whether a deferral of this level is in force."""
    return level != "overdue" and context.deferral is not None and context.deferral.holds(level, now)


def warnings_of(context: AdviceContext, now: datetime) -> tuple[str, ...]:
    """Return the warnings about a hold: AWS may not wait for its end."""
    if context.hold is None or context.booted is None:
        return ()
    interval_end = context.booted + AWS_INTERVAL
    return ("aws-interval",) if now >= interval_end - AWS_INTERVAL_NOTICE else ()
