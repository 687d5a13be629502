"""A policy: the limits for advice, the restart window, who may place a hold, and where the policy comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Literal

from ..util.clock import to_text
from .signal import Severity

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 15
"""Number of days to search for the next opening: enough for a weekly window, even if a clock change skips one."""


@dataclass(frozen=True)
class Window:
    """A restart window that opens on some days of the week.

    Args:
        days: days on which it opens; Monday is 0.
        opens: local time at which it opens.
        closes: local time at which it closes; on the next day if it is not later than ``opens``.
        zone: time zone of the local times.
        name: IANA name of the time zone.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: tzinfo
    name: str

    def is_open(self, now: datetime) -> bool:
        """Check whether a restart may begin at this time."""
        return any(begin <= now < end for begin, end in self._around(now))

    def next(self, moment: datetime) -> datetime:
        """Return this time if it is in the window; otherwise the next opening."""
        if self.is_open(moment):
            return moment
        return min((begin for begin, _ in self._around(moment) if begin >= moment), default=moment)

    def until(self, now: datetime) -> datetime | None:
        """Return when the window closes; ``None`` if it is closed."""
        return max((end for begin, end in self._around(now) if begin <= now < end), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the window in the format of the state document."""
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
        """Return a local time in UTC. A local time that a clock change skips becomes the one an hour later."""
        return datetime.combine(day, clock, self.zone).replace(fold=fold).astimezone(timezone.utc)


Mode = Literal["advise", "require"]
"""``require``: after the deadline the instance restarts without a click, in the window, once idle and proven saved."""

AWS_INTERVAL = timedelta(days=90)
"""Time after which AWS may restart an instance: "SageMaker AI updates the underlying software … at least once every 90 days"
(Developer Guide, "Notebook instances", Maintenance)."""

INFORMATIVE_SOURCES = frozenset({"os_release"})
"""Sources whose ``due`` alone is no reason for a restart; it is shown, and becomes a reason only through a service level."""

REQUIRED_SOURCES = frozenset({"age", "maintenance"})
"""Sources that must answer before an instance is called up to date."""


@dataclass(frozen=True)
class Wave:
    """A rollout wave: a fraction of all instances, and the delay after which an advisory applies to them.

    Args:
        upto: fraction of all instances that is reached with this wave, from 0 to 1.
        delay: delay after the publication of an advisory.
    """

    upto: float
    delay: timedelta


@dataclass(frozen=True)
class Origin:
    """Where a policy comes from.

    Args:
        kind: ``default`` (AWS's recommendation), ``configured`` (on this instance) or ``organization``.
        organization: name of the organization.
        message: message of the organization, shown as plain text.
        contact: whom to ask.
        link: an https page of the organization.
        serial: serial number of the document.
        issued: time at which the document was issued.
        expires: time at which it expires.
        fetched: time of the last successful download.
        signed: whether a trusted key has signed it; ``None`` if no key is configured.
        problem: code of the reason why a newer document was rejected.
        detail: details of the problem.
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
        """Return the origin in the format of the state document."""
        times = {name: to_text(getattr(self, name)) for name in ("issued", "expires", "fetched")}
        return {**vars(self), **times}


@dataclass(frozen=True)
class Policy:
    """The limits for advice. The defaults are AWS's recommendation and interval.

    Args:
        advised_days: uptime in days from which a restart is recommended.
        interval_days: uptime in days at which a restart is overdue.
        notice_days: number of days before the deadline from which a restart is due.
        grace_hours: minimum time in hours between the first display of a reason and its deadline.
        service_levels: number of days after publication by which an advisory must be installed, by severity. Other severities
            have no deadline.
        mode: whether a restart is recommended or required.
        window: when deadlines fall, and when a restart may begin without a click; ``None`` for any time.
        waves: rollout waves in order; without any, all instances are reached at once.
        holders: who may place a hold: user names, or owners of instances; ``*`` for everyone.
        hold_days: longest duration of a hold, in days.
        origin: where the policy comes from.
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

    def may_hold(self, identities: Collection[str]) -> bool:
        """Check whether a user may place a hold.

        Args:
            identities: what is proven: the user name of the login, and the owner of the instance. Empty ones do not count.
        """
        return "*" in self.holders or any(identity and identity in self.holders for identity in identities)

    def at(self, now: datetime) -> Policy:
        """Return the policy as it applies at this time: an expired one requires nothing."""
        expires = self.origin.expires
        return replace(self, mode="advise") if expires is not None and now >= expires else self

    @property
    def limits(self) -> dict[str, Any]:
        """All limits that a deadline is computed from. If they change, the deadline may move."""
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
        """Return the policy in the format of the state document and the journal."""
        holds = {"holders": list(self.holders), "hold_days": self.hold_days}
        return {**self.limits, **holds, "origin": self.origin.to_json()}
