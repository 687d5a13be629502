"""Plan the changes of lifecycle configurations and instances before any of them is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .merge import BlockForms, MergedScript, NotMerged, attach, detach
from .model import AccountView, ConfigAction, ConfigStep, Configuration, InstanceAction, InstanceStep, Notebook, RolloutPlan
from .options import RenderError

FormsFactory = Callable[[bytes], BlockForms]
"""Returns the forms of the block for a script. Settings of an older block in it are kept."""

STATUSES_AT_REST = {"Stopped", "Failed"}
"""Statuses in which an instance accepts another configuration (Developer Guide, "Update a notebook instance"; ``Failed`` is
assumed)."""

ABSENT = "does not have the extension. Add it with `lifecycle attach`."

EXISTS = "already exists with another script. Change it with `lifecycle attach` or `update`, or give another --name."


def plan_attach(view: AccountView, config_name: str, forms: FormsFactory, *, shared: bool, force: bool) -> RolloutPlan:
    """Plan to add the block to the configurations of the selected instances.

    Args:
        view: the account.
        config_name: name of the configuration for instances that have none.
        forms: returns the forms of the block.
        shared: change configurations that are also used by instances that were not selected.
        force: overwrite a block that somebody has edited.
    """
    selected = [one for one in view.notebooks if one.name in view.selected]
    existing = {one.name: one for one in view.configurations}
    names = dict.fromkeys(one.configuration or config_name for one in selected)
    steps = {name: _attach(view, existing[name], forms, force=force) for name in names if name in existing}
    if config_name in names and config_name not in existing:
        steps |= {step.before.name: step for step in plan_create(view, config_name, forms).configurations}
    if not shared:
        steps = {name: _require_shared(step) for name, step in steps.items()}
    return RolloutPlan(tuple(steps.values()), tuple(_attached(one, config_name, steps) for one in selected))


def plan_create(view: AccountView, config_name: str, forms: FormsFactory) -> RolloutPlan:
    """Plan to create a configuration that only installs the extension.

    Args:
        view: the account.
        config_name: name of that configuration.
        forms: returns the forms of the block.
    """
    existing = next((one for one in view.configurations if one.name == config_name), None)
    step = _merge_step(
        ConfigStep(existing or Configuration(config_name), "none"),
        lambda: attach(b"", forms(b""), view.script_limit_bytes),
        "create",
    )
    if existing and step.action == "create":
        step = replace(step, action="refused", code="exists", message=EXISTS)
    return RolloutPlan((step,))


def plan_update(view: AccountView, forms: FormsFactory, *, names: Iterable[str] = (), force: bool) -> RolloutPlan:
    """Plan to update the block in every configuration that has it.

    Args:
        view: the account; the selection is ignored.
        forms: returns the forms of the block.
        names: names of the configurations to update; empty for all.
        force: overwrite a block that somebody has edited.
    """
    wanted = set(names)
    steps = []
    for configuration in view.configurations:
        if wanted and configuration.name not in wanted:
            continue
        step = _attach(view, configuration, forms, force=force)
        if step.version is not None or step.code in ("damaged", "unread") or wanted:
            steps.append(step if step.action != "attach" else replace(step, action="refused", code="absent", message=ABSENT))
    updated = {step.before.name: step for step in steps}
    users = [one for one in view.notebooks if one.configuration in updated]
    return RolloutPlan(tuple(steps), tuple(_attached(one, "", updated) for one in users))


def plan_detach(view: AccountView, *, shared: bool, force: bool) -> RolloutPlan:
    """Plan to remove the block from the configurations of the selected instances.

    Args:
        view: the account.
        shared: change configurations that are also used by instances that were not selected.
        force: remove a block that somebody has edited.
    """
    selected = [one for one in view.notebooks if one.name in view.selected]
    existing = {one.name: one for one in view.configurations}
    names = dict.fromkeys(one.configuration or "" for one in selected)
    steps = {name: _detach(view, existing[name], force=force) for name in names if name in existing}
    if not shared:
        steps = {name: _require_shared(step) for name, step in steps.items()}
    return RolloutPlan(tuple(steps.values()), tuple(_detached(one, steps) for one in selected))


def _attach(view: AccountView, configuration: Configuration, forms: FormsFactory, *, force: bool) -> ConfigStep:
    step = view.step(configuration)
    action: ConfigAction = "attach" if step.version is None else "update"
    return _merge_step(
        step,
        lambda: attach(configuration.on_start, forms(configuration.on_start), view.script_limit_bytes, force=force),
        action,
    )


def _merge_step(step: ConfigStep, merge: Callable[[], MergedScript], action: ConfigAction) -> ConfigStep:
    if step.before.unread:
        return replace(step, action="refused", code="unread", message=step.before.unread)
    try:
        merged = merge()
    except NotMerged as error:
        return replace(step, action="refused", code=error.code, message=str(error))
    except RenderError as error:
        return replace(step, action="refused", code="settings", message=str(error))
    same = merged.text == step.before.on_start
    return replace(step, action="none" if same else action, after=merged.text, is_short=merged.is_short)


def _detach(view: AccountView, configuration: Configuration, *, force: bool) -> ConfigStep:
    step = view.step(configuration)
    if configuration.unread:
        return replace(step, action="refused", code="unread", message=configuration.unread)
    try:
        found = detach(configuration.on_start, force=force)
    except NotMerged as error:
        if error.code == "absent":
            return step
        return replace(step, action="refused", code=error.code, message=str(error))
    if found.is_own_script and configuration.on_create is None:
        return step  # unchanged: its instances are disassociated from it
    return replace(step, action="detach", after=found.without_block, is_restored=found.is_restored)


def _require_shared(step: ConfigStep) -> ConfigStep:
    if not (step.writes and step.unselected):
        return step
    return replace(step, action="shared", code="shared", message="")


def _attached(notebook: Notebook, config_name: str, steps: Mapping[str, ConfigStep]) -> InstanceStep:
    name = notebook.configuration or config_name
    step = steps.get(name)
    if step is None:
        return InstanceStep(notebook, "missing-config", name)
    if not step.stands:
        return InstanceStep(notebook, "skipped", name)
    return InstanceStep(notebook, "next-start" if notebook.configuration else _when_at_rest(notebook, "associate"), name)


def _detached(notebook: Notebook, steps: Mapping[str, ConfigStep]) -> InstanceStep:
    name = notebook.configuration
    step = steps.get(name or "")
    if step is None or (step.action == "none" and not step.is_own_script):
        return InstanceStep(notebook, "absent", name)
    if not step.stands:
        return InstanceStep(notebook, "skipped", name)
    return InstanceStep(notebook, "next-start" if step.action == "detach" else _when_at_rest(notebook, "disassociate"), name)


def _when_at_rest(notebook: Notebook, action: InstanceAction) -> InstanceAction:
    if notebook.status in STATUSES_AT_REST:
        return action
    return "stop-first" if notebook.status in ("InService", "Pending") else "in-transition"
