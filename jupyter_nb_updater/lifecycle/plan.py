"""What is to be done, decided before anything is done: for the chosen instances, by what their configurations say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .merge import BlockForms, MergedScript, attach, detach
from .model import AccountView, CallStep, ConfigAction, Configuration, InstanceAction, Notebook, RolloutPlan, Step
from .options import RenderError
from .script_check import NotMerged

Make = Callable[[bytes], BlockForms]
"""What is put in, by the script that it goes into: an older block of ours has settings that are kept."""

AT_REST = {"Stopped", "Failed"}
"""In which an instance takes another configuration (Developer Guide, "Update a notebook instance"; ``Failed`` is assumed)."""

ABSENT = "our block is not in it: `lifecycle attach` puts it there"

EXISTS = "there is one of that name, with something else in it: `lifecycle attach` or `update` changes it, --name makes another"


def to_attach(seen: AccountView, own: str, forms: Make, *, shared: bool, force: bool) -> RolloutPlan:
    """That the chosen instances have it.

    Args:
        seen: what is there.
        own: the name of the configuration for those that have none.
        forms: what is put in.
        shared: instances that were not chosen may get it too, where they share a configuration.
        force: discard what somebody has changed in an older block.
    """
    chosen = [one for one in seen.notebooks if one.name in seen.chosen]
    there = {one.name: one for one in seen.configurations}
    names = dict.fromkeys(one.configuration or own for one in chosen)
    steps = {name: _attach(seen, there[name], forms, force=force) for name in names if name in there}
    if own in names and own not in there:
        steps |= {step.before.name: step for step in to_create(seen, own, forms).steps}
    if not shared:
        steps = {name: _asking(step) for name, step in steps.items()}
    return RolloutPlan(tuple(steps.values()), tuple(_attached(one, own, steps) for one in chosen))


def to_create(seen: AccountView, own: str, forms: Make) -> RolloutPlan:
    """That there is a configuration of ours, for instances to come.

    Args:
        seen: what is there.
        own: its name.
        forms: what is put in.
    """
    there = next((one for one in seen.configurations if one.name == own), None)
    step = _written(Step(there or Configuration(own), "none"), lambda: attach(b"", forms(b""), seen.most), "create")
    if there and step.todo == "create":
        step = replace(step, todo="refused", code="exists", message=EXISTS)
    return RolloutPlan((step,))


def to_update(seen: AccountView, forms: Make, *, names: Iterable[str] = (), force: bool) -> RolloutPlan:
    """That every configuration with our block has the one of now.

    Args:
        seen: what is there; who was chosen does not matter.
        forms: what is put in.
        names: of those that it is about; none for all.
        force: as above.
    """
    wanted = set(names)
    steps = []
    for configuration in seen.configurations:
        if wanted and configuration.name not in wanted:
            continue
        step = _attach(seen, configuration, forms, force=force)
        if step.version is not None or step.code in ("damaged", "unread") or wanted:
            steps.append(step if step.todo != "attach" else replace(step, todo="refused", code="absent", message=ABSENT))
    have = {step.before.name: step for step in steps}
    users = [one for one in seen.notebooks if one.configuration in have]
    return RolloutPlan(tuple(steps), tuple(_attached(one, "", have) for one in users))


def to_detach(seen: AccountView, *, shared: bool, force: bool) -> RolloutPlan:
    """That the chosen instances are without it.

    Args:
        seen: what is there.
        shared: instances that were not chosen may lose it too, where they share a configuration.
        force: discard what somebody has changed in our block.
    """
    chosen = [one for one in seen.notebooks if one.name in seen.chosen]
    there = {one.name: one for one in seen.configurations}
    names = dict.fromkeys(one.configuration or "" for one in chosen)
    steps = {name: _detach(seen, there[name], force=force) for name in names if name in there}
    if not shared:
        steps = {name: _asking(step) for name, step in steps.items()}
    return RolloutPlan(tuple(steps.values()), tuple(_detached(one, steps) for one in chosen))


def _attach(seen: AccountView, configuration: Configuration, forms: Make, *, force: bool) -> Step:
    step = seen.step(configuration)
    todo: ConfigAction = "attach" if step.version is None else "update"
    return _written(step, lambda: attach(configuration.on_start, forms(configuration.on_start), seen.most, force=force), todo)


def _written(step: Step, merge: Callable[[], MergedScript], todo: ConfigAction) -> Step:
    if step.before.unread:
        return replace(step, todo="refused", code="unread", message=step.before.unread)
    try:
        merged = merge()
    except NotMerged as error:
        return replace(step, todo="refused", code=error.code, message=str(error))
    except RenderError as error:
        return replace(step, todo="refused", code="settings", message=str(error))
    same = merged.text == step.before.on_start
    return replace(step, todo="none" if same else todo, after=merged.text, is_short=merged.is_short)


def _detach(seen: AccountView, configuration: Configuration, *, force: bool) -> Step:
    step = seen.step(configuration)
    if configuration.unread:
        return replace(step, todo="refused", code="unread", message=configuration.unread)
    try:
        found = detach(configuration.on_start, force=force)
    except NotMerged as error:
        if error.code == "absent":
            return step
        return replace(step, todo="refused", code=error.code, message=str(error))
    if found.is_whole and configuration.on_create is None:
        return step  # it stays as it is: whoever is rid of it no longer has it
    return replace(step, todo="detach", after=found.theirs, is_restored=found.is_restored)


def _asking(step: Step) -> Step:
    if not (step.writes and step.strangers):
        return step
    return replace(step, todo="ask", code="shared", message="")


def _attached(notebook: Notebook, own: str, steps: Mapping[str, Step]) -> CallStep:
    name = notebook.configuration or own
    step = steps.get(name)
    if step is None:
        return CallStep(notebook, "missing", name)
    if not step.stands:
        return CallStep(notebook, "left-out", name)
    return CallStep(notebook, "next-start" if notebook.configuration else _when_at_rest(notebook, "associate"), name)


def _detached(notebook: Notebook, steps: Mapping[str, Step]) -> CallStep:
    name = notebook.configuration
    step = steps.get(name or "")
    if step is None or (step.todo == "none" and not step.is_whole):
        return CallStep(notebook, "absent", name)
    if not step.stands:
        return CallStep(notebook, "left-out", name)
    return CallStep(notebook, "next-start" if step.todo == "detach" else _when_at_rest(notebook, "disassociate"), name)


def _when_at_rest(notebook: Notebook, turn: InstanceAction) -> InstanceAction:
    if notebook.status in AT_REST:
        return turn
    return "stop-first" if notebook.status in ("InService", "Pending") else "not-now"
