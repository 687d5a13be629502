"""One thing that was looked at, and what follows from it. Pure: the facts come in, the checks go out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from ..advice.policy import Origin
from ..instance.aws import AwsError
from ..instance.sagemaker import Description
from ..restart.return_path import Proof
from ..restart.risks import Risk
from ..util.simulated_clock import AdviceClock

Answer = Literal["allowed", "denied", "unknown"]
"""Whether the role is allowed an action."""

Verdict = Literal["ok", "warning", "missing", "unknown"]

NETWORK = "Look at the network: a VPC without internet needs an endpoint for sagemaker.api."

DEPLOY = {
    "stack": "Have `jupyter nb-updater stack deploy` run for this account and region, or the rule nb-updater-return enabled.",
    "schedule": "Deploy what `jupyter nb-updater stack render --return-path schedule` prints, or set ScheduleReturnPath.role.",
}


@dataclass(frozen=True)
class Check:
    """A verdict in words.

    Args:
        name: what was looked at.
        verdict: ``ok``; ``warning``: a restart works, with less; ``missing``: none, or none that comes back; ``unknown``.
        said: how it is, in a sentence.
        todo: what to do about it; empty when there is nothing to do.
        action: the IAM action that it is about.
    """

    name: str
    verdict: Verdict
    said: str
    todo: str = ""
    action: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As the command line reports it."""
        return asdict(self)


def of_age(booted: datetime | None) -> Check:
    """Whether the boot time can be believed."""
    if booted is None:
        return Check("age", "unknown", "The clock or the boot time of this machine is not plausible.", "Look at `date`.")
    return Check("age", "ok", f"It is up since {booted:%Y-%m-%d %H:%M} UTC.")


def of_clock(clock: AdviceClock) -> list[Check]:
    """A simulated clock is not passed over: what is said of this instance is not so."""
    if not clock.is_simulated:
        return []
    todo = "Remove Clock from the configuration, unless this is a demonstration."
    return [Check("clock", "warning", f"Advice does not go by the wall clock, it is {clock}.", todo)]


def of_aws(answer: Description | AwsError, now: datetime, *, lacks_config: bool = False) -> list[Check]:
    """What AWS says of the instance, and whether it would start it again.

    Args:
        answer: of DescribeNotebookInstance.
        now: the time to judge at.
        lacks_config: whether its lifecycle configuration is gone.
    """
    if isinstance(answer, AwsError):
        todo = NETWORK if answer.code == "unreachable" else ""
        return [Check("aws", "missing", f"AWS does not describe this instance: {answer.message}", todo, answer.action)]
    facts = ", ".join(filter(None, (answer.status, answer.platform, answer.instance_type)))
    described = Check("aws", "ok", f"AWS describes it: {facts}.")
    return [described, _platform(answer, now), _lifecycle(answer, lacks_config=lacks_config), _start(answer)]


def _platform(description: Description, now: datetime) -> Check:
    platform = description.platform or "its platform"
    if description.starts_again(now):
        return Check("platform", "ok", f"AWS starts {platform} again after a stop.")
    target = description.moves_to(now)
    if target:
        return Check("platform", "warning", f"AWS no longer starts {platform}; a restart moves it to {target}, after a word.")
    said = f"AWS no longer starts {platform} once it is stopped, and this instance cannot be moved."
    return Check("platform", "missing", said, "Copy what you need from its volume before anybody stops it.")


def _lifecycle(description: Description, *, lacks_config: bool) -> Check:
    if lacks_config:
        said = f"Its lifecycle configuration {description.lifecycle_config} is gone: its next start would fail."
        return Check("lifecycle", "missing", said, "Make one of that name, or attach another while it is stopped.")
    if description.lifecycle_config:
        return Check("lifecycle", "ok", f"Its lifecycle configuration is {description.lifecycle_config}.")
    said = "It has no lifecycle configuration: after a restart this extension is not installed any more."
    return Check("lifecycle", "warning", said, "Attach one: `jupyter nb-updater lifecycle attach`, while it is stopped.")


