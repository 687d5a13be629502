"""Checks: what was examined, the verdict, and the next step. No I/O: facts come in, checks go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ..advice.policy import Origin
from ..assumptions.checks import Comparison
from ..cloud.event_pattern import without_capitals
from ..instance.aws import AwsError
from ..instance.platforms import SUCCESSOR, runs_on
from ..instance.sagemaker import Description
from ..org_policy.document import PolicyRejected
from ..restart.return_path import Verification
from ..restart.risks import Risk
from ..util.simulated_clock import AdviceClock
from ..util.text import plural

Answer = Literal["allowed", "denied", "unknown"]
"""Whether the IAM role may call an action."""

Verdict = Literal["ok", "warning", "missing", "unknown", "differs"]

NETWORK = "Check the network: a VPC without internet access needs an endpoint for sagemaker.api."

DEPLOY = {
    "stack": "Ask your administrator to run `jupyter nb-updater stack deploy`, or to enable the rule nb-updater-return.",
    "schedule": "Deploy what `jupyter nb-updater stack render --return-path schedule` prints, or set ScheduleReturnPath.role.",
}


@dataclass(frozen=True)
class Check:
    """The result of one check.

    Args:
        name: what was examined.
        verdict: ``ok``; ``warning``: a restart works with limitations; ``missing``: the instance would not stop, or not start
            again; ``unknown``; ``differs``: not as assumed, and nothing has to be done.
        said: the result, in a sentence.
        todo: the next step; empty when there is none.
        action: the IAM action that was checked, if any.
        reason: code of the reason why the return path is not verified; empty for other checks.
    """

    name: str
    verdict: Verdict
    said: str
    todo: str = ""
    action: str | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the command line reports it."""
        return asdict(self)


def of_age(booted: datetime | None) -> Check:
    """Check whether the boot time is plausible.

    Args:
        booted: the boot time; ``None`` when it is not plausible.
    """
    if booted is None:
        return Check("age", "unknown", "The clock and the boot time of this machine disagree.", "Check the output of `date`.")
    return Check("age", "ok", f"Running since {booted:%Y-%m-%d %H:%M} UTC.")


def of_clock(clock: AdviceClock) -> list[Check]:
    """Warn of a simulated clock: the advice is not about the real age of this instance."""
    if not clock.is_simulated:
        return []
    todo = "Remove AdviceClock from the configuration, unless this is a demonstration."
    return [Check("clock", "warning", f"Advice uses a simulated clock ({clock}).", todo)]


def of_aws(answer: Description | AwsError, now: datetime, *, lacks_config: bool = False) -> list[Check]:
    """Check what AWS reports about the instance, and whether AWS would start it again.

    Args:
        answer: of DescribeNotebookInstance, or its error.
        now: present time.
        lacks_config: whether its lifecycle configuration does not exist.
    """
    if isinstance(answer, AwsError):
        todo = NETWORK if answer.code == "unreachable" else ""
        return [Check("aws", "missing", f"Cannot describe this instance: {answer.message.rstrip('.')}.", todo, answer.action)]
    facts = ", ".join(filter(None, (answer.status, answer.platform, answer.instance_type)))
    described = Check("aws", "ok", f"AWS reports: {facts}.")
    return [described, _platform(answer, now), _lifecycle(answer, lacks_config=lacks_config), _start(answer)]


def _platform(description: Description, now: datetime) -> Check:
    platform = description.platform or "the platform"
    if description.starts_again(now):
        return Check("platform", "ok", f"AWS starts {platform} again after a stop.")
    target = description.moves_to(now)
    if target:
        return Check(
            "platform", "warning", f"AWS no longer starts {platform}; a restart migrates it to {target} (needs confirmation)."
        )
    said = f"AWS no longer starts {platform} after a stop, and a restart may not migrate this instance."
    successor = SUCCESSOR.get(platform, "")
    if not successor or not runs_on(description.instance_type, successor):
        return Check("platform", "missing", said, "Copy your files from the volume before anybody stops the instance.")
    todo = (
        f"Ask your administrator to migrate the instance to {successor}, or to allow restarts to do so: with "
        "PlatformTable.moves_amazon_linux_2, or in a signed organization policy."
    )
    return Check("platform", "missing", said, todo)


