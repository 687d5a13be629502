"""Apply a plan. Each change is independent: a refused one does not stop the others, and each is reported."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..instance.aws import AwsError
from .client import ConfigChanged, LifecycleClient
from .merge import digest
from .model import ConfigStep, InstanceStep, RolloutPlan

WAITING_ACTIONS = ("stop-first", "in-transition")
"""Actions that need a person, or wait for AWS."""

FAILED_ACTIONS = ("skipped", "missing-config")


@dataclass(frozen=True)
class RolloutResult:
    """A plan and its result.

    Args:
        plan: the plan.
        config_errors: name of a configuration to why it was not changed.
        instance_errors: name of an instance to why it was not changed.
        is_dry: whether this was a dry run.
    """

    plan: RolloutPlan
    config_errors: Mapping[str, str] = field(default_factory=dict)
    instance_errors: Mapping[str, str] = field(default_factory=dict)
    is_dry: bool = False

    @property
    def failed(self) -> bool:
        """Whether at least one change was refused or failed."""
        return bool(
            self.config_errors
            or self.instance_errors
            or any(not step.stands for step in self.plan.configurations)
            or any(call.action in FAILED_ACTIONS for call in self.plan.instances)
        )

    @property
    def needs_action(self) -> bool:
        """Whether a person has to do something before the plan is complete."""
        return any(call.action in WAITING_ACTIONS for call in self.plan.instances)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of the command line."""
        return {
            "dry_run": self.is_dry,
            "configurations": [_step(step, self.config_errors.get(step.before.name)) for step in self.plan.configurations],
            "instances": [_call(call, self.instance_errors.get(call.notebook.name)) for call in self.plan.instances],
        }


async def dry_run(account: LifecycleClient, plan: RolloutPlan) -> RolloutResult:
    """Return the plan without applying it.

    Args:
        account: the account and region.
        plan: the plan.
    """
    return RolloutResult(await _with_platforms(account, plan), is_dry=True)


async def apply(account: LifecycleClient, plan: RolloutPlan) -> RolloutResult:
    """Apply the plan: first the configurations, one after the other, then the stopped instances.

    Args:
        account: the account and region.
        plan: the plan.
    """
    config_errors: dict[str, str] = {}
    for step in plan.configurations:
        if step.writes:
            try:
                await _update_configuration(account, step)
            except (AwsError, ConfigChanged) as error:
                config_errors[step.before.name] = str(error)
    errors = await asyncio.gather(*[_update_instance(account, call, config_errors) for call in plan.instances])
    instance_errors = {call.notebook.name: error for call, error in zip(plan.instances, errors, strict=True) if error}
    return RolloutResult(await _with_platforms(account, plan), config_errors, instance_errors)


async def _update_configuration(account: LifecycleClient, step: ConfigStep) -> None:
    if step.action == "create":
        await account.create(step.before.name, step.after)
    else:
        await account.update(step.before, step.after)


async def _update_instance(account: LifecycleClient, call: InstanceStep, config_errors: Mapping[str, str]) -> str:
    """Update one instance. Return why it was not changed; empty when it was."""
    if call.configuration in config_errors:
        return f"not changed, because {call.configuration} was not"
    if call.action not in ("associate", "disassociate"):
        return ""
    try:
        await account.associate(call.notebook.name, call.configuration if call.action == "associate" else None)
    except (AwsError, ConfigChanged) as error:
        return str(error)
    return ""


async def _with_platforms(account: LifecycleClient, plan: RolloutPlan) -> RolloutPlan:
    """Add the platform of each instance that must be stopped: AWS does not start every platform again."""

    async def with_platform(call: InstanceStep) -> InstanceStep:
        return replace(call, notebook=await account.with_platform(call.notebook)) if call.action == "stop-first" else call

    return replace(plan, instances=tuple(await asyncio.gather(*map(with_platform, plan.instances))))


def _step(step: ConfigStep, error: str | None) -> dict[str, Any]:
    return {
        "name": step.before.name,
        "action": step.action,
        "version_before": step.version,
        "short": step.is_short,
        "restored": step.is_restored,
        "instances": [*step.users],
        "not_selected": [*step.unselected],
        "sha256_before": digest(step.before.on_start) if step.before.on_start else None,
        "sha256_after": digest(step.after) if step.after else None,
        "code": step.code or None,
        "message": error or step.message or None,
        "done": step.writes and error is None,
    }


def _call(call: InstanceStep, error: str | None) -> dict[str, Any]:
    return {
        "name": call.notebook.name,
        "status": call.notebook.status,
        "configuration": call.configuration,
        "action": call.action,
        "platform": call.notebook.platform,
        "message": error,
    }