def _start(description: Description) -> Check:
    needed = [
        f"capacity for {description.instance_type or 'its type'}",
        f"the subnet {description.subnet}" if description.subnet else "",
        f"the KMS key {description.kms_key}, and the right to use it" if description.kms_key else "",
    ]
    return Check("start", "unknown", f"A start needs what cannot be seen from here: {', '.join(filter(None, needed))}.")


def of_permission(action: str, answer: Answer, *, required: bool) -> Check:
    """Whether the role is allowed an action.

    Args:
        action: such as ``sagemaker:AddTags``.
        answer: what the trial showed.
        required: whether there is no restart without it.
    """
    if answer == "allowed":
        return Check("permission", "ok", f"The role is allowed {action}.", action=action)
    if answer == "denied":
        verdict: Verdict = "missing" if required else "warning"
        return Check("permission", verdict, f"The role is not allowed {action}.", "See the policy below.", action)
    return Check("permission", "unknown", f"Whether the role is allowed {action} shows only when it is done.", action=action)


def of_return(kind: str, proof: Proof) -> Check:
    """Who starts the instance again."""
    if kind == "manual":
        return Check("return", "ok", "A person starts it again after a stop, as configured.")
    if proof == "verified":
        return Check("return", "ok", f"The return path ({kind}) is there.")
    if proof == "assumed":
        return Check("return", "warning", f"The return path ({kind}) could not be seen: it is assumed to be there.")
    said = f"The return path ({kind}) is not there: nobody would start this instance again."
    return Check("return", "missing", said, DEPLOY.get(kind, ""))


def of_volume(free: int, error: OSError | None, path: str) -> Check:
    """Whether there is room for what is saved, and for the journal.

    Args:
        free: bytes.
        error: why nothing could be written; ``None`` when it could.
        path: the folder of the journal.
    """
    if error is not None:
        todo = "Make room on the volume, or make the folder writable: without a journal nothing is stopped."
        return Check("volume", "missing", f"The journal cannot be written: {error}", todo)
    return Check("volume", "ok", f"The journal is in {path}; {free >> 20} MB are free.")


def of_risk(risk: Risk) -> Check:
    """What may go wrong with the next start."""
    match risk.code:
        case "start-was-slow":
            said = f"The last OnStart script took {risk.subject} seconds; AWS fails a start after {risk.detail}."
            return Check(risk.code, "warning", said, "Let it do less, or leave what takes long to the background (nohup).")
        case "volume-nearly-full":
            said = f"The volume is nearly full: {int(risk.detail) >> 20} MB are free in {risk.subject}."
            return Check(risk.code, "warning", said, "Make room before you restart.")
        case _:
            said = f"It came back from a restart at {risk.subject}: one that nobody watches would be refused."
            return Check(risk.code, "warning", said)


def of_document(origin: Origin, *, is_signed: bool) -> Check:
    """That the organization's document is there, and good."""
    until = f", until {origin.expires:%Y-%m-%d %H:%M} UTC" if origin.expires else ""
    said = f"The organization's document is good: serial {origin.serial} of {origin.organization}{until}."
    if is_signed:
        return Check("document", "ok", f"{said} A pinned key has signed it.")
    return Check("document", "ok", f"{said} No key is pinned.")


def of_refused(why: str, action: str | None, in_force: Origin | None) -> Check:
    """That it is not taken.

    Args:
        why: in words.
        action: the IAM action that is missing.
        in_force: the document that is; ``None`` when the configured limits are.
    """
    instead = f"serial {in_force.serial} of {in_force.organization}" if in_force else "what is configured here"
    said = f"The organization's document is not taken: {why}. In force is {instead}."
    todo = "See the policy below." if action else "Have it looked at with `jupyter nb-updater policy check`."
    return Check("document", "warning", said, todo, action)


def of_server(error: str | None) -> Check:
    """Whether a Jupyter server with the extension runs."""
    if error is None:
        return Check("server", "ok", "A Jupyter server with this extension is running.")
    return Check("server", "warning", error, "Look at `jupyter server extension list` and at the log of Jupyter.")
