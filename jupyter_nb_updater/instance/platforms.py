"""Platforms of notebook instances: which of them AWS still starts, and where the others can move. One dated table.

State of 2026-11-22. ``notebook-al2023-v2`` is missing on purpose: it appeared in botocore 1.43.125 (2026-11-05) but in no
documentation or release note, so it is unknown what it contains and whether an instance can be moved to it. An organization
that knows more can say so in its policy document. A restart moves an instance only to a platform that an administrator has
allowed: with :class:`~.sagemaker.PlatformTable`, or in a signed document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone


@dataclass(frozen=True)
class PlatformFact:
    """Facts about one platform. ``None`` means unknown or, for an end, not announced.

    Args:
        id: platform identifier, such as ``notebook-al2023-v1``.
        available: time from which the platform is available.
        ends: end of support.
        last_start: time from which AWS no longer starts a stopped instance.
        successor: platform to which a stopped instance can be moved in place, with its volume, by
            ``UpdateNotebookInstance(PlatformIdentifier)``.
        target: the successor, if a restart may move the instance there; ``None`` if no administrator has allowed that.
    """

    id: str
    available: datetime | None = None
    ends: datetime | None = None
    last_start: datetime | None = None
    successor: str | None = None
    target: str | None = None

    def with_target(self) -> PlatformFact:
        """Return the fact with its successor as the target of a move."""
        return replace(self, target=self.successor)


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=timezone.utc)


AL2023 = "notebook-al2023-v1"

FACTS = (
    PlatformFact("notebook-al1-v1", None, _day(2024, 3, 31), _day(2024, 3, 31)),
    PlatformFact("notebook-al2-v1", None, _day(2025, 6, 30), _day(2025, 6, 30), AL2023),
    PlatformFact("notebook-al2-v2", _day(2022, 5, 31), _day(2025, 6, 30), _day(2025, 6, 30), AL2023),
    PlatformFact("notebook-al2-v3", _day(2024, 10, 29), _day(2026, 6, 30), _day(2026, 7, 1), AL2023),
    PlatformFact(AL2023, _day(2025, 8, 22)),
)
"""Availability: the SDK's changelog (boto3 1.24.0, 1.35.51, 1.40.16). Ends and last starts: Developer Guide, "Amazon Linux 2
notebook instances": "Starting July 1, 2026, you can no longer create new or restart stopped AL2 notebook instances"; for the
others, its pages on JupyterLab versions and on Amazon Linux 1. The end of Amazon Linux 2023 as a platform is not announced.

Successors: the same page on migration; from Amazon Linux 1 there is only a new instance. That page recommends to migrate before
July 2026. Since then no account can create an instance to try it, so by default no restart does it; that it still works is
likely, because AWS itself moves the remaining instances.
"""

KNOWN: Mapping[str, PlatformFact] = {fact.id: fact for fact in FACTS}

LAST_START = {fact.id: fact.last_start for fact in FACTS if fact.last_start}
"""Time from which AWS no longer starts a stopped instance, by platform."""

SUCCESSOR = {fact.id: fact.successor for fact in FACTS if fact.successor}
"""Platform to which a stopped instance can be moved in place, by platform."""

NOT_ON_AL2023 = {"ml.p2", "ml.p3", "ml.p3dn", "ml.inf1", "ml.g3"}
"""Instance families that Amazon Linux 2023 does not support (Developer Guide, "Amazon Linux 2 notebook instances")."""


def known(facts: Iterable[PlatformFact] = (), *, moves_amazon_linux_2: bool = False) -> Mapping[str, PlatformFact]:
    """Return the built-in table, overridden by further facts, field by field.

    Args:
        facts: further facts, such as those of an organization's document. A target of theirs replaces a built-in one.
        moves_amazon_linux_2: whether a restart may move an instance to its built-in successor.
    """
    table = {fact.id: fact.with_target() if moves_amazon_linux_2 else fact for fact in FACTS}
    for fact in facts:
        known_fields = {name: value for name, value in vars(fact).items() if value is not None}
        table[fact.id] = replace(table.get(fact.id, fact), **known_fields)
    return table


def kind(platform: str) -> str:
    """Return the platform without its version: ``notebook-al2023``."""
    return platform.rpartition("-v")[0]


def newest(platform: str, now: datetime, table: Mapping[str, PlatformFact] = KNOWN) -> str:
    """Return the newest platform that follows this one and is available at the time ``now``; itself if there is none.

    A platform is followed by its successor, or else by the next version of the same kind.
    """
    there = {fact.id for fact in table.values() if fact.available is None or fact.available <= now}
    passed: list[str] = []
    following: str | None = platform
    while following is not None and following not in passed:
        passed.append(following)
        successor = table[following].successor if following in table else None
        following = successor if successor in there else _next_version(following, there)
    return passed[-1]


def _next_version(platform: str, there: Iterable[str]) -> str | None:
    later = [other for other in there if kind(other) == kind(platform) and _version(other) > _version(platform)]
    return min(later, key=_version, default=None)


def _version(platform: str) -> int:
    digits = platform.rpartition("-v")[2]
    return int(digits) if digits.isdecimal() else 0


def can_start_again(platform: str | None, now: datetime, table: Mapping[str, PlatformFact] = KNOWN) -> bool:
    """Check whether AWS would start a stopped instance of this platform at the time ``now``.

    ``True`` for an unknown platform.
    """
    fact = table.get(platform or "")
    return fact is None or fact.last_start is None or now < fact.last_start


def runs_on(instance_type: str | None, platform: str) -> bool:
    """Check whether the platform supports an instance type such as ``ml.p3.2xlarge``; ``True`` for an unknown type."""
    family = (instance_type or "").rpartition(".")[0]
    return kind(platform) != kind(AL2023) or family not in NOT_ON_AL2023


def move_target(platform: str | None, now: datetime, table: Mapping[str, PlatformFact] = KNOWN) -> str | None:
    """Return the platform to which a restart may move an instance: the next one that AWS starts; ``None`` if there is none.

    Only targets are followed. A document that is not signed may keep an instance from being stopped, but nothing is ever moved
    to a successor that it names.
    """
    passed: set[str] = set()
    fact = table.get(platform or "")
    while fact is not None and fact.target is not None and fact.target not in passed:
        passed.add(fact.target)
        target = table.get(fact.target, PlatformFact(fact.target))
        is_available = target.available is None or target.available <= now
        if is_available and can_start_again(target.id, now, table):
            return target.id
        fact = target
    return None


def moves_to(
    platform: str | None, instance_type: str | None, now: datetime, table: Mapping[str, PlatformFact] = KNOWN
) -> str | None:
    """Return the platform to which an instance must move to start again; ``None`` if it need not or cannot move."""
    if can_start_again(platform, now, table):
        return None
    target = move_target(platform, now, table)
    return target if target and runs_on(instance_type, target) else None
