"""May it stop, will it come back, and does the person know what is lost? Pure: the facts come in, the findings go out."""

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
"""Findings that pass by themselves: a restart that waits for its moment goes on waiting."""


@dataclass(frozen=True)
class Facts:
    """What is known at the moment of the decision.

    Args:
        description: the instance as AWS sees it. StopNotebookInstance is accepted only from ``InService``
            (AWS's error text, seen in hashicorp/terraform-provider-aws#16767).
        proof: how sure it is that somebody starts it again.
        kind: which return path that is.
        migrates: whether that return path can move it to another platform.
        losses: what is running now.
        hold: the hold that is in force now.
        lacks_config: whether AWS has its lifecycle configuration no more. That its start would fail then is assumed; certain is
            that this extension, which it installs, would not come back.
        returned: when a restart has come back, if that is so recent that another one looks like a loop.
    """

    description: Description
    proof: Proof
    kind: str
    migrates: bool
    losses: Iterable[Mapping[str, Any]] = ()
    hold: Hold | None = None
    lacks_config: bool = False
    returned: datetime | None = None


def examine(facts: Facts, request: RestartRequest, now: datetime) -> list[Finding]:
    """Everything that speaks against stopping now.

    Args:
        facts: what is known.
        request: what the person accepts. Nobody is there to accept anything when it is unattended.
        now: the time to judge at. A platform that AWS no longer starts is a one-way door, unless the instance is moved.
    """
    description, hold = facts.description, facts.hold
    findings = []
    if description.status != "InService":
        findings.append(Finding("not-in-service", description.status))
    if facts.lacks_config:
        findings.append(Finding("lifecycle-config-missing", description.lifecycle_config or ""))
    if not description.starts_again(now):
        findings += _in_the_way_of_a_move(description, request, possible=facts.migrates and facts.proof != "missing")
    if facts.proof == "missing" and not request.without_return:
        findings.append(Finding("return-path-missing", facts.kind))
    if facts.returned is not None and request.unattended:
        findings.append(Finding("restarted-recently", to_text(facts.returned) or ""))
    if hold is not None and hold.id not in request.consent.confirmed:
        findings.append(Finding("held", hold.by, hold.reason))
    return findings + unconfirmed(facts.losses, request)


def _in_the_way_of_a_move(description: Description, request: RestartRequest, *, possible: bool) -> list[Finding]:
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
    """What would be lost without the person's word. Losing a busy thing takes a second word, which names it."""
    findings = []
    for loss in losses:
        if not needs_confirmation(loss):
            continue
        if loss["busy"] and loss["id"] not in request.consent.confirmed:
            findings.append(Finding("busy-not-confirmed", journal_name(loss), loss["kind"]))
        elif not request.consent.covers(loss) and not request.unattended:
            findings.append(Finding("losses-not-confirmed", journal_name(loss), loss["kind"]))
    return findings


def is_transient(findings: Iterable[Finding]) -> bool:
    """Whether all that is in the way passes by itself."""
    return {finding.code for finding in findings} <= TRANSIENT
