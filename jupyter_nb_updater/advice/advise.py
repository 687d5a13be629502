"""What policy makes of all signals: how urgent, why, until when, and what happens if nothing is done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..signals.signal import Signal
from ..util.clock import to_text
from .deadline import Reason, earliest, reasons
from .model import AdviceContext, AnnouncedDeadline, Deferral, Level, Stage
from .policy import AWS_INTERVAL, REQUIRED_SOURCES, Policy
from .stage import display_stage, is_put_off, warnings_of, worth_a_notice


@dataclass(frozen=True)
class Advice:
    """The judgement.

    Args:
        level: how urgent.
        stage: how loudly it is said.
        signals: what it was made of.
        reasons: what asks for a restart.
        deadline: until when; as long as nothing asks, when the age will be over its interval.
        moved_from: a later deadline that was told before: it is said, not slipped in.
        ineffective: what would ask, had a restart not changed nothing.
        exception: a hold keeps it past its deadline: it is counted, and said.
        required: a restart without a click may begin now, if it is idle and proven saved.
        warnings: codes: ``aws-interval`` (AWS may restart it itself soon, or while it is held).
        plan: what happens when, if nothing is done: codes and times, in order.
        deferral: that is in force.
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
        """As the state document carries it."""
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


def advise(signals: Sequence[Signal], situation: AdviceContext, policy: Policy, now: datetime) -> Advice:
    """Judge all signals at the time ``now``.

    A restart is ``advised`` as soon as one reason asks for it, ``due`` when the deadline is near, ``overdue`` when it is past.
    Nothing is ever ``current`` by default: that takes an answer from each source that is needed for it, and no unknown one.

    Args:
        signals: one of each source; none at all is ``unknown``.
        situation: what is known besides.
        policy: the limits.
        now: the time to judge at.
    """
    policy = policy.at(now)
    asking = reasons(signals, policy, now, place=situation.place, shown=situation.shown, ineffective=situation.ineffective)
    everything = reasons(signals, policy, now, place=situation.place)
    ineffective = tuple(reason.id for reason in everything if reason.id in situation.ineffective)
    deadline = _kept(earliest(asking), asking, situation, policy) if asking else _ahead(signals, policy)
    level = _level(asking, deadline, signals, policy, now)
    deferral = situation.deferral if is_put_off(situation, level, now) else None
    warnings = warnings_of(situation, now)
    is_overdue, is_held = level == "overdue", situation.hold is not None
    stage: Stage = "none"
    if asking or is_held:
        stage = display_stage(level, situation, warnings, now)
    elif ineffective or worth_a_notice(signals, level, situation, policy, now):
        stage = "quiet"
    return Advice(
        level=level,
        stage=stage,
        signals=tuple(signals),
        reasons=tuple(asking),
        deadline=deadline,
        moved_from=_moved_from(deadline, situation.told),
        ineffective=ineffective,
        exception=is_held and is_overdue,
        required=policy.mode == "require" and is_overdue and not is_held and (not policy.window or policy.window.is_open(now)),
        warnings=warnings,
        plan=_plan(deadline, situation, policy, now),
        deferral=deferral,
    )


def _kept(deadline: datetime | None, asking: Sequence[Reason], situation: AdviceContext, policy: Policy) -> datetime | None:
    """Not later than it was told, while the same source asks under the same limits: a newer advisory may replace an older one.

    What an organization lists is its own word, also when it takes something back.
    """
    told = situation.told
    if told is None or told.limits != policy.limits or told.source == "organization":
        return deadline
    same = [reason for reason in asking if reason.source == told.source]
    if not same:
        return deadline
    grace = timedelta(hours=policy.grace_hours)
    seen = [situation.shown[reason.id] + grace for reason in same if reason.id in situation.shown]
    kept = max(told.deadline, min(seen, default=told.deadline))
    kept = policy.window.next(kept) if policy.window else kept
    return kept if deadline is None else min(deadline, kept)


def _ahead(signals: Sequence[Signal], policy: Policy) -> datetime | None:
    age = next((signal for signal in signals if signal.name == "age" and signal.state == "current"), None)
    if age is None or age.due_by is None:
        return None
    return policy.window.next(age.due_by) if policy.window else age.due_by


def _moved_from(deadline: datetime | None, told: AnnouncedDeadline | None) -> datetime | None:
    if told is None or deadline is None or deadline > told.deadline:
        return None
    return told.deadline if deadline < told.deadline else told.moved_from


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


def _plan(
    deadline: datetime | None, situation: AdviceContext, policy: Policy, now: datetime
) -> tuple[tuple[str, datetime], ...]:
    steps: list[tuple[str, datetime | None]] = [
        ("advised", _after(situation.booted, policy.advised_days)),
        ("due", deadline - timedelta(days=policy.notice_days) if deadline else None),
        ("deadline", deadline),
        ("hold-ends", situation.hold.until if situation.hold else None),
        ("aws-interval", situation.booted + AWS_INTERVAL if situation.booted else None),
    ]
    if policy.mode == "require" and deadline is not None:
        begins = max(deadline, now, situation.hold.until if situation.hold else now)
        steps.append(("required", policy.window.next(begins) if policy.window else begins))
    ahead = [(code, moment) for code, moment in steps if moment is not None and moment > now]
    return tuple(sorted(ahead, key=lambda step: step[1]))


def _after(booted: datetime | None, days: float) -> datetime | None:
    return None if booted is None else booted + timedelta(days=days)
