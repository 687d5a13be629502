"""The policy in force, and what is remembered of earlier judgements: the deferral, what was shown, what was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from traitlets import Float, Instance
from traitlets.config import LoggingConfigurable

from ..signals.signal import Signal
from ..util.clock import from_text, to_text
from .advise import Advice, advise
from .hold import Hold
from .model import AdviceContext, AnnouncedDeadline, Deferral, defer
from .policy import Origin, Policy

LONGEST_DAYS = 3650.0


class Adviser(LoggingConfigurable):
    """Advice for this instance, under the limits of its organization, or else those that are configured here."""

    advised_days = Float(30.0, min=0.0, max=LONGEST_DAYS, help="Age in days from which a restart is advised. AWS says 30.").tag(
        config=True
    )
    interval_days = Float(
        90.0, min=0.0, max=LONGEST_DAYS, help="Age in days at which a restart is overdue. AWS's own interval is 90."
    ).tag(config=True)
    notice_days = Float(
        7.0, min=0.0, max=LONGEST_DAYS, help="Days before the deadline from which a restart counts as due."
    ).tag(config=True)

    organization = Instance(Policy, allow_none=True, help="The policy of the organization's document, as long as there is one.")
    deferral = Instance(Deferral, allow_none=True)
    instance = ""
    """Which instance this is: its place in a rollout follows from that."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shown: dict[str, datetime] = {}
        self._ineffective: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._told: AnnouncedDeadline | None = None

    @property
    def policy(self) -> Policy:
        """The limits in force."""
        if self.organization is not None:
            return self.organization
        own = Policy(self.advised_days, self.interval_days, self.notice_days)
        return own if own == Policy() else replace(own, origin=Origin("configured"))

    @property
    def limits(self) -> tuple[float, float]:
        """The ages in days at which a restart is advised, and should have been."""
        return self.policy.advised_days, self.policy.interval_days

    def advise(self, signals: Sequence[Signal], booted: datetime | None, hold: Hold | None, now: datetime) -> Advice:
        """Whether a restart is due, judged by everything that is known at ``now``."""
        settled = {signal.name for signal in signals if signal.state == "current"}
        self._ineffective = frozenset(reason for reason in self._ineffective if reason.partition(":")[0] not in settled)
        situation = AdviceContext(booted, hold, self.deferral, self._told, self._shown, self._ineffective, place(self.instance))
        return advise(signals, situation, self.policy, now)

    def defer(self, advice: Advice, now: datetime) -> Deferral | None:
        """Remember a "remind me later"; ``None`` when the deadline has passed."""
        granted = defer(advice.level, advice.deadline, self.deferral, now)
        if granted is not None:
            self.deferral = granted
        return granted

    def show(self, advice: Advice, now: datetime) -> dict[str, Any] | None:
        """A person sees this advice now: what is new about that, for the journal; ``None`` when nothing is."""
        if advice.stage not in {"banner", "countdown"}:
            return None
        fresh = [reason.id for reason in advice.reasons if reason.id not in self._shown]
        source = next((reason.source for reason in advice.reasons if reason.deadline == advice.deadline), "")
        told = AnnouncedDeadline(advice.deadline, self.policy.limits, source, advice.moved_from) if advice.deadline else None
        if not fresh and told == self._told:
            return None
        self._shown.update(dict.fromkeys(fresh, now))
        self._told = told
        deadline, moved_from = to_text(advice.deadline), to_text(advice.moved_from)
        limits = told.limits if told else None
        return {
            "at": to_text(now),
            "ids": fresh,
            "deadline": deadline,
            "moved_from": moved_from,
            "source": source,
            "limits": limits,
        }

    def recall(self, records: Iterable[dict[str, Any]]) -> None:
        """Take it all from the journal again. A boot has answered it; one that changed nothing does so for good."""
        for record in records:
            event = record["event"]
            if event == "booted":
                self.deferral, self._told, self._shown = None, None, {}
            elif event == "deferred":
                self.deferral = _deferral(record)
            elif event == "shown":
                self._recall_shown(record)
            elif event in {"requested", "scheduled"}:
                self._asked = _asked(record) or self._asked
            elif event == "returned":
                self.deferral = None
                unchanged = record.get("outcome") == "unchanged"
                self._ineffective = self._ineffective | self._asked if unchanged else frozenset()

    def _recall_shown(self, record: dict[str, Any]) -> None:
        moment, ids = _time(record, "at"), record.get("ids")
        if moment is not None and isinstance(ids, list):
            self._shown.update((str(identifier), moment) for identifier in ids)
            self._told = _told(record)


def place(instance: str) -> float:
    """Where an instance stands among all in a rollout, from 0 to 1: always the same, and spread evenly. Pure."""
    return int.from_bytes(sha256(instance.encode()).digest()[:6], "big") / 2**48


def _deferral(record: dict[str, Any]) -> Deferral | None:
    try:
        until = from_text(record["until"])
        return None if until is None else Deferral(until, int(record["count"]), record.get("level"))
    except (KeyError, TypeError, ValueError):
        return None


def _told(record: dict[str, Any]) -> AnnouncedDeadline | None:
    deadline, limits, source = _time(record, "deadline"), record.get("limits"), record.get("source")
    moved_from = _time(record, "moved_from")
    return (
        AnnouncedDeadline(deadline, limits, str(source), moved_from)
        if deadline is not None and isinstance(limits, dict)
        else None
    )


def _asked(record: dict[str, Any]) -> frozenset[str]:
    advice = record.get("advice")
    listed = advice.get("reasons") if isinstance(advice, dict) else None
    ids = [reason.get("id") for reason in listed if isinstance(reason, dict)] if isinstance(listed, list) else []
    return frozenset(str(identifier) for identifier in ids if identifier)


def _time(record: dict[str, Any], field: str) -> datetime | None:
    try:
        return from_text(record.get(field))
    except (TypeError, ValueError):
        return None