def _lifecycle(description: Description, *, lacks_config: bool) -> Check:
    if lacks_config:
        said = f"The lifecycle configuration {description.lifecycle_config} does not exist: the next start would fail."
        return Check("lifecycle", "missing", said, "Create it, or attach another one while the instance is stopped.")
    if description.lifecycle_config:
        return Check("lifecycle", "ok", f"Lifecycle configuration: {description.lifecycle_config}.")
    said = "No lifecycle configuration: the next start does not install this extension."
    return Check("lifecycle", "warning", said, "Stop the instance and run `jupyter nb-updater lifecycle attach`.")


def _start(description: Description) -> Check:
    needed = [
        f"capacity for {description.instance_type or 'the instance type'}",
        f"the subnet {description.subnet}" if description.subnet else "",
        f"permission to use the KMS key {description.kms_key}" if description.kms_key else "",
    ]
    return Check("start", "unknown", f"Cannot be checked from here: {', '.join(filter(None, needed))}.")


def of_permission(action: str, answer: Answer, *, required: bool) -> Check:
    """Check whether the IAM role may call an action.

    Args:
        action: such as ``sagemaker:AddTags``.
        answer: result of the probe.
        required: whether a restart needs the action.
    """
    if answer == "allowed":
        return Check("permission", "ok", f"The IAM role allows {action}.", action=action)
    if answer == "denied":
        verdict: Verdict = "missing" if required else "warning"
        return Check("permission", verdict, f"The IAM role lacks {action}.", "See the policy below.", action)
    return Check("permission", "unknown", f"Cannot be tested without performing it: {action}.", action=action)


def of_return(kind: str, found: Verification, name: str) -> Check:
    """Check who starts the instance again.

    Args:
        kind: of the return path.
        found: what was found of it.
        name: of the instance.
    """
    if kind == "manual":
        return Check("return", "ok", "A person starts the instance again after a stop, as configured.")
    if found.proof == "verified":
        return Check("return", "ok", f"The return path ({kind}) is set up.")
    if found.reason == "unknown-pattern":
        said = f"Unknown whether the rule of the stack matches the name {name}. Its event pattern: {found.detail}"
        return Check("return", "warning", said, "Compare the pattern with the name.", reason=found.reason)
    if found.proof == "assumed":
        said = f"The return path ({kind}) could not be checked; it is assumed to be set up."
        return Check("return", "warning", said, reason=found.reason)
    if found.reason == "outside-pattern":
        return _outside_pattern(found, name)
    said = f"The return path ({kind}) is not set up: nothing would start this instance again."
    return Check("return", "missing", said, DEPLOY.get(kind, ""), reason=found.reason)


def _outside_pattern(found: Verification, name: str) -> Check:
    forms = " and ".join(dict.fromkeys((name, name.lower())))
    said = f"The stack would not start this instance: the event pattern of its rule does not match {forms}: {found.detail}"
    todo = (
        "Ask your administrator to run `jupyter nb-updater stack deploy --notebook-name-pattern` with a pattern that matches, "
        f"such as '{without_capitals(name)}'."
    )
    return Check("return", "missing", said, todo, reason=found.reason)


def of_volume(free: int, error: OSError | None, path: str) -> Check:
    """Check whether the volume has space for the session and the journal.

    Args:
        free: free space, in bytes.
        error: why the journal could not be written; ``None`` when it could.
        path: folder of the journal.
    """
    if error is not None:
        todo = "Free space on the volume, or make the folder writable. Without a journal, a restart is refused."
        return Check("volume", "missing", f"The journal cannot be written: {error}.", todo)
    return Check("volume", "ok", f"The journal is in {path}; {free >> 20:,} MB free.")


def of_risk(risk: Risk) -> Check:
    """Describe something that may go wrong with the next start.

    Args:
        risk: that was found.
    """
    match risk.code:
        case "start-was-slow":
            said = f"The last OnStart script took {risk.subject} seconds. AWS fails a start after {risk.detail} seconds."
            return Check(risk.code, "warning", said, "Shorten the script, or run its long steps in the background (nohup).")
        case "volume-nearly-full":
            said = f"The volume is nearly full: {int(risk.detail) >> 20:,} MB free in {risk.subject}."
            return Check(risk.code, "warning", said, "Free space before you restart.")
        case _:
            said = f"The instance restarted at {risk.subject}; an automatic restart so soon is blocked."
            return Check(risk.code, "warning", said)


def of_document(origin: Origin, *, is_signed: bool) -> Check:
    """Report that the organization policy is valid.

    Args:
        origin: of the document.
        is_signed: whether a pinned key has signed it.
    """
    until = f", until {origin.expires:%Y-%m-%d %H:%M} UTC" if origin.expires else ""
    said = f"The organization policy is valid{until}: document number {origin.serial} of {origin.organization}."
    if is_signed:
        return Check("document", "ok", f"{said} It is signed by a pinned key.")
    return Check("document", "ok", f"{said} No key is pinned.")


