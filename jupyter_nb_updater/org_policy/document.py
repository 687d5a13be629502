"""The organization document, and whether it may come into force. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..advice.policy import Origin, Policy
from ..instance.platforms import PlatformFact
from ..signals.org_advisories import OrgAdvisory
from .errors import PolicyRejected

SKEW = timedelta(hours=1)
"""By so much the clock of an instance may be behind that of whoever writes documents."""


@dataclass(frozen=True)
class Document:
    """One that makes sense.

    Args:
        serial: goes up with every change.
        digest: SHA-256 of its bytes, in hexadecimal.
        policy: with its origin.
        advisories: and whom they affect.
        platforms: dated facts.
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
    """The newest that was ever in force: nothing older comes after it, and nothing else under its number."""

    serial: int
    digest: str


def check_admissible(document: Document, now: datetime, floor: MinSerial | None = None) -> None:
    """Whether it may come into force at this time.

    Args:
        document: that was read.
        now: the time to judge at.
        floor: the newest that was in force so far.

    Raises:
        Refused: ``serial``, ``not-yet-issued`` or ``expired``.
    """
    if floor is not None and document.serial < floor.serial:
        raise PolicyRejected("serial", f"its serial is {document.serial}, and {floor.serial} was in force already")
    if floor is not None and document.serial == floor.serial:
        check_serial(document, floor)
    issued = document.origin.issued
    if issued is not None and issued > now + SKEW:
        raise PolicyRejected("not-yet-issued", f"it was issued at {issued:%Y-%m-%d %H:%M} UTC, which is yet to come")
    still_valid(document, now)


def check_serial(document: Document, floor: MinSerial | None) -> None:
    """Whether it is just the one that was in force last.

    Raises:
        Refused: ``serial``.
    """
    if floor is not None and document.serial != floor.serial:
        raise PolicyRejected("serial", f"its serial is {document.serial}, and that of the newest was {floor.serial}")
    if floor is not None and document.digest != floor.digest:
        raise PolicyRejected(
            "serial", f"something else was in force under its serial, {document.serial}: a change needs a higher one"
        )


def still_valid(document: Document, now: datetime) -> None:
    """Whether it has not expired.

    Raises:
        Refused: ``expired``.
    """
    expires = document.origin.expires
    if expires is not None and now >= expires:
        raise PolicyRejected("expired", f"it has expired on {expires:%Y-%m-%d %H:%M} UTC")
