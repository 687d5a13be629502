"""A policy: the limits by which advice is given, its window, who may hold an instance, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Literal

from ..util.clock import to_text
from .signal import Severity

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 15
"""Days to search ahead: a window that opens once a week is found, also where a day has no such hour."""


@dataclass(frozen=True)
class Window:
    """A window that opens on some days of the week.

    Args:
        days: on which it opens, Monday is 0.
        opens: at this time of the wall clock.
        closes: at this time; not later than ``opens``, it is that of the next day.
        zone: of the wall clock.
        name: of the zone, as IANA has it.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: tzinfo
    name: str

    def is_open(self, now: datetime) -> bool:
        """Whether something may begin at this time."""
        return any(begin <= now < end for begin, end in self._around(now))

    def next(self, moment: datetime) -> datetime:
        """This moment, if it lies in the window; else when the window opens next."""
        if self.is_open(moment):
            return moment
        return min((begin for begin, _ in self._around(moment) if begin >= moment), default=moment)

    def until(self, now: datetime) -> datetime | None:
        """When it closes, if it is open."""
        return max((end for begin, end in self._around(now) if begin <= now < end), default=None)

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        return {
            "days": [DAYS[day] for day in sorted(self.days)],
            "from": f"{self.opens:%H:%M}",
            "to": f"{self.closes:%H:%M}",
            "timezone": self.name,
        }

    def _around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = moment.astimezone(self.zone).date()
        for offset in range(-2, SEARCH_DAYS):
            day = today + timedelta(days=offset)
            if day.weekday() in self.days:
                ends = day if self.closes > self.opens else day + timedelta(days=1)
                begin, end = self._utc(day, self.opens, 0), self._utc(ends, self.closes, 1)
                if begin < end:
                    yield begin, end

    def _utc(self, day: date, clock: time, fold: int) -> datetime:
        """Through UTC and back, an hour that does not exist is the one after it."""
        return datetime.combine(day, clock, self.zone).replace(fold=fold).astimezone(timezone.utc)


Mode = Literal["advise", "require"]
"""``require``: past the deadline the instance restarts without a click, in the window, idle, and proven saved."""

AWS_INTERVAL = timedelta(days=90)
"""After which AWS may restart an instance itself: "SageMaker AI updates the underlying software … at least once every 90 days"
(Developer Guide, "Notebook instances", Maintenance)."""

INFORMATIVE_SOURCES = frozenset({"os_release"})
"""Sources whose ``due`` asks for no restart: what they find is shown, and asks only where a service level is about it."""

REQUIRED_SOURCES = frozenset({"age", "maintenance"})
"""Sources without which an instance is not called current."""


@dataclass(frozen=True)
class Wave:
    """A part of all instances, and how long after its publication an advisory asks them.

    Args:
        upto: the part of all instances that is reached with this wave, from 0 to 1.
        delay: after the publication.
    """

    upto: float
    delay: timedelta


@dataclass(frozen=True)
class Origin:
    """Where a policy comes from.

    Args:
        kind: ``default`` (AWS's advice), ``configured`` (on this instance) or ``organization``.
        organization: its name.
        message: its own words, shown as plain text.
        contact: who can be asked.
        link: an https page of the organization.
        serial: of its document.
        issued: when that was written.
        expires: when it ends.
        fetched: when it was last seen where it lies.
        signed: whether a pinned key has signed it; ``None`` where no key is pinned.
        problem: why a newer one is not in force: a code.
        detail: of the problem.
    """

    kind: Literal["default", "configured", "organization"] = "default"
    organization: str = ""
    message: str = ""
    contact: str = ""
    link: str | None = None
    serial: int | None = None
    issued: datetime | None = None
    expires: datetime | None = None
    fetched: datetime | None = None
    signed: bool | None = None
    problem: str | None = None
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the state document carries it."""
        times = {name: to_text(getattr(self, name)) for name in ("issued", "expires", "fetched")}
        return {**vars(self), **times}


@dataclass(frozen=True)
class Policy:
    """The limits by which advice is given. The defaults are AWS's own advice and interval.

    Args:
        advised_days: age from which a restart is advised.
        interval_days: age at which it should have been.
        notice_days: days before the deadline from which it is near.
        grace_hours: hours that a person has at least, from the first display of a reason.
        service_levels: severity of an advisory to days after its publication. One that is not in here asks for nothing.
        mode: whether it is required.
        window: where a deadline falls, and where something may happen without a click; ``None`` for always.
        waves: in the order in which they are reached; empty reaches everyone at once.
        holders: who may hold an instance: names as Jupyter shows them, ``*`` for anyone.
        hold_days: for how long at most.
        origin: where this comes from.
    """

    advised_days: float = 30.0
    interval_days: float = 90.0
    notice_days: float = 7.0
    grace_hours: float = 1.0
    service_levels: Mapping[Severity, float] = field(default_factory=dict)
    mode: Mode = "advise"
    window: Window | None = None
    waves: tuple[Wave, ...] = ()
    holders: tuple[str, ...] = ("*",)
    hold_days: float = 14.0
    origin: Origin = field(default_factory=Origin)

    def may_hold(self, by: str) -> bool:
        """Return whether a person may hold an instance."""
        return "*" in self.holders or by in self.holders

    def at(self, now: datetime) -> Policy:
        """Return the policy as it applies at this time: one that has expired requires nothing any more."""
        expires = self.origin.expires
        return replace(self, mode="advise") if expires is not None and now >= expires else self

    @property
    def limits(self) -> dict[str, Any]:
        """All that a deadline is reckoned by: with other limits, another deadline is no surprise."""
        return {
            "advised_days": self.advised_days,
            "interval_days": self.interval_days,
            "notice_days": self.notice_days,
            "grace_hours": self.grace_hours,
            "service_levels": dict(self.service_levels),
            "mode": self.mode,
            "window": self.window.to_json() if self.window else None,
            "waves": [{"upto": wave.upto, "delay_days": wave.delay / timedelta(days=1)} for wave in self.waves],
        }

    def to_json(self) -> dict[str, Any]:
        """As the state document and the journal carry it: under which limits was it judged?"""
        holds = {"holders": list(self.holders), "hold_days": self.hold_days}
        return {**self.limits, **holds, "origin": self.origin.to_json()}