def of_refused(refused: PolicyRejected, in_force: Origin | None, serial_file: Path) -> Check:
    """Report that the organization policy was rejected, and the way out.

    Args:
        refused: the reason.
        in_force: the document that stays in force; ``None`` when the configured limits are.
        serial_file: file with the serial below which no document is accepted.
    """
    instead = f"document number {in_force.serial} of {in_force.organization}" if in_force else "the local configuration"
    said = f"The organization policy was rejected: {refused}. In force: {instead}."
    ways_out = {
        "serial": f"Publish a document with a higher number. If the number in force is a mistake, delete {serial_file}.",
        "audience": "Add the name to `audience` in the document and sign it again, or correct `PolicyManager.audience`.",
        "require-unsigned": "Sign the document and pin the key in `PolicyManager.keys`, or publish it with the mode `advise`.",
    }
    todo = ways_out.get(refused.code, "Check it with `jupyter nb-updater policy check`.")
    return Check("document", "warning", said, "See the policy below." if refused.action else todo, refused.action)


def of_server(error: str | None) -> Check:
    """Check whether a Jupyter server with this extension is running.

    Args:
        error: why none was found; ``None`` when one was.
    """
    if error is None:
        return Check("server", "ok", "A Jupyter server with this extension is running.")
    return Check("server", "warning", error, "The log of Jupyter may say why.")


def of_observed(comparisons: Sequence[Comparison], time: str) -> list[Check]:
    """Report how this instance differs from what is assumed of one: first a summary, then each difference.

    Args:
        comparisons: one for each assumption that an instance can show.
        time: when the instance was observed.
    """
    differing = [one for one in comparisons if one.result == "differs"]
    unknown = [one.assumption.check for one in comparisons if one.result == "unknown"]
    holding = len(comparisons) - len(differing) - len(unknown)
    said = f"As assumed: {holding} of {plural(len(comparisons), 'fact')} of this instance, observed at {time}."
    if differing:
        said += f" Different: {len(differing)}, see below."
    summary = Check("observed", "ok", said)
    if unknown:
        said += f" Not observed yet: {'; '.join(unknown)}."
        summary = Check("observed", "unknown", said, "Open JupyterLab in a browser, which shows what the proxy does.")
    return [summary, *map(_difference, differing)]


def _difference(comparison: Comparison) -> Check:
    assumption = comparison.assumption
    said = f"Assumed: {assumption.statement} Found: {comparison.found}. {assumption.meaning}"
    return Check(assumption.id, "warning" if assumption.todo else "differs", said, assumption.todo)


def not_observed(path: str, *, is_old: bool) -> Check:
    """Report that nothing is known of how this instance is set up.

    Args:
        path: of the file with the facts.
        is_old: whether the file is of an earlier boot.
    """
    said = f"{path} is of an earlier start of the instance." if is_old else f"{path} does not exist."
    return Check("observed", "unknown", said, "Jupyter writes it when it starts with this extension.")


MIN_CUTS = 3
"""How many connections that end early are more than somebody who closes a browser."""

KNOW_ORIGIN = (
    "If that is the address of this instance, allow sagemaker:DescribeNotebookInstance, or set ServerApp.allow_origin_pat."
)


def of_channel(channel: dict[str, Any]) -> list[Check]:
    """Check whether the pages can keep a WebSocket to the server. Without one, a restart works, a few seconds slower.

    Args:
        channel: part of the state document.
    """
    found = []
    if channel["refused"]:
        page = channel["origin"] or "an unknown address"
        said = f"The server refused {plural(channel['refused'], 'request')} of pages, the last from {page}."
        found.append(Check("channel", "warning", said, KNOW_ORIGIN))
    if channel["polling"]:
        said = f"{plural(channel['polling'], 'browser tab')} cannot open a WebSocket and polls the server instead."
        found.append(Check("channel", "warning", said, "Allow WebSockets to /nb-updater/channel in every proxy."))
    if channel["cuts"] >= MIN_CUTS:
        said = f"The last {plural(channel['cuts'], 'WebSocket')} ended within seconds."
        found.append(Check("channel", "warning", said, "Look for a proxy that ends WebSockets. A restart still works."))
    return found or [Check("channel", "ok", "No browser tab had a problem with its connection.")]
