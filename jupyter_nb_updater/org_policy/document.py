"""The content of the organization's document, and the checks before it becomes active."""

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
    """The document is unavailable or invalid; the previous one stays in force.

    Args:
        code: kind of the problem, such as ``schema``.
        message: the problem in words. Parts of it may come from untrusted sources.
        problems: every problem, with its place in the document.
        action: the missing IAM action, if that is the problem.
    """

    def __init__(self, code: str, message: str, problems: Iterable[str] = (), action: str | None = None) -> None:
        self.problems = tuple(shorten(problem, MAX_MESSAGE_LENGTH) for problem in problems)
        super().__init__(shorten(f"{message}: {self.problems[0]}" if self.problems else message, MAX_MESSAGE_LENGTH))
        self.code, self.action = code, action


MAX_CLOCK_SKEW = timedelta(hours=1)
"""Tolerance for a clock of the instance that is behind that of the document's author."""


@dataclass(frozen=True)
class OrgAdvisory:
    """An advisory of the organization, and which instances it affects.

    Args:
        advisory: the advisory.
        started_before: instances that were started before this time are affected; by default the time of publication.
        platforms: platforms that are affected; empty for all.
    """

    advisory: Advisory
    started_before: datetime
    platforms: frozenset[str] = frozenset()

    def affects(self, booted: datetime | None, platform: str | None) -> bool | None:
        """Check whether the advisory affects an instance; ``None`` if that cannot be determined."""
        by_platform = not self.platforms or (None if platform is None else platform in self.platforms)
        by_age = None if booted is None else booted < self.started_before
        if by_platform is False or by_age is False:
            return False
        return None if by_platform is None or by_age is None else True


@dataclass(frozen=True)
class AdvisoryList:
    """The advisories of the active document.

    Args:
        advisories: all advisories.
        evidence: which document they come from, or why there is none, as JSON.
        in_force: whether there is an active document.
    """

    advisories: tuple[OrgAdvisory, ...] = ()
    evidence: dict[str, Any] | None = None
    in_force: bool = True


@dataclass(frozen=True)
class Document:
    """A parsed document.

    Args:
        serial: serial number, which increases with every change.
        digest: SHA-256 of its bytes, in hexadecimal.
        policy: the policy, with its origin.
        advisories: the advisories, and which instances they affect.
        platforms: dated facts about platforms.
        audience: names of the groups of instances that it is for; empty for instances without a name.
    """

    serial: int
    digest: str
    policy: Policy
    advisories: tuple[OrgAdvisory, ...] = ()
    platforms: tuple[PlatformFact, ...] = ()
    audience: frozenset[str] = frozenset()

    @property
    def origin(self) -> Origin:
        """Author and dates of the document."""
        return self.policy.origin


@dataclass(frozen=True)
class MinSerial:
    """The newest document that was active. If a pinned key signed it, older ones, and others with its serial, are rejected.

    A document without a signature sets no limit: whoever can write to its place for a moment could otherwise publish the
    highest serial, and no later document would be accepted.

    Args:
        serial: its serial number.
        digest: SHA-256 of its bytes, in hexadecimal.
        signed: whether a pinned key has signed it.
    """

    serial: int
    digest: str
    signed: bool = True


def check_applicable(document: Document, audience: str, *, is_signed: bool) -> None:
    """Check that a document is for this instance, and that its author may require what it requires.

    Args:
        document: the document.
        audience: name of the group of this instance; empty for none.
        is_signed: whether a pinned key has signed the document.

    Raises:
        PolicyRejected: ``audience`` or ``require-unsigned``.
    """
    check_audience(document, audience)
    if document.policy.mode == "require" and not is_signed:
        raise PolicyRejected(
            "require-unsigned",
            "the document requires restarts, which needs a signature by a key that is pinned on the instance",
        )


def check_audience(document: Document, audience: str) -> None:
    """Check that a document is for instances with this name, so that one that was signed for a test does not pass elsewhere.

    Args:
        document: the document.
        audience: name of the group of the instances; empty for none.

    Raises:
        PolicyRejected: ``audience``.
    """
    if audience in document.audience or (not audience and not document.audience):
        return
    meant = f"is for {', '.join(sorted(document.audience))}" if document.audience else "has no audience"
    raise PolicyRejected("audience", f"the document {meant}, but this instance is {audience or 'without a name'}")


def check_admissible(document: Document, now: datetime, newest: MinSerial | None = None) -> None:
    """Check that a document may become active.

    Args:
        document: the downloaded document.
        now: the current time.
        newest: the newest document that was active so far; ``None`` if there was none.

    Raises:
        PolicyRejected: ``serial``, ``not-yet-issued`` or ``expired``.
    """
    if newest is not None and document.serial < newest.serial:
        raise PolicyRejected(
            "serial", f"the serial of the document is {document.serial}, but {newest.serial} was already in force"
        )
    if newest is not None and document.serial == newest.serial:
        check_serial(document, newest)
    issued = document.origin.issued
    if issued is not None and issued > now + MAX_CLOCK_SKEW:
        raise PolicyRejected(
            "not-yet-issued", f"the document was issued at {issued:%Y-%m-%d %H:%M} UTC, which is in the future"
        )
    check_not_expired(document, now)


def check_serial(document: Document, newest: MinSerial | None) -> None:
    """Check that a document is the newest one that was active.

    Args:
        document: the document that was read from the volume.
        newest: the newest document that was active so far; ``None`` accepts any.

    Raises:
        PolicyRejected: ``serial``.
    """
    if newest is not None and document.serial != newest.serial:
        raise PolicyRejected(
            "serial", f"the serial of the document is {document.serial}, but that of the newest was {newest.serial}"
        )
    if newest is not None and document.digest != newest.digest:
        raise PolicyRejected(
            "serial",
            f"another document with the serial {document.serial} was already in force: increase the serial with every change",
        )


def check_not_expired(document: Document, now: datetime) -> None:
    """Check that a document has not expired.

    Args:
        document: the document.
        now: the current time.

    Raises:
        PolicyRejected: ``expired``.
    """
    expires = document.origin.expires
    if expires is not None and now >= expires:
        raise PolicyRejected("expired", f"the document expired on {expires:%Y-%m-%d %H:%M} UTC")
