"""``jupyter nb-updater doctor``: checks everything that a restart needs, and prints the IAM policy that is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import requests
from traitlets.utils.importstring import import_item

from ..advice.adviser import Adviser
from ..advice.hold import Holds
from ..doctor.checks import Check
from ..doctor.doctor import Doctor
from ..instance.aws import Aws
from ..instance.boot_time import BootClock
from ..instance.context import InstanceContext, build_context
from ..instance.metadata import Identity, InstanceMetadata, NotANotebookInstance
from ..instance.s3 import OBSERVED, S3Prefix
from ..instance.sagemaker import PlatformTable
from ..journal import Journal
from ..org_policy.manager import PolicyManager
from ..permissions.statements import PolicyDocument, policy_document
from ..restart.return_path import ReturnPath
from ..restart.risks import RiskMonitor
from ..restart.runner import RETURN_PATH, RestartRunner
from ..service.advice import build_advice
from ..signals.fleet import FleetSource
from ..util.simulated_clock import AdviceClock
from .base import Command, ExitCode, not_an_instance
from .client import ServerError, ServerNotFound, find_server, request_error_text


class DoctorApp(Command):
    """Checks what can be checked without changing anything."""

    name = "jupyter-nb-updater-doctor"
    description = (
        "Check on an instance whether a restart would work: AWS, permissions, the return path, the volume, and how the "
        "instance differs from what is assumed of one. Stops nothing."
    )
    exit_codes = "0: a restart would work, 3: not a notebook instance, 4: something is missing."
    examples = "jupyter nb-updater doctor"
    classes = [
        *(InstanceMetadata, BootClock, AdviceClock, Aws, Adviser, Holds, FleetSource, Journal, PolicyManager, RiskMonitor),
        *(PlatformTable, RestartRunner),
    ]

    def run(self) -> ExitCode:
        """Print the checks, and the IAM policy that allows what is denied."""
        try:
            identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            self.report({"code": error.code, "reason": str(error)}, [not_an_instance(error)])
            return ExitCode.UNKNOWN
        checks, policy = asyncio.run(self._examine(identity))
        content = {
            "instance": {"name": identity.name, "region": identity.region, "account": identity.account},
            "checks": [check.to_json() for check in checks],
            "policy": policy,
        }
        self.report(content, _lines(identity, checks, policy))
        return ExitCode.FAILED if any(check.verdict == "missing" for check in checks) else ExitCode.CURRENT

    async def _examine(self, identity: Identity) -> tuple[list[Check], PolicyDocument | None]:
        context = build_context(identity, self)
        parts = build_advice(context, self, writes=False)
        doctor = Doctor(
            context,
            parts,
            return_path=self._return_path(context),
            risks=RiskMonitor(Path(context.journal.directory), parent=self),
            fleet_report=self._fleet_report(identity),
        )
        try:
            checks = await doctor.examine(_server_state)
        finally:
            parts.policies.close()
            await context.close()
        denied = {check.action for check in checks if check.action and check.verdict in {"missing", "warning"}}
        needs = (*doctor.needs, *doctor.needs_of_document)
        statements = [need.statement(identity) for need in needs if denied & {*need.actions}]
        return checks, policy_document(statements) if statements else None

    def _fleet_report(self, identity: Identity) -> S3Prefix | None:
        """Return where the fleet report is; ``None`` when it is disabled or not a valid place."""
        place = str(self.config.FleetSource.get("location", OBSERVED))
        try:
            return S3Prefix.parse(place, identity) if self.config.FleetSource.get("enabled", True) else None
        except ValueError:
            return None

    def _return_path(self, context: InstanceContext) -> ReturnPath:
        """Return the configured return path."""
        chosen = self.config.RestartRunner.get("return_path_class", RETURN_PATH)
        make: type[ReturnPath] = import_item(chosen) if isinstance(chosen, str) else chosen
        return make(context, parent=self)


def _server_state() -> dict[str, Any] | str:
    try:
        return find_server().call("GET", "state")
    except (ServerNotFound, ServerError) as error:
        return str(error)
    except requests.RequestException as error:
        return request_error_text(error)


def _lines(identity: Identity, checks: Iterable[Check], policy: PolicyDocument | None) -> list[str]:
    lines = [f"{identity.name} ({identity.region})"]
    lines += [f"  {check.verdict:<7}  {check.said} {check.todo}".rstrip() for check in checks]
    if policy is not None:
        lines += ["", "Add this policy to the IAM role of the instance:", json.dumps(policy, indent=2)]
    return lines
