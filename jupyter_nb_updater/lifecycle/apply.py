"""A plan is carried out, each thing by itself: what AWS refuses keeps nothing else from being done, and nothing goes unsaid."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..instance.aws import AwsError
from .client import Changed, LifecycleClient
from .merge import digest
from .model import CallStep, RolloutPlan, Step

BY_HAND = ("stop-first", "not-now")
"""Turns that wait for a person, or for AWS."""

UNDONE = ("left-out", "missing")


@dataclass(frozen=True)
class RolloutResult:
    """A plan, and what came of it.

    Args:
        plan: what was to be done.
        troubles: why a configuration is not as it should be, by its name.
        stuck: the same of instances.
        is_dry: nothing was done.
    """

    plan: RolloutPlan
    troubles: Mapping[str, str] = field(default_factory=dict)
    stuck: Mapping[str, str] = field(default_factory=dict)
    is_dry: bool = False

    @property
    def failed(self) -> bool:
        """Whether something was refused, left out, or went wrong."""
        return bool(
            self.troubles
            or self.stuck
            or any(not step.stands for step in self.plan.steps)
            or any(call.turn in UNDONE for call in self.plan.calls)
        )

    @property
    def waits(self) -> bool:
        """Whether a person has something to do before all of it is so."""
        return any(call.turn in BY_HAND for call in self.plan.calls)

    def to_json(self) -> dict[str, Any]:
        """As the command line reports it."""
        return {
            "dry_run": self.is_dry,
            "configurations": [_step(step, self.troubles.get(step.before.name)) for step in self.plan.steps],
            "instances": [_call(call, self.stuck.get(call.notebook.name)) for call in self.plan.calls],
        }


async def dry_run(account: LifecycleClient, plan: RolloutPlan) -> RolloutResult:
    """What would be done."""
    return RolloutResult(await _with_platforms(account, plan), is_dry=True)


async def apply(account: LifecycleClient, plan: RolloutPlan) -> RolloutResult:
    """Do it: the configurations one after the other, then the instances that are at rest."""
    troubles: dict[str, str] = {}
    for step in plan.steps:
        if step.writes:
            try:
                await _write(account, step)
            except (AwsError, Changed) as error:
                troubles[step.before.name] = str(error)
    told = await asyncio.gather(*[_give(account, call, troubles) for call in plan.calls])
    stuck = {call.notebook.name: trouble for call, trouble in zip(plan.calls, told, strict=True) if trouble}
    return RolloutResult(await _with_platforms(account, plan), troubles, stuck)


async def _write(account: LifecycleClient, step: Step) -> None:
    if step.todo == "create":
        await account.create(step.before.name, step.after)
    else:
        await account.update(step.before, step.after)


async def _give(account: LifecycleClient, call: CallStep, troubles: Mapping[str, str]) -> str:
    """Why an instance does not have its turn; empty when it has."""
    if call.configuration in troubles:
        return f"the configuration {call.configuration} is not as it should be"
    if call.turn not in ("associate", "disassociate"):
        return ""
    try:
        await account.associate(call.notebook.name, call.configuration if call.turn == "associate" else None)
    except (AwsError, Changed) as error:
        return str(error)
    return ""


async def _with_platforms(account: LifecycleClient, plan: RolloutPlan) -> RolloutPlan:
    """AWS does not start every platform again: whoever is to stop an instance must know whether this is one of them."""

    async def look(call: CallStep) -> CallStep:
        return replace(call, notebook=await account.with_platform(call.notebook)) if call.turn == "stop-first" else call

    return replace(plan, calls=tuple(await asyncio.gather(*map(look, plan.calls))))


def _step(step: Step, trouble: str | None) -> dict[str, Any]:
    return {
        "name": step.before.name,
        "todo": step.todo,
        "version_before": step.version,
        "short": step.is_short,
        "restored": step.is_restored,
        "instances": [*step.users],
        "not_chosen": [*step.strangers],
        "sha256_before": digest(step.before.on_start) if step.before.on_start else None,
        "sha256_after": digest(step.after) if step.after else None,
        "code": step.code or None,
        "message": trouble or step.message or None,
        "done": step.writes and trouble is None,
    }


def _call(call: CallStep, trouble: str | None) -> dict[str, Any]:
    return {
        "name": call.notebook.name,
        "status": call.notebook.status,
        "configuration": call.configuration,
        "turn": call.turn,
        "platform": call.notebook.platform,
        "message": trouble,
    }
