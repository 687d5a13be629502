"""Looks at everything that a restart depends on. It stops nothing, and writes only what the extension writes anyway."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from ..advice.adviser import Adviser
from ..advice.hold import Holds
from ..instance import tags
from ..instance.aws import Aws, AwsError
from ..instance.s3 import S3Prefix
from ..instance.sagemaker import Description, SageMaker
from ..journal import Journal
from ..org_policy.errors import PolicyRejected
from ..org_policy.manager import PolicyManager
from ..permissions.statements import Permission, fleet_report_permission, notebook_permissions, policy_document_permissions
from ..restart import recovery
from ..restart.return_path import ReturnPath
from ..restart.risks import RiskMonitor
from ..signals.age import age
from ..signals.maintenance import maintenance
from ..util.clock import to_text
from ..util.simulated_clock import AdviceClock
from . import checks as check
from .checks import Check
from .permission_probe import PermissionProbe


class Doctor:
    """One look at this instance.

    Args:
        aws: the way to AWS.
        sagemaker: this instance.
        return_path: as it is configured.
        observed: where instances tell each other what they run; ``None`` for nowhere.
        journal: on the volume.
        adviser: the configured policy.
        holds: for what the journal says of a hold.
        organization: its document, if there is one.
        outlook: for what may go wrong with the next start.
        booted: when the machine booted.
        clock: that advice goes by.
        now: the real time to judge at.
    """

    def __init__(
        self,
        *,
        aws: Aws,
        sagemaker: SageMaker,
        return_path: ReturnPath,
        observed: S3Prefix | None,
        journal: Journal,
        adviser: Adviser,
        holds: Holds,
        organization: PolicyManager,
        outlook: RiskMonitor,
        booted: datetime | None,
        clock: AdviceClock,
        now: datetime,
    ) -> None:
        self._aws, self._sagemaker, self._return_path, self._journal = aws, sagemaker, return_path, journal
        self._adviser, self._holds, self._organization = adviser, holds, organization
        self._outlook, self._clock = outlook, clock
        self._booted, self._now = booted, now
        self._observed = observed

    @property
    def needs(self) -> tuple[Permission, ...]:
        """What the role must, or may, be allowed."""
        return notebook_permissions(
            self._return_path.permissions, [fleet_report_permission(self._observed)] if self._observed else []
        )

    @property
    def needs_of_document(self) -> tuple[Permission, ...]:
        """What the role must be allowed to read the organization's document, and to see who has signed it."""
        return policy_document_permissions(self._organization.url, self._organization.keys)

    async def examine(self, server: Callable[[], str | None]) -> list[Check]:
        """Every check, in the order in which a restart would meet them.

        Args:
            server: asks for a running server; gives what is wrong, or ``None``. It may block.
        """
        try:
            description: Description | AwsError = await self._sagemaker.describe()
        except AwsError as error:
            description = error
        lacks = await self._sagemaker.lacks(getattr(description, "lifecycle_config", None))
        checks = [
            check.of_age(self._booted),
            *check.of_clock(self._clock),
            *check.of_aws(description, self._now, lacks_config=lacks),
        ]
        if isinstance(description, Description):
            checks += await self._permissions(description)
            checks.append(check.of_return(self._return_path.kind, await self._return_path.verify()))
        if self._organization.is_configured:
            checks.append(await self._document())
        trouble = await asyncio.to_thread(server)
        return [*checks, *await asyncio.to_thread(self._look_ahead), check.of_server(trouble)]

    async def _permissions(self, description: Description) -> list[Check]:
        records = await asyncio.to_thread(self._journal.records)
        at_rest = recovery.replay(records).phase in recovery.SETTLED_PHASES
        state = await self._state(records, description)
        trial = PermissionProbe(self._aws, self._sagemaker, self._return_path, self._observed, state, self._now, at_rest)
        required = {action for need in self.needs if need.required for action in need.actions}
        actions: dict[str, Permission] = {}
        for need in self.needs:
            for action in need.actions:
                actions.setdefault(action, need)
        answers = await asyncio.gather(*[trial.of(action, need, description) for action, need in actions.items()])
        return [
            check.of_permission(action, answer, required=action in required)
            for action, answer in zip(actions, answers, strict=True)
        ]

    async def _state(self, records: Iterable[dict[str, object]], description: Description) -> str:
        await self._organization.load(self._clock.now())
        self._holds.load_history(records)
        now, booted = self._clock.now(), self._clock.booted(self._booted)
        hold = self._holds.current(now)
        policy = self._adviser.policy_in_force(self._organization.policy)
        by_age = age(booted, now, advised_days=policy.advised_days, interval_days=policy.interval_days)
        signals = [by_age, maintenance(description.status, now)]
        advice = self._adviser.advise(signals, booted, hold, policy, now)
        held = to_text(hold.until) if hold else None
        return str(tags.State(advice.level, to_text(advice.deadline), to_text(booted), held))

    async def _document(self) -> Check:
        await self._organization.load(self._clock.now())
        try:
            document = await self._organization.check(self._clock.now())
        except PolicyRejected as refused:
            in_force = self._organization.policy
            return check.of_refused(str(refused), refused.action, in_force.origin if in_force else None)
        return check.of_document(document.origin, is_signed=bool(self._organization.keys))

    def _look_ahead(self) -> list[Check]:
        self._outlook.load_history(self._journal.records())
        return [self._volume(), *map(check.of_risk, self._outlook.risks(self._booted, self._now))]

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
