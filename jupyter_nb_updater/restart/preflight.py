"""The preflight check: may the instance stop, will it come back, and has the person accepted what is lost?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..instance.platforms import SUCCESSOR, runs_on
from ..losses.loss import journal_name, needs_confirmation
from ..util.clock import to_text
from .findings import Finding

if TYPE_CHECKING:  # the facts come from where I/O is done; judging them is not
    from ..advice.hold import Hold
    from ..instance.sagemaker import Description
    from .request import RestartRequest
    from .return_path import Proof

TRANSIENT = {"busy-not-confirmed", "held"}
"""Codes of findings that pass by themselves: a restart that waits for its moment goes on waiting."""


@dataclass(frozen=True)
class PreflightFacts:
    """The facts that decide whether a restart may begin.

    Args:
        description: the instance as AWS sees it. StopNotebookInstance is accepted only from ``InService``
            (AWS's error text, seen in hashicorp/terraform-provider-aws#16767).
        proof: how sure it is that somebody starts it again.
        return_path_kind: which return path that is.
        return_path_migrates: whether that return path can move the instance to another platform.
        losses: what a restart would destroy now.
        hold: the hold in force.
        lacks_config: whether AWS no longer has its lifecycle configuration. That the start would fail then is assumed; certain
            is that this extension, which the configuration installs, would not come back.
        returned: when a restart came back, if that is so recent that another one looks like a loop.
    """

    description: Description
    proof: Proof
    return_path_kind: str
    return_path_migrates: bool
    losses: Iterable[Mapping[str, Any]] = ()
    hold: Hold | None = None
    lacks_config: bool = False
    returned: datetime | None = None


def examine(facts: PreflightFacts, request: RestartRequest, now: datetime) -> list[Finding]:
    """Return a finding for everything that speaks against stopping now.

    Args:
        facts: what is known.
        request: what the person accepts. Nobody is there to accept anything when it is unattended.
        now: the time to judge at. An instance on a platform that AWS no longer starts must be moved, or must not stop.
    """
    description, hold = facts.description, facts.hold
    findings = []
    if description.status != "InService":
        findings.append(Finding("not-in-service", description.status))
    if facts.lacks_config:
        findings.append(Finding("lifecycle-config-missing", description.lifecycle_config or ""))
    if not description.starts_again(now):
        findings += _migration_findings(description, request, possible=facts.return_path_migrates and facts.proof != "missing")
    if facts.proof == "missing" and not request.without_return:
        findings.append(Finding("return-path-missing", facts.return_path_kind))
    if facts.returned is not None and request.unattended:
        findings.append(Finding("restarted-recently", to_text(facts.returned) or ""))
    if hold is not None and hold.id not in request.consent.confirmed:
        findings.append(Finding("held", hold.by, hold.reason))
    return findings + unconfirmed(facts.losses, request)


def _migration_findings(description: Description, request: RestartRequest, *, possible: bool) -> list[Finding]:
    platform = description.platform or ""
    target = SUCCESSOR.get(platform)
    if target is None or not possible:
        return [Finding("platform-not-restartable", platform)]
    if not runs_on(description.instance_type, target):
        return [Finding("instance-type-not-supported", description.instance_type or "", target)]
    if f"migration:{target}" not in request.consent.confirmed:
        return [Finding("migration-not-confirmed", target, platform)]
    return []


def unconfirmed(losses: Iterable[Mapping[str, Any]], request: RestartRequest) -> list[Finding]:
    """Return a finding for each loss that the person has not accepted. A busy one must be confirmed by itself.

    Args:
        losses: what a restart would destroy now.
        request: what the person accepts.
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
    """Return what the stop destroys, with how the person agreed to that, as the journal records it.

    Args:
        losses: what a restart would destroy now.
        request: what the person accepts.
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
    """Return whether all findings pass by themselves.

    Args:
        findings: what is in the way.
    """
    return {finding.code for finding in findings} <= TRANSIENT
