"""The report about changed lifecycle configurations, in words."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from ..instance.platforms import LAST_START, SUCCESSOR
from ..lifecycle.apply import RolloutResult
from ..lifecycle.merge import digest
from ..lifecycle.model import ConfigStep, InstanceStep

DONE_TEXTS = {
    "create": "created",
    "attach": "extension added; your script is unchanged",
    "update": "extension updated",
    "detach": "extension removed",
    "none": "already up to date",
}
PLANNED_TEXTS = {
    "create": "would be created",
    "attach": "extension would be added; your script would stay unchanged",
    "update": "extension would be updated",
    "detach": "extension would be removed",
    "none": "already up to date",
}
INSTANCE_TEXTS = {
    "next-start": "takes effect at its next start",
    "associate": "{associated} with {configuration}; takes effect at its next start",
    "disassociate": "{disassociated}; takes effect at its next start",
    "in-transition": "AWS is still changing this instance; run again once its status is Stopped.",
    "skipped": "not changed, because its lifecycle configuration was not",
    "missing-config": "lifecycle configuration {configuration} does not exist: the next start fails. Create it, "
    "or attach another one.",
    "absent": "does not have the extension",
}
VERBS = {"associated": "associated", "disassociated": "lifecycle configuration disassociated"}
PLANNED_VERBS = {"associated": "would be associated", "disassociated": "lifecycle configuration would be disassociated"}

CONTROLS = {number: f"\\x{number:02x}" for number in (*range(9), *range(11, 32), 127)}
"""Control characters of a script are made visible: they could change the terminal."""


def lines(outcome: RolloutResult) -> Iterator[str]:
    """Yield a line for each configuration and each instance; for a dry run, also the difference of each script.

    Args:
        outcome: what was done, or would be done.
    """
    for step in outcome.plan.configurations:
        yield f"{step.before.name}: {_configuration(step, outcome)}"
        if outcome.is_dry and step.action not in ("none", "refused"):
            yield "\n".join(_difference(step))
    for call in outcome.plan.instances:
        error = outcome.instance_errors.get(call.notebook.name)
        yield f"  {call.notebook.name}  {call.notebook.status}  {error or _turn(call, outcome)}"
    if not (outcome.plan.configurations or outcome.plan.instances):
        yield "No lifecycle configuration has the extension."


def _configuration(step: ConfigStep, outcome: RolloutResult) -> str:
    if error := outcome.config_errors.get(step.before.name):
        return f"not changed: {error}"
    if step.action == "refused":
        return f"not changed: {step.message}"
    if step.action == "shared":
        return f"not changed: also used by {', '.join(step.unselected)}. Select these too, or give --shared."
    facts = [(PLANNED_TEXTS if outcome.is_dry else DONE_TEXTS)[step.action]]
    if step.is_short:
        facts.append("short form, to stay within the size limit of AWS; the rest comes with the wheel")
    if step.action == "attach":
        facts.append(f"SHA-256 of your script {digest(step.before.on_start)}")
    if step.action == "detach":
        facts.append(_restored(step))
    reported = {call.notebook.name for call in outcome.plan.instances}
    if step.writes and not reported.issuperset(step.unselected):
        facts.append(f"also used by {', '.join(step.unselected)}")
    return "; ".join(facts)


def _restored(step: ConfigStep) -> str:
    if step.is_restored is None:
        return "unknown whether your script is as before: its SHA-256 was not recorded"
    if step.is_restored:
        return f"your script is as before, byte for byte (SHA-256 {digest(step.after)})"
    return "your script has changed since the extension was added; the changes are kept"


def _turn(call: InstanceStep, outcome: RolloutResult) -> str:
    if call.action == "stop-first":
        return _stop_first(call)
    verbs = PLANNED_VERBS if outcome.is_dry else VERBS
    return INSTANCE_TEXTS[call.action].format(configuration=call.configuration, **verbs)


def _stop_first(call: InstanceStep) -> str:
    platform = call.notebook.platform or ""
    if platform in SUCCESSOR:
        return f"AWS no longer starts {platform}: migrate the instance to {SUCCESSOR[platform]}, then run the command again"
    if platform in LAST_START:
        return f"do not stop it: AWS no longer starts {platform}"
    return (
        "must be stopped first. This command stops nothing, because unsaved work would be lost: ask its user to save and stop "
        "it, run the command again, then start it"
    )


def _difference(step: ConfigStep) -> Iterator[str]:
    before, after = (_printable(text) for text in (step.before.on_start, step.after))
    name = step.before.name
    for line in unified_diff(before, after, f"{name} now", f"{name} then", lineterm=""):
        yield f"    {line}"


def _printable(script: bytes) -> list[str]:
    text = script.decode("utf-8", "backslashreplace").translate(CONTROLS)
    rows = text.split("\n")
    return rows[:-1] if not rows[-1] else [*rows[:-1], f"{rows[-1]} (no newline at the end)"]
