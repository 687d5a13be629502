"""Signal ``platform``: whether AWS still supports the platform of this instance, and whether there is a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from traitlets import Float

from ..advice.signal import Signal, SignalState
from ..instance.platforms import KNOWN, PlatformFact, can_start_again, moves_to, newest
from ..util.clock import to_text
from .base import AdviceSource

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-al2.html"

END_NOTICE = timedelta(days=90)
"""How long before the end of its support a platform is ``due``."""


def platform(
    identifier: str | None, instance_type: str | None, now: datetime, table: Mapping[str, PlatformFact] = KNOWN
) -> Signal:
    """Return the platform signal.

    A plain stop and start does not change the platform (API Reference, StartNotebookInstance: what is renewed are "the
    libraries"). So the rule is:

    - Support has ended or ends soon: ``due``, because a user should know before a stop that cannot be followed by a start. It
      is a reason for a restart, with a deadline, only if our restart moves the instance to another platform.
    - AWS no longer starts the platform after a stop, and our restart does not move the instance: no restart is possible.
    - A newer platform exists: ``due`` only if our restart moves the instance there; otherwise ``current``, and the evidence
      names the newer one.
    - A platform that the table does not contain: ``unknown``, and never ``current``.

    Args:
        identifier: platform from DescribeNotebookInstance; ``None`` if missing.
        instance_type: instance type such as ``ml.t3.medium``, because not every type runs on every platform.
        now: the current time.
        table: the known platforms.
    """
    fact = table.get(identifier or "")
    if fact is None:
        return Signal("platform", "unknown", "platform-not-known", now, {"platform": identifier}, LINK, helps=False)
    latest, target = newest(fact.id, now, table), moves_to(fact.id, instance_type, now, table)
    code = _code(fact, latest, now)
    is_due = code in {"platform-ends", "platform-ended"} or (code == "platform-newer" and target is not None)
    state: SignalState = "due" if is_due else "current"
    since = table[latest].available if latest != fact.id else None
    evidence: dict[str, Any] = {
        "platform": fact.id,
        "newest": latest,
        "since": to_text(since),
        "ends": to_text(fact.ends),
        "moves_to": target,
    }
    due_by = fact.ends if is_due and target else None
    subject, helps = latest if is_due else "", target is not None
    prevents = target is None and not can_start_again(fact.id, now, table)
    more: dict[str, Any] = {"subject": subject, "due_by": due_by, "helps": helps, "prevents": prevents}
    return Signal("platform", state, code, now, evidence, LINK, **more)


def _code(fact: PlatformFact, latest: str, now: datetime) -> str:
    if fact.ends is not None and now >= fact.ends - END_NOTICE:
        return "platform-ended" if now >= fact.ends else "platform-ends"
    return "platform-newer" if latest != fact.id else "platform-current"


class PlatformSource(AdviceSource):
    """Evaluate the platform of the instance. Only a stop changes it, so the cached description is sufficient."""

    name = "platform"

    interval_seconds = Float(86400.0, min=1.0, help="Polling interval in seconds.").tag(config=True)

    async def poll(self, now: datetime) -> Signal:
        """Return the platform signal, from the built-in table, its configuration and the organization's facts."""
        instance = self.context.instance
        description = await instance.descriptions.cached()
        return platform(description.platform, description.instance_type, now, instance.sagemaker.platforms.facts)
