"""Why a restart stopped nothing: one finding for each thing that is in the way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an error of AWS is made by what does I/O; a finding does none
    from ..instance.aws import AwsError


@dataclass(frozen=True)
class Finding:
    """One thing in the way. ``docs/protocol.md`` lists the codes.

    Args:
        code: what kind of thing.
        subject: what it is about: a path, a kernel's name, a tab's page, an operation.
        detail: machine text, shown as it is.
        action: the IAM action that is missing.
    """

    code: str
    subject: str
    detail: str = ""
    action: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """Return the finding as the state document and the journal hold it."""
        return asdict(self)


def from_aws(error: AwsError) -> Finding:
    """Return the finding for a call that AWS refused, or that did not reach AWS.

    Args:
        error: of the call.
    """
    return Finding(error.code, error.operation, error.message, error.action)
