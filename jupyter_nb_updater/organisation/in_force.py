"""The document in force, and what it and a newer one that was refused come to together: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..advice.policy import Policy
from ..clock import to_text
from ..signals.organisation import AdvisoryList
from .document import Document
from .refused import PolicyRejected
from .store import CachedDocument


@dataclass(frozen=True)
class ActivePolicy:
    """A document, and how it came here.

    Args:
        document: what it says.
        kept: as it was fetched.
        signed_by: the pinned key; ``None`` where none is pinned.
    """

    document: Document
    kept: CachedDocument
    signed_by: str | None

    def policy(self, refused: PolicyRejected | None) -> Policy:
        """What it says, with where it comes from.

        Args:
            refused: why no newer one is in force; ``None`` if this is the newest.
        """
        origin = replace(self.document.origin, fetched=self.kept.fetched, signed=True if self.signed_by else None)
        if refused is not None:
            origin = replace(origin, problem=refused.code, detail=str(refused))
        return replace(self.document.policy, origin=origin)


def advisory_list(in_force: ActivePolicy | None, refused: PolicyRejected | None) -> AdvisoryList:
    """The advisories, and whose they are.

    Args:
        in_force: ``None`` lists nothing.
        refused: why no newer one is in force.
    """
    problem = {"problem": refused.code, "detail": str(refused)} if refused else {}
    if in_force is None:
        return AdvisoryList((), problem, in_force=False)
    origin = in_force.policy(refused).origin
    told = {"organisation": origin.organisation, "serial": origin.serial, "issued": to_text(origin.issued)}
    return AdvisoryList(in_force.document.advisories, told | problem)
