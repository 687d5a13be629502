"""What a document would come to, over time: the advice of an instance that nobody restarts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ..advice.advise import Advice
from ..advice.adviser import Adviser
from ..signals.age import age
from ..signals.maintenance import maintenance
from ..signals.organisation import Listing, organisation
from .document import Document


def simulate(
    document: Document, booted: datetime, times: Iterable[datetime], *, platform: str | None = None, instance: str = ""
) -> Iterator[tuple[datetime, Advice]]:
    """Judge at each of these times, as if a person saw what is shown as soon as it is.

    Args:
        document: in force all the time; past its end it requires nothing.
        booted: when the instance was started.
        times: in order.
        platform: of the instance; ``None`` leaves advisories for one platform undecided.
        instance: its ARN, which decides its place in a rollout.
    """
    adviser = Adviser(organisation=document.policy)
    adviser.instance = instance
    for now in times:
        advised, interval = adviser.limits
        signals = [
            age(booted, now, advised_days=advised, interval_days=interval),
            maintenance("InService", now),
            organisation(Listing(document.advisories), booted, platform, now),
        ]
        advice = adviser.advise(signals, booted, None, now)
        if adviser.show(advice, now) is not None:
            advice = adviser.advise(signals, booted, None, now)
        yield now, advice
