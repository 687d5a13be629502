"""Give advice under the policy in force, and remember which advice was shown, deferred and announced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from traitlets import Float, Instance, Unicode
from traitlets.config import LoggingConfigurable

from ..util.clock import parse_time_or_none, to_text
from .advise import Advice, advise
from .hold import Hold
from .model import AdviceContext, AnnouncedDeadline, Deferral, defer
from .policy import Origin, Policy
from .signal import Signal

MAX_AGE_DAYS = 3650.0
"""Upper bound of the configurable limits, in days."""


class Adviser(LoggingConfigurable):
    """Give advice for this instance under the organization's policy, or under the limits configured here."""

    advised_days = Float(
        30.0, min=0.0, max=MAX_AGE_DAYS, help="Uptime in days from which a restart is recommended. AWS recommends 30."
    ).tag(config=True)
    interval_days = Float(
        90.0, min=0.0, max=MAX_AGE_DAYS, help="Uptime in days at which a restart is overdue. AWS's own interval is 90."
    ).tag(config=True)
    notice_days = Float(
        7.0, min=0.0, max=MAX_AGE_DAYS, help="Number of days before the deadline from which a restart is due."
    ).tag(config=True)

    arn = Unicode(help="ARN of this instance, from which its position in a rollout is computed.")
    deferral = Instance(Deferral, allow_none=True, help="The last deferral that was granted.")

    def __init__(self, **kwargs: Any) -> None:
        """Create the adviser, with nothing remembered.

        Args:
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._shown: dict[str, datetime] = {}
        self._requested: frozenset[str] = frozenset()
        self._ineffective: frozenset[str] = frozenset()
        self._announced: AnnouncedDeadline | None = None

    def policy_in_force(self, organization: Policy | None) -> Policy:
        """Return the organization's policy or, without one, the limits configured here.

        Args:
            organization: the organization's policy; ``None`` if there is none.
        """
        if organization is not None:
            return organization
        own = Policy(self.advised_days, self.interval_days, self.notice_days)
        return own if own == Policy() else replace(own, origin=Origin("configured"))

    def advise(
        self, signals: Sequence[Signal], booted: datetime | None, hold: Hold | None, policy: Policy, now: datetime
    ) -> Advice:
        """Return whether a restart is due.

        Args:
            signals: the last signal of each source.
            booted: time of the last boot; ``None`` if unknown.
            hold: the current hold; ``None`` if there is none.
            policy: the policy in force.
            now: the current time.
        """
        settled = {signal.name for signal in signals if signal.state == "current"}
        self._ineffective = frozenset(reason for reason in self._ineffective if reason.partition(":")[0] not in settled)
        context = AdviceContext(
            booted=booted,
            hold=hold,
            deferral=self.deferral,
            announced=self._announced,
            shown=self._shown,
            ineffective=self._ineffective,
            rollout_position=rollout_position(self.arn),
        )
        return advise(signals, context, policy, now)

    def defer(self, advice: Advice, now: datetime) -> Deferral | None:
        """Grant and remember a deferral; ``None`` if the deadline has passed.

        Args:
            advice: the advice that is deferred.
            now: time of the click.
        """
        granted = defer(advice.level, advice.deadline, self.deferral, now)
        if granted is not None:
            self.deferral = granted
        return granted

    def record_shown(self, advice: Advice, policy: Policy, now: datetime) -> dict[str, Any] | None:
        """Remember that a user sees this advice. Return what is new, for the journal; ``None`` if nothing is.

        Args:
            advice: the displayed advice.
            policy: the policy under which it was given.
            now: the current time.
        """
        if advice.stage not in {"banner", "countdown"}:
            return None
        new_ids = [reason.id for reason in advice.reasons if reason.id not in self._shown]
        source = next((reason.source for reason in advice.reasons if reason.deadline == advice.deadline), "")
        announced = AnnouncedDeadline(advice.deadline, policy.limits, source, advice.moved_from) if advice.deadline else None
        if not new_ids and announced == self._announced:
            return None
        self._shown.update(dict.fromkeys(new_ids, now))
        self._announced = announced
        return {
            "at": to_text(now),
            "ids": new_ids,
            "deadline": to_text(advice.deadline),
            "moved_from": to_text(advice.moved_from),
            "source": source,
            "limits": announced.limits if announced else None,
        }

    def load_history(self, records: Iterable[dict[str, Any]]) -> None:
        """Restore what was shown and deferred from the journal. A boot clears it; unresolved reasons stay ineffective.

        Args:
            records: records of the journal, oldest first.
        """
        for record in records:
            event = record["event"]
            if event == "booted":
                self.deferral, self._announced, self._shown = None, None, {}
            elif event == "deferred":
                self.deferral = _parse_deferral(record)
            elif event == "shown":
                self._load_shown(record)
            elif event in {"requested", "scheduled"}:
                self._requested = _parse_reason_ids(record) or self._requested
            elif event == "returned":
                self.deferral = None
                is_unchanged = record.get("outcome") == "unchanged"
                self._ineffective = self._ineffective | self._requested if is_unchanged else frozenset()

    def _load_shown(self, record: dict[str, Any]) -> None:
        shown_at, ids = parse_time_or_none(record.get("at")), record.get("ids")
        if shown_at is not None and isinstance(ids, list):
            self._shown.update((str(identifier), shown_at) for identifier in ids)
            self._announced = _parse_announced(record)


def rollout_position(arn: str) -> float:
    """Return the position of an instance in a rollout, from 0 to 1: constant, and evenly distributed over instances.

    Args:
        arn: ARN of the instance.
    """
    return int.from_bytes(sha256(arn.encode()).digest()[:6], "big") / 2**48


def _parse_deferral(record: dict[str, Any]) -> Deferral | None:
    until = parse_time_or_none(record.get("until"))
    try:
        return None if until is None else Deferral(until, int(record["count"]), record.get("level"))
    except (KeyError, TypeError, ValueError):
        return None


def _parse_announced(record: dict[str, Any]) -> AnnouncedDeadline | None:
    deadline, limits = parse_time_or_none(record.get("deadline")), record.get("limits")
    if deadline is None or not isinstance(limits, dict):
        return None
    return AnnouncedDeadline(deadline, limits, str(record.get("source")), parse_time_or_none(record.get("moved_from")))


def _parse_reason_ids(record: dict[str, Any]) -> frozenset[str]:
    advice = record.get("advice")
    listed = advice.get("reasons") if isinstance(advice, dict) else None
    ids = [reason.get("id") for reason in listed if isinstance(reason, dict)] if isinstance(listed, list) else []
    return frozenset(str(identifier) for identifier in ids if identifier)
