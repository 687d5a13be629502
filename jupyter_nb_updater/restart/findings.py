"""Findings: why a restart was refused or failed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for types only: this module does no I/O
    from ..instance.aws import AwsError


@dataclass(frozen=True)
class Finding:
    """One reason why a restart was refused or failed. ``docs/protocol.md`` lists the codes.

    Args:
        code: kind of the finding.
        subject: what it concerns: a path, the name of a kernel, the page of a tab, an operation.
        detail: machine-readable or untranslated text, shown unchanged.
        action: the missing IAM action.
    """

    code: str
    subject: str
    detail: str = ""
    action: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """Return the finding in the format of the state document and the journal."""
        return asdict(self)


def from_aws(error: AwsError) -> Finding:
    """Return the finding for a call that AWS refused or that could not reach AWS.

    Args:
        error: the error of the call.
    """
    return Finding(error.code, error.operation, error.message, error.action)
