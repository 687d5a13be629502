"""Runs all checks. Stops nothing, and writes only the tags and files that the extension writes anyway."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..assumptions.checks import compare
from ..assumptions.observed import FILE_NAME, Observed, read_observed
from ..assumptions.registry import load_assumptions
from ..instance import tags
from ..instance.aws import AwsError
from ..instance.context import InstanceContext
from ..instance.s3 import S3Prefix
from ..instance.sagemaker import Description
from ..org_policy.document import PolicyRejected
from ..permissions.statements import Permission, fleet_report_permission, notebook_permissions, policy_document_permissions
from ..restart import recovery
from ..restart.return_path import ReturnPath
from ..restart.risks import RiskMonitor
from ..service.advice import AdviceParts
from ..signals.age import age
from ..signals.maintenance import maintenance
from ..util.clock import to_text
from . import checks as check
from .checks import Check
from .permission_probe import PermissionProbe


class Doctor:
    """Examines one instance, once.

    Args:
        context: the instance.
        parts: the policy, the holds and the adviser, for the fleet tag.
        return_path: the configured way to start the instance again.
        risks: finds what may go wrong with the next start.
        fleet_report: where instances share their software versions; ``None`` when disabled.
    """

    def __init__(
        self,
        context: InstanceContext,
        parts: AdviceParts,
        *,
        return_path: ReturnPath,
        risks: RiskMonitor,
        fleet_report: S3Prefix | None,
    ) -> None:
        self._context, self._parts, self._return_path = context, parts, return_path
        self._risks, self._fleet_report = risks, fleet_report
        self._journal, self._policies = context.journal, parts.policies
        self._now, self._booted = context.system_clock.now(), context.booted()

    @property
    def needs(self) -> tuple[Permission, ...]:
        """The permissions that the IAM role needs, required or not."""
        return notebook_permissions(
            self._return_path.permissions, [fleet_report_permission(self._fleet_report)] if self._fleet_report else []
        )

    @property
    def needs_of_document(self) -> tuple[Permission, ...]:
        """The permissions that the IAM role needs to read and verify the organization policy."""
        return policy_document_permissions(self._policies.url, self._policies.keys)

    async def examine(self, server: Callable[[], dict[str, Any] | str]) -> list[Check]:
        """Run every check, in the order of a restart.

        Args:
            server: returns the state document of the server, or why there is none. It may block.
        """
        await self._policies.load(self._context.advice_clock.now())
        self._context.sagemaker.platforms.use(self._policies.platforms)
        try:
            description: Description | AwsError = await self._context.sagemaker.describe()
        except AwsError as error:
            description = error
        lacks = await self._context.sagemaker.lacks(getattr(description, "lifecycle_config", None))
        checks = [
            check.of_age(self._booted),
            *check.of_clock(self._context.advice_clock),
            *check.of_aws(description, self._now, lacks_config=lacks),
        ]
        if isinstance(description, Description):
            checks += await self._permissions(description)
            found = await self._return_path.verify()
            checks.append(check.of_return(self._return_path.kind, found, self._context.identity.name))
        if self._policies.is_configured:
            checks.append(await self._document())
        state = await asyncio.to_thread(server)
        checks += await asyncio.to_thread(self._look_ahead)
        checks.append(check.of_server(state if isinstance(state, str) else None))
        if not isinstance(state, str) and "channel" in state:  # a server of an earlier version runs until its next start
            checks += check.of_channel(state["channel"])
        return [*checks, *await asyncio.to_thread(self._assumptions)]

    def _assumptions(self) -> list[Check]:
        """Compare this instance with what is assumed of one, by the facts that the server wrote when it started."""
        folder = Path(self._journal.directory)
        content = read_observed(folder, self._context.software.log)
        if content is None:
            return [check.not_observed(str(folder / FILE_NAME), is_old=False)]
        observed = Observed.parse(content)
        if not observed.is_of(self._context.boot_clock.read_id()):
            return [check.not_observed(str(folder / FILE_NAME), is_old=True)]
        return check.of_observed(compare(load_assumptions().values(), observed), str(content.get("time")))

    async def _permissions(self, description: Description) -> list[Check]:
        records = await asyncio.to_thread(self._journal.records)
        at_rest = recovery.replay(records).phase in recovery.SETTLED_PHASES
        state = await self._state(records, description)
        aws, sagemaker = self._context.aws, self._context.sagemaker
        probe = PermissionProbe(aws, sagemaker, self._return_path, self._fleet_report, state, self._now, at_rest)
        required = {action for need in self.needs if need.required for action in need.actions}
        actions: dict[str, Permission] = {}
        for need in self.needs:
            for action in need.actions:
                actions.setdefault(action, need)
        answers = await asyncio.gather(*[probe.of(action, need, description) for action, need in actions.items()])
        return [
            check.of_permission(action, answer, required=action in required)
            for action, answer in zip(actions, answers, strict=True)
        ]

    async def _state(self, records: Iterable[dict[str, object]], description: Description) -> str:
        await self._policies.load(self._context.advice_clock.now())
        adviser, holds = self._parts.adviser, self._parts.holds
        holds.load_history(records)
        now, booted = self._context.advice_clock.now(), self._context.advice_clock.booted(self._booted)
        hold = holds.current(now)
        policy = adviser.policy_in_force(self._policies.policy)
        by_age = age(booted, now, advised_days=policy.advised_days, interval_days=policy.interval_days)
        signals = [by_age, maintenance(description.status, now)]
        advice = adviser.advise(signals, booted, hold, policy, now)
        held = to_text(hold.until) if hold else None
        reported = to_text(self._now)
        return str(tags.FleetState(advice.level, to_text(advice.deadline), to_text(booted), held, reported=reported))

    async def _document(self) -> Check:
        await self._policies.load(self._context.advice_clock.now())
        try:
            document = await self._policies.check(self._context.advice_clock.now())
        except PolicyRejected as refused:
            in_force = self._policies.policy
            return check.of_refused(refused, in_force.origin if in_force else None, self._policies.serial_file)
        return check.of_document(document.origin, is_signed=bool(self._policies.keys))

    def _look_ahead(self) -> list[Check]:
        self._risks.load_history(self._journal.records())
        return [self._volume(), *map(check.of_risk, self._risks.risks(self._booted, self._now))]

    def _volume(self) -> Check:
        folder = Path(self._journal.directory)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder) as file:
                file.write(b"x" * 4096)
                file.flush()
            return check.of_volume(shutil.disk_usage(folder).free, None, str(folder))
        except OSError as error:
            return check.of_volume(0, error, str(folder))
