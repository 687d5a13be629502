"""The preflight check: may the instance stop, will it come back, and has the user accepted the losses?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..instance.platforms import runs_on
from ..losses.loss import journal_name, needs_confirmation
from ..util.clock import to_text
from .findings import Finding

if TYPE_CHECKING:  # for types only: this module does no I/O
    from ..advice.hold import Hold
    from ..instance.sagemaker import Description
    from .request import RestartRequest
    from .return_path import Verification

TRANSIENT = {"busy-not-confirmed", "held"}
"""Codes of temporary findings: a scheduled restart keeps waiting instead of being refused."""

NOT_STOPPABLE = {"Pending", "Stopping", "Stopped", "Failed", "Updating", "Deleting"}
"""Statuses in which an instance is starting, changing or not running, so that AWS refuses a stop.

AWS decides about every other one. It accepts a stop from ``InService`` ("Status (Pending) not in ([InService])", seen in
hashicorp/terraform-provider-aws#16767). Whether also from ``PendingMaintenance`` and ``InMaintenance``, for which a restart is
recommended, is not documented. A refused stop changes nothing: the return is disarmed, and the user reads AWS's message."""


@dataclass(frozen=True)
class PreflightFacts:
    """The facts that decide whether a restart can begin.

    Args:
        description: the instance as AWS describes it.
        return_path: how certain it is that the instance is started again.
        return_path_kind: name of the return path.
        return_path_migrates: whether the return path can move the instance to another platform.
        losses: what a restart would destroy now.
        hold: the current hold.
        lacks_config: whether the lifecycle configuration of the instance no longer exists. We assume that the start would fail
            then; in any case this extension, which the configuration installs, would not come back.
        returned: time of the last completed restart, if it is so recent that another one looks like a loop.
    """

    description: Description
    return_path: Verification
    return_path_kind: str
    return_path_migrates: bool
    losses: Iterable[Mapping[str, Any]] = ()
    hold: Hold | None = None
    lacks_config: bool = False
    returned: datetime | None = None


def examine(facts: PreflightFacts, request: RestartRequest, now: datetime) -> list[Finding]:
    """Return a finding for everything that blocks stopping now.

    Args:
        facts: the known facts.
        request: what the user accepts. In an unattended restart, nobody can accept anything.
        now: the current time. An instance on a platform that AWS no longer starts must be moved, or must not stop.
    """
    description, hold = facts.description, facts.hold
    findings = []
    if description.status in NOT_STOPPABLE:
        findings.append(Finding("not-in-service", description.status))
    if facts.lacks_config:
        findings.append(Finding("lifecycle-config-missing", description.lifecycle_config or ""))
    has_return = facts.return_path.proof != "missing"
    if not description.starts_again(now):
        target = description.move_target(now) if facts.return_path_migrates and has_return else None
        findings += _migration_findings(description, request, target)
    if not has_return and not request.without_return:
        findings.append(Finding("return-path-missing", facts.return_path_kind, facts.return_path.detail))
    if facts.returned is not None and request.unattended:
        findings.append(Finding("restarted-recently", to_text(facts.returned) or ""))
    if hold is not None and hold.id not in request.consent.confirmed:
        findings.append(Finding("held", hold.by, hold.reason))
    return findings + unconfirmed(facts.losses, request)


def _migration_findings(description: Description, request: RestartRequest, target: str | None) -> list[Finding]:
    platform = description.platform or ""
    if target is None:
        return [Finding("platform-not-restartable", platform)]
    if not runs_on(description.instance_type, target):
        return [Finding("instance-type-not-supported", description.instance_type or "", target)]
    if f"migration:{target}" not in request.consent.confirmed:
        return [Finding("migration-not-confirmed", target, platform)]
    return []


def unconfirmed(losses: Iterable[Mapping[str, Any]], request: RestartRequest) -> list[Finding]:
    """Return a finding for each loss that the user has not accepted. Busy ones must be confirmed individually.

    Args:
        losses: what a restart would destroy now.
        request: what the user accepts.
    """
    findings = []
    for loss in losses:
        if not needs_confirmation(loss):
            continue
        if loss["busy"] and loss["id"] not in request.consent.confirmed:
            findings.append(Finding("busy-not-confirmed", journal_name(loss), loss["kind"]))
        elif not request.consent.covers(loss) and not request.unattended:
            findings.append(Finding("losses-not-confirmed", journal_name(loss), loss["kind"]))
    return findings


def losses_for_journal(losses: Iterable[Mapping[str, Any]], request: RestartRequest) -> list[dict[str, Any]]:
    """Return what the stop destroys, and how the user accepted it, in the format of the journal.

    Args:
        losses: what a restart would destroy now.
        request: what the user accepts.
    """
    return [
        {
            "id": loss["id"],
            "kind": loss["kind"],
            "name": journal_name(loss),
            "busy": loss["busy"],
            "consent": request.consent.for_journal(loss),
        }
        for loss in losses
        if needs_confirmation(loss)
    ]


def is_transient(findings: Iterable[Finding]) -> bool:
    """Check whether all findings are temporary.

    Args:
        findings: what blocks the restart.
    """
    return {finding.code for finding in findings} <= TRANSIENT
