"""May it stop, will it come back, and does the person know what is lost? Pure: the facts come in, the findings go out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..instance.platforms import can_start_again
from .findings import Finding

if TYPE_CHECKING:  # the facts come from where I/O is done; judging them is not
    from ..instance.sagemaker import Description
    from .return_path import Proof


def examine(
    description: Description,
    proof: Proof,
    kind: str,
    losses: Iterable[Mapping[str, Any]],
    confirmed: Collection[str],
    now: datetime,
    *,
    without_return: bool,
) -> list[Finding]:
    """Everything that speaks against stopping now.

    Args:
        description: the instance as AWS sees it. StopNotebookInstance is accepted only from ``InService``
            (AWS's error text, seen in hashicorp/terraform-provider-aws#16767).
        proof: how sure it is that somebody starts it again.
        kind: which return path that is.
        losses: what is running now.
        confirmed: ids of the losses that the person has seen and accepts.
        now: the time to judge at. A platform that AWS no longer starts is a one-way door, whatever the person accepts.
        without_return: the person was told that nobody starts it again, and accepts that.
    """
    findings = []
    if description.status != "InService":
        findings.append(Finding("not-in-service", description.status))
    if not can_start_again(description.platform, now):
        findings.append(Finding("platform-not-restartable", description.platform or ""))
    if proof == "missing" and not without_return:
        findings.append(Finding("return-path-missing", kind))
    findings += [Finding("losses-not-confirmed", loss["name"], loss["kind"]) for loss in losses if loss["id"] not in confirmed]
    return findings
