"""Give advice: how urgent a restart is, why, by when, and what happens if nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..util.clock import to_text
from .deadline import Reason, earliest, reasons
from .model import AdviceContext, AnnouncedDeadline, Deferral, Level, Stage
from .policy import AWS_INTERVAL, REQUIRED_SOURCES, Policy
from .signal import Signal

AWS_INTERVAL_NOTICE = timedelta(days=14)
"""How long before AWS may restart the instance a hold is shown with a warning."""

NOTICE_SEVERITIES = {"important", "critical"}
"""Severities of advisories that are shown even if they are no reason for a restart."""


def display_stage(level: Level, context: AdviceContext, warnings: Sequence[str], now: datetime) -> Stage:
    """Return how a recommended restart, or a hold, is displayed."""
    if context.hold is not None:
        return "banner" if warnings else "quiet"
    if is_put_off(context, level, now):
        return "quiet"
    return "banner" if level == "advised" else "countdown"


def worth_a_notice(signals: Sequence[Signal], level: Level, context: AdviceContext, policy: Policy, now: datetime) -> bool:
    """Check whether to show a status bar item although no restart is recommended.

    It is shown for severe advisories, for findings that a restart cannot fix, shortly before a restart is recommended, and for
    ``unknown`` once all required sources were polled.
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
    """Check whether the user has postponed the reminder at this level."""
    return level != "overdue" and context.deferral is not None and context.deferral.holds(level, now)


def warnings_of(context: AdviceContext, now: datetime) -> tuple[str, ...]:
    """Return the warnings about a hold: AWS may restart the instance before its end."""
    if context.hold is None or context.booted is None:
        return ()
    interval_end = context.booted + AWS_INTERVAL
    return ("aws-interval",) if now >= interval_end - AWS_INTERVAL_NOTICE else ()


