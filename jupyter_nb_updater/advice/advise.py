"""What policy makes of all signals: how urgent, why, until when, and what happens if nothing is done. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..clock import to_text
from ..signals.signal import Signal
from .deadline import Reason, earliest, reasons
from .deferral import Deferral
from .level import Level, Stage
from .policy import AWS_INTERVAL, NEEDED, Policy

if TYPE_CHECKING:
    from .hold import Hold

AWS_NOTICE = timedelta(days=14)
"""How long before AWS may restart the instance itself whoever holds it is warned."""


@dataclass(frozen=True)
class Told:
    """The deadline that a person was told last: it moves earlier never silently, and later never by more reasons.

    Args:
        deadline: as it was told.
        limits: of the policy by which it was reckoned.
        source: name of the signal that it came from.
        moved_from: the later one that was told before it.
    """

    deadline: datetime
    limits: Mapping[str, Any]
    source: str
    moved_from: datetime | None = None


@dataclass(frozen=True)
class Situation:
    """What is known besides the signals.

    Args:
        booted: when the machine booted; ``None`` when that is not known.
        hold: somebody's "not now" that is in force.
        deferral: the last "remind me later".
        told: the deadline that was told last since the boot.
        shown: when each reason was displayed first.
        answered: reasons for which a restart was made that changed nothing.
        place: of the instance in a rollout, from 0 to 1.
    """

    booted: datetime | None = None
    hold: Hold | None = None
    deferral: Deferral | None = None
    told: Told | None = None
    shown: Mapping[str, datetime] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    place: float = 0.0


@dataclass(frozen=True)
class Advice:
    """The judgement.

    Args:
        level: how urgent.
        stage: how loudly it is said.
        signals: what it was made of.
        reasons: what asks for a restart.
        deadline: until when.
        moved_from: a later deadline that was told before: it is said, not slipped in.
        answered: what would ask, had a restart not changed nothing.
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
    answered: tuple[str, ...] = ()
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
            "answered": list(self.answered),
            "exception": self.exception,
            "required": self.required,
            "warnings": list(self.warnings),
            "plan": [{"code": code, "at": to_text(moment)} for code, moment in self.plan],
            "signals": [signal.to_json() for signal in self.signals],
        }


def advise(signals: Sequence[Signal], situation: Situation, policy: Policy, now: datetime) -> Advice:
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
    asking = reasons(signals, policy, now, place=situation.place, shown=situation.shown, answered=situation.answered)
    everything = reasons(signals, policy, now, place=situation.place)
    answered = tuple(reason.id for reason in everything if reason.id in situation.answered)
    deadline = _kept(earliest(asking), asking, situation, policy)
    level = _level(asking, deadline, signals, policy, now)
    deferral = situation.deferral if _is_put_off(situation, level, now) else None
    warnings = _warnings(situation, now)
    is_overdue, is_held = level == "overdue", situation.hold is not None
    return Advice(
        level=level,
        stage=_stage(level, situation, warnings, now)
        if asking or is_held
        else _aside(level, signals, answered, situation, policy, now),
        signals=tuple(signals),
        reasons=tuple(asking),
        deadline=deadline,
        moved_from=_moved_from(deadline, situation.told),
        answered=answered,
        exception=is_held and is_overdue,
        required=policy.mode == "require" and is_overdue and not is_held and (not policy.window or policy.window.is_open(now)),
        warnings=warnings,
        plan=_plan(deadline, situation, policy, now),
        deferral=deferral,
    )


def _kept(deadline: datetime | None, asking: Sequence[Reason], situation: Situation, policy: Policy) -> datetime | None:
    """Not later than it was told, while the same source asks under the same limits: a newer advisory may replace an older one.

    What an organisation lists is its own word, also when it takes something back.
    """
    told = situation.told
    if told is None or told.limits != policy.limits or told.source == "organisation":
        return deadline
    same = [reason for reason in asking if reason.source == told.source]
    if not same:
        return deadline
    grace = timedelta(hours=policy.grace_hours)
    seen = [situation.shown[reason.id] + grace for reason in same if reason.id in situation.shown]
    kept = max([told.deadline, *([min(seen)] if seen else [])])
    return kept if deadline is None else min(deadline, kept)


def _moved_from(deadline: datetime | None, told: Told | None) -> datetime | None:
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
    needed = NEEDED | ({"organisation"} & answers.keys())
    return "unknown" if any(answers.get(name, "unknown") == "unknown" for name in needed) else "current"


def _is_put_off(situation: Situation, level: Level, now: datetime) -> bool:
    return level != "overdue" and situation.deferral is not None and situation.deferral.holds(level, now)


def _stage(level: Level, situation: Situation, warnings: Sequence[str], now: datetime) -> Stage:
    """How loudly something that asks, or is held, is said."""
    if situation.hold is not None:
        return "banner" if warnings else "quiet"
    if _is_put_off(situation, level, now):
        return "quiet"
    return "banner" if level == "advised" else "countdown"


def _aside(
    level: Level, signals: Sequence[Signal], answered: Sequence[str], situation: Situation, policy: Policy, now: datetime
) -> Stage:
    """Nothing asks. Worth a quiet word is what is not known, what a restart did not change, bad news, and what comes soon."""
    grave = any(
        advisory.severity in {"important", "critical"}
        for signal in signals
        if signal.state == "due"
        for advisory in signal.advisories
    )
    notice = timedelta(days=min(policy.notice_days, policy.advised_days / 3))
    advised = _after(situation.booted, policy.advised_days)
    soon = advised is not None and now >= advised - notice
    return "quiet" if level == "unknown" or answered or grave or soon else "none"


def _warnings(situation: Situation, now: datetime) -> tuple[str, ...]:
    """Whoever holds an instance is told in time that AWS may not wait for the end of the hold."""
    if situation.hold is None or situation.booted is None:
        return ()
    theirs = situation.booted + AWS_INTERVAL
    return ("aws-interval",) if now >= theirs - AWS_NOTICE else ()


def _plan(deadline: datetime | None, situation: Situation, policy: Policy, now: datetime) -> tuple[tuple[str, datetime], ...]:
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
    ahead = [(code, moment) for code, moment in steps if moment is not None and moment >= now]
    return tuple(sorted(ahead, key=lambda step: step[1]))


def _after(booted: datetime | None, days: float) -> datetime | None:
    return None if booted is None else booted + timedelta(days=days)
