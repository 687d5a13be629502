"""What is told of a rollout, in words."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from ..instance.platforms import LAST_START, SUCCESSOR
from ..lifecycle.apply import RolloutResult
from ..lifecycle.merge import digest
from ..lifecycle.model import ConfigStep, InstanceStep

DONE_TEXTS = {
    "create": "made, with our script",
    "attach": "our block is in, and theirs is as it was",
    "update": "has the new one",
    "detach": "our block is out",
    "none": "is as it should be",
}
PLANNED_TEXTS = {
    "create": "would be made, with our script",
    "attach": "our block would go in, and theirs stays as it is",
    "update": "would get the new one",
    "detach": "our block would go out",
    "none": "is as it should be",
}
INSTANCE_TEXTS = {
    "next-start": "from its next start on",
    "associate": "{configuration} {is_} its configuration: from its next start on",
    "disassociate": "it {is_} without a configuration: from its next start on",
    "in-transition": "AWS is at it: run this again when it is Stopped",
    "skipped": "stays as it is, since its configuration does",
    "missing-config": "its configuration {configuration} does not exist, and AWS fails its start: make one of that name, "
    "or give it another",
    "absent": "has nothing of ours",
}
CONTROLS = {number: f"\\x{number:02x}" for number in (*range(9), *range(11, 32), 127)}
"""A script is somebody else's text: what steers a terminal is shown and not sent."""


def lines(outcome: RolloutResult) -> Iterator[str]:
    """A line for each configuration and each instance; the difference of each script, where nothing was done."""
    for step in outcome.plan.configurations:
        yield f"{step.before.name}: {_configuration(step, outcome)}"
        if outcome.is_dry and step.action not in ("none", "refused"):
            yield from _difference(step)
    for call in outcome.plan.instances:
        error = outcome.instance_errors.get(call.notebook.name)
        yield f"  {call.notebook.name}  {call.notebook.status}  {error or _turn(call, outcome)}"
    if not (outcome.plan.configurations or outcome.plan.instances):
        yield "There is no lifecycle configuration with our block."


def _configuration(step: ConfigStep, outcome: RolloutResult) -> str:
    if error := outcome.config_errors.get(step.before.name):
        return f"not done: {error}"
    if step.action == "refused":
        return f"not done: {step.message}"
    if step.action == "shared":
        return (
            f"not done: {', '.join(step.unselected)} would be reached too, and were not chosen. Choose them, or give --shared"
        )
    facts = [(PLANNED_TEXTS if outcome.is_dry else DONE_TEXTS)[step.action]]
    if step.is_short:
        facts.append("in its short form, for want of room: it fetches the rest with the wheel")
    if step.action == "attach":
        facts.append(f"SHA-256 of theirs {digest(step.before.on_start)}")
    if step.action == "detach":
        facts.append(_restored(step))
    if step.writes and step.unselected:
        facts.append(f"it reaches {', '.join(step.unselected)} too")
    return "; ".join(facts)


def _restored(step: ConfigStep) -> str:
    if step.is_restored is None:
        return "what it was before us was not noted, so nobody can say whether this is it"
    if step.is_restored:
        return f"what is left is what it was before us, byte for byte (SHA-256 {digest(step.after)})"
    return "somebody has changed their part since ours came: it stays as they have it"


def _turn(call: InstanceStep, outcome: RolloutResult) -> str:
    if call.action == "stop-first":
        return _stop_first(call)
    return INSTANCE_TEXTS[call.action].format(configuration=call.configuration, is_="would be" if outcome.is_dry else "is")


def _stop_first(call: InstanceStep) -> str:
    platform = call.notebook.platform or ""
    if platform in SUCCESSOR:
        return f"runs on {platform}, which AWS starts again only on {SUCCESSOR[platform]}: move it there, and run this again"
    if platform in LAST_START:
        return f"runs on {platform}, which AWS does not start again: do not stop it"
    return (
        "runs, and AWS changes that only while it is stopped. Nothing is stopped here, since it would lose what is not saved: "
        "let its user save and stop it, run this again, then start it"
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
