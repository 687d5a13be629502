"""The configured policy, and the deferral that the person asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from traitlets import Float, Instance
from traitlets.config import LoggingConfigurable

from ..clock import from_text
from .policy import Advice, Deferral, Policy, advise, defer
from .signals.age import age


class Adviser(LoggingConfigurable):
    """Advice for this instance, under the limits that an administrator may configure."""

    advised_days = Float(30.0, min=0.0, help="Age in days from which a restart is advised. AWS advises 30.").tag(config=True)
    interval_days = Float(90.0, min=0.0, help="Age in days at which a restart is overdue. AWS's own interval is 90.").tag(
        config=True
    )
    notice_days = Float(7.0, min=0.0, help="Days before the deadline from which a restart counts as due.").tag(config=True)

    deferral = Instance(Deferral, allow_none=True)

    @property
    def policy(self) -> Policy:
        """The limits in force."""
        return Policy(self.advised_days, self.interval_days, self.notice_days)

    def advise(self, booted: datetime | None, now: datetime) -> Advice:
        """Whether a restart is due, judged by everything that is known at ``now``."""
        signals = [age(booted, now, advised_days=self.advised_days, interval_days=self.interval_days)]
        return advise(signals, booted, self.policy, now)

    def defer(self, booted: datetime | None, now: datetime) -> Deferral | None:
        """Remember a "remind me later"; ``None`` when the deadline has passed."""
        advice = self.advise(booted, now)
        granted = defer(advice.level, advice.deadline, self.deferral, now)
        if granted is not None:
            self.deferral = granted
        return granted

    def recall(self, records: Iterable[dict[str, Any]]) -> None:
        """Take the deferral from the journal again; a restart that came back has answered it."""
        for record in records:
            if record["event"] == "returned":
                self.deferral = None
            elif record["event"] == "deferred":
                self.deferral = _deferral(record)


def _deferral(record: dict[str, Any]) -> Deferral | None:
    try:
        until = from_text(record["until"])
        return None if until is None else Deferral(until, int(record["count"]))
    except (KeyError, TypeError, ValueError):
        return None
