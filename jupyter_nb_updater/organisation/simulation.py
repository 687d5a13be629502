"""What a document would come to, over time: the advice of an instance that nobody restarts. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ..advice.advise import Advice
from ..advice.adviser import Adviser
from ..signals.age import age
from ..signals.maintenance import maintenance
from ..signals.organisation import AdvisoryList, org_advisories
from .document import Document

DAY = timedelta(days=1)


def simulate(
    document: Document, booted: datetime, times: Sequence[datetime], *, platform: str | None = None, instance: str = ""
) -> Iterator[tuple[datetime, Advice]]:
    """Judge at each of these times, as if a person had looked once a day since the boot.

    Args:
        document: in force all the time; past its end it requires nothing.
        booted: when the instance was started.
        times: in order.
        platform: of the instance; ``None`` leaves advisories for one platform undecided.
        instance: its ARN, which decides its place in a rollout.
    """
    adviser = Adviser(organisation=document.policy)
    adviser.instance = instance
    advised, interval = adviser.limits

    def look(now: datetime) -> Advice:
        signals = [
            age(booted, now, advised_days=advised, interval_days=interval),
            maintenance("InService", now),
            org_advisories(AdvisoryList(document.advisories), booted, platform, now),
        ]
        advice = adviser.advise(signals, booted, None, now)
        return advice if adviser.show(advice, now) is None else adviser.advise(signals, booted, None, now)

    for day in range(math.ceil((times[0] - booted) / DAY) if times else 0):
        look(booted + day * DAY)
    for now in times:
        yield now, look(now)