@dataclass(frozen=True)
class Advice:
    """Whether a restart is due, and everything that is shown about it.

    Args:
        level: how urgent a restart is.
        stage: how the advice is displayed.
        signals: the signals behind the advice.
        reasons: reasons for a restart.
        deadline: last day to restart; without a reason, the time at which the uptime will exceed its limit.
        moved_from: the later deadline that was shown before; a deadline never moves earlier silently.
        ineffective: ids of reasons that a restart did not resolve, and that are not raised again.
        exception: whether a hold keeps the instance past its deadline.
        required: whether a restart may begin now without a click, if the instance is idle and everything is saved.
        warnings: codes: ``aws-interval`` (AWS may restart the instance soon, or during the hold).
        plan: what happens next if nothing is done: codes and times, in order.
        deferral: the current deferral.
    """

    level: Level
    stage: Stage
    signals: tuple[Signal, ...]
    reasons: tuple[Reason, ...] = ()
    deadline: datetime | None = None
    moved_from: datetime | None = None
    ineffective: tuple[str, ...] = ()
    exception: bool = False
    required: bool = False
    warnings: tuple[str, ...] = ()
    plan: tuple[tuple[str, datetime], ...] = ()
    deferral: Deferral | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the advice in the format of the state document."""
        return {
            "level": self.level,
            "stage": self.stage,
            "deadline": to_text(self.deadline),
            "moved_from": to_text(self.moved_from),
            "deferral": self.deferral.to_json() if self.deferral else None,
            "reasons": [{"id": reason.id, "deadline": to_text(reason.deadline)} for reason in self.reasons],
            "ineffective": list(self.ineffective),
            "exception": self.exception,
            "required": self.required,
            "warnings": list(self.warnings),
            "plan": [{"code": code, "at": to_text(moment)} for code, moment in self.plan],
            "signals": [signal.to_json() for signal in self.signals],
        }


def advise(signals: Sequence[Signal], context: AdviceContext, policy: Policy, now: datetime) -> Advice:
    """Return the advice that follows from all signals.

    A restart is ``advised`` once there is a reason, ``due`` when the deadline is near, and ``overdue`` after it. ``current``
    is never a default: it requires an answer from every required source, and no unknown one.

    Args:
        signals: one signal of each source; without any, the level is ``unknown``.
        context: everything else that is known.
        policy: the policy in force.
        now: the current time.
    """
    policy = policy.at(now)
    asking = reasons(
        signals, policy, now, rollout_position=context.rollout_position, shown=context.shown, ineffective=context.ineffective
    )
    everything = reasons(signals, policy, now, rollout_position=context.rollout_position)
    ineffective = tuple(reason.id for reason in everything if reason.id in context.ineffective)
    deadline = (
        _not_later_than_announced(earliest(asking), asking, context, policy) if asking else _age_deadline(signals, policy)
    )
    level = _level(asking, deadline, signals, policy, now)
    deferral = context.deferral if is_put_off(context, level, now) else None
    warnings = warnings_of(context, now)
    is_overdue, is_held = level == "overdue", context.hold is not None
    is_possible = not any(signal.prevents for signal in signals)
    is_window_open = policy.window is None or policy.window.is_open(now)
    stage: Stage = "none"
    if asking or is_held:  # no banner asks for what the preflight refuses
        stage = display_stage(level, context, warnings, now) if is_possible else "quiet"
    elif ineffective or worth_a_notice(signals, level, context, policy, now):
        stage = "quiet"
    return Advice(
        level=level,
        stage=stage,
        signals=tuple(signals),
        reasons=tuple(asking),
        deadline=deadline,
        moved_from=_moved_from(deadline, context.announced),
        ineffective=ineffective,
        exception=is_held and is_overdue,
        required=policy.mode == "require" and is_overdue and is_possible and not is_held and is_window_open,
        warnings=warnings,
        plan=_plan(deadline, context, policy, now),
        deferral=deferral,
    )


def _not_later_than_announced(
    deadline: datetime | None, asking: Sequence[Reason], context: AdviceContext, policy: Policy
) -> datetime | None:
    """Never move a displayed deadline later for the same source and policy: a newer advisory may replace an older one.

    An organization may move the deadlines of its own advisories.
    """
    announced = context.announced
    if announced is None or announced.limits != policy.limits or announced.source == "organization":
        return deadline
    same = [reason for reason in asking if reason.source == announced.source]
    if not same:
        return deadline
    grace = timedelta(hours=policy.grace_hours)
    seen = [context.shown[reason.id] + grace for reason in same if reason.id in context.shown]
    kept = max(announced.deadline, min(seen, default=announced.deadline))
    kept = policy.window.next(kept) if policy.window else kept
    return kept if deadline is None else min(deadline, kept)


def _age_deadline(signals: Sequence[Signal], policy: Policy) -> datetime | None:
    age = next((signal for signal in signals if signal.name == "age" and signal.state == "current"), None)
    if age is None or age.due_by is None:
        return None
    return policy.window.next(age.due_by) if policy.window else age.due_by


def _moved_from(deadline: datetime | None, announced: AnnouncedDeadline | None) -> datetime | None:
    if announced is None or deadline is None or deadline > announced.deadline:
        return None
    return announced.deadline if deadline < announced.deadline else announced.moved_from


def _level(
    asking: Sequence[Reason], deadline: datetime | None, signals: Sequence[Signal], policy: Policy, now: datetime
) -> Level:
    if asking:
        if deadline is None or now < deadline - timedelta(days=policy.notice_days):
            return "advised"
        return "overdue" if now >= deadline else "due"
    answers = {signal.name: signal.state for signal in signals}
    needed = REQUIRED_SOURCES | ({"organization"} & answers.keys())
    return "unknown" if any(answers.get(name, "unknown") == "unknown" for name in needed) else "current"


def _plan(deadline: datetime | None, context: AdviceContext, policy: Policy, now: datetime) -> tuple[tuple[str, datetime], ...]:
    steps: list[tuple[str, datetime | None]] = [
        ("advised", _after(context.booted, policy.advised_days)),
        ("due", deadline - timedelta(days=policy.notice_days) if deadline else None),
        ("deadline", deadline),
        ("hold-ends", context.hold.until if context.hold else None),
        ("aws-interval", context.booted + AWS_INTERVAL if context.booted else None),
    ]
    if policy.mode == "require" and deadline is not None:
        begins = max(deadline, now, context.hold.until if context.hold else now)
        steps.append(("required", policy.window.next(begins) if policy.window else begins))
    ahead = [(code, moment) for code, moment in steps if moment is not None and moment > now]
    return tuple(sorted(ahead, key=lambda step: step[1]))


def _after(booted: datetime | None, days: float) -> datetime | None:
    return None if booted is None else booted + timedelta(days=days)
