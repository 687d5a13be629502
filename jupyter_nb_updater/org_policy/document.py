"""The organization's document: its content, and whether it may become active."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..advice.policy import Origin, Policy
from ..advice.signal import Advisory
from ..instance.platforms import PlatformFact
from ..util.text import shorten

MAX_MESSAGE_LENGTH = 300  # characters


class PolicyRejected(Exception):
    """A document could not be fetched, or is not accepted. The active policy stays.

    Args:
        code: what it is about, such as ``schema``.
        message: in words, for a person. Parts of it may come from outside.
        problems: each problem, with its place in the document.
        action: the IAM action that is missing, if it is that.
    """

    def __init__(self, code: str, message: str, problems: Iterable[str] = (), action: str | None = None) -> None:
        self.problems = tuple(shorten(problem, MAX_MESSAGE_LENGTH) for problem in problems)
        super().__init__(shorten(f"{message}: {self.problems[0]}" if self.problems else message, MAX_MESSAGE_LENGTH))
        self.code, self.action = code, action


MAX_CLOCK_SKEW = timedelta(hours=1)
"""By how much the clock of an instance may be behind that of whoever writes documents."""


@dataclass(frozen=True)
class OrgAdvisory:
    """An advisory of the organization, and whom it affects.

    Args:
        advisory: the advisory itself.
        started_before: affects instances started before this time; by default the time of publication.
        platforms: affects instances of these platforms; empty for all.
    """

    advisory: Advisory
    started_before: datetime
    platforms: frozenset[str] = frozenset()

    def affects(self, booted: datetime | None, platform: str | None) -> bool | None:
        """Return whether it affects an instance; ``None`` when that cannot be known."""
        by_platform = not self.platforms or (None if platform is None else platform in self.platforms)
        by_age = None if booted is None else booted < self.started_before
        if by_platform is False or by_age is False:
            return False
        return None if by_platform is None or by_age is None else True


@dataclass(frozen=True)
class AdvisoryList:
    """The advisories of the active document.

    Args:
        advisories: all of them.
        evidence: which document it is, or why there is none; ready for JSON.
        in_force: whether there is an active document.
    """

    advisories: tuple[OrgAdvisory, ...] = ()
    evidence: dict[str, Any] | None = None
    in_force: bool = True


@dataclass(frozen=True)
class Document:
    """A document that was parsed.

    Args:
        serial: goes up with every change.
        digest: SHA-256 of its bytes, in hexadecimal.
        policy: the policy, with its origin.
        advisories: the advisories, and whom they affect.
        platforms: dated facts about platforms.
    """

    serial: int
    digest: str
    policy: Policy
    advisories: tuple[OrgAdvisory, ...] = ()
    platforms: tuple[PlatformFact, ...] = ()

    @property
    def origin(self) -> Origin:
        """Who wrote it, and when."""
        return self.policy.origin


@dataclass(frozen=True)
class MinSerial:
    """The newest document that was ever active: no older one is accepted after it, and no other one of the same serial.

    Args:
        serial: its serial.
        digest: SHA-256 of its bytes, in hexadecimal.
    """

    serial: int
    digest: str


def check_admissible(document: Document, now: datetime, newest: MinSerial | None = None) -> None:
    """Check that a document may become active.

    Args:
        document: that was fetched.
        now: the time to judge at.
        newest: the newest document that was active so far.

    Raises:
        PolicyRejected: ``serial``, ``not-yet-issued`` or ``expired``.
    """
    if newest is not None and document.serial < newest.serial:
        raise PolicyRejected("serial", f"its serial is {document.serial}, and {newest.serial} was in force already")
    if newest is not None and document.serial == newest.serial:
        check_serial(document, newest)
    issued = document.origin.issued
    if issued is not None and issued > now + MAX_CLOCK_SKEW:
        raise PolicyRejected("not-yet-issued", f"it was issued at {issued:%Y-%m-%d %H:%M} UTC, which is yet to come")
    check_not_expired(document, now)


def check_serial(document: Document, newest: MinSerial | None) -> None:
    """Check that a document is the newest one that was active.

    Args:
        document: that was read from the volume.
        newest: the newest document that was active so far; ``None`` accepts any.

    Raises:
        PolicyRejected: ``serial``.
    """
    if newest is not None and document.serial != newest.serial:
        raise PolicyRejected("serial", f"its serial is {document.serial}, and that of the newest was {newest.serial}")
    if newest is not None and document.digest != newest.digest:
        raise PolicyRejected(
            "serial", f"something else was in force under its serial, {document.serial}: a change needs a higher one"
        )


def check_not_expired(document: Document, now: datetime) -> None:
    """Check that a document has not expired.

    Args:
        document: that is, or may become, active.
        now: the time to judge at.

    Raises:
        PolicyRejected: ``expired``.
    """
    expires = document.origin.expires
    if expires is not None and now >= expires:
        raise PolicyRejected("expired", f"it has expired on {expires:%Y-%m-%d %H:%M} UTC")
