"""``jupyter nb-updater permissions``: prints the IAM policy of a role. Needs no AWS."""

from __future__ import annotations

import json
import os
import re

from traitlets import Bool, Enum, List, Unicode, default

from ..instance.metadata import Identity, InstanceMetadata, NotANotebookInstance
from ..permissions.statements import (
    ADMINISTRATOR_PERMISSIONS,
    READ_AND_WRITE_FLEET_REPORT,
    READ_HEALTH_EVENTS,
    READ_WHEEL,
    WRITE_WHEEL,
    PolicyDocument,
    notebook_permissions,
    policy_document,
    policy_document_permissions,
    wheel_statement,
)
from ..restart.return_path import ReturnPath
from ..restart.return_path.manual import ManualReturnPath
from ..restart.return_path.schedule import ScheduleReturnPath
from ..restart.return_path.stack import StackReturnPath
from .base import Command, ExitCode

RETURN_PATHS: dict[str, type[ReturnPath]] = {
    path.kind: path for path in (StackReturnPath, ScheduleReturnPath, ManualReturnPath)
}


class PermissionsApp(Command):
    """Prints a policy, on an instance that of its own role unless another is named. Creates nothing."""

    name = "jupyter-nb-updater-permissions"
    description = "Print the smallest policy for the role of notebook instances, or for what starts them again."
    examples = "jupyter nb-updater permissions --account 123456789012 --region eu-west-1 --instance 'research-*' --wheel 's3://bucket/*.whl'"

    account = Unicode(help="The account, 12 digits. Default: of this instance.").tag(config=True)
    region = Unicode(help="The region. Default: of this instance, or AWS_REGION or AWS_DEFAULT_REGION.").tag(config=True)
    notebook = Unicode(help="Name of the instance, or a pattern with * for any text. Default: this one.").tag(config=True)
    role = Enum(
        ["notebook", "stack", "schedule", "administrator"],
        "notebook",
        help="Whose policy: `notebook`, that of who starts it again: `stack` or `schedule`, or of who gives the commands of "
        "`lifecycle`: `administrator`.",
    ).tag(config=True)
    return_path = Enum(list(RETURN_PATHS), "stack", help="Who starts the instance again: `stack`, `schedule` or `manual`.").tag(
        config=True
    )
    wheel = Unicode("", help="Where instances get the wheel, if that is s3://bucket/key; * for any text.").tag(config=True)

    document = Unicode("", help="Where the organization's document lies, if that is s3://bucket/key.").tag(config=True)
    keys = List(Unicode(), help="Keys that are pinned for it; once for each.").tag(config=True)
    health = Bool(default_value=False, help="What HealthSource needs, too.").tag(config=True)

    flags = {"health": ({"PermissionsApp": {"health": True}}, health.help)}
    aliases = {
        "account": "PermissionsApp.account",
        "region": "PermissionsApp.region",
        "instance": "PermissionsApp.notebook",
        "role": "PermissionsApp.role",
        "return-path": "PermissionsApp.return_path",
        "wheel": "PermissionsApp.wheel",
        "document": "PermissionsApp.document",
        "key": "PermissionsApp.keys",
    }
    classes = [InstanceMetadata]

    @default("account")
    def _default_account(self) -> str:
        return getattr(self._identity(), "account", "")

    @default("region")
    def _default_region(self) -> str:
        return (
            getattr(self._identity(), "region", "")
            or os.environ.get("AWS_REGION")
            or os.environ.get("AWS_DEFAULT_REGION")
            or ""
        )

    @default("notebook")
    def _default_notebook(self) -> str:
        return getattr(self._identity(), "name", "")

    def run(self) -> ExitCode:
        """Print the policy."""
        if message := self._validation_error():
            self.error(message)
            return ExitCode.USAGE
        from boto3 import Session

        partition = Session().get_partition_for_region(self.region)
        identity = Identity(self.notebook, self.region, self.account, partition)
        print(json.dumps(self._policy(identity), indent=2))
        return ExitCode.CURRENT

    def _policy(self, identity: Identity) -> PolicyDocument:
        if self.role == "stack":
            from ..permissions.templates import stack_policy

            return stack_policy(identity)
        if self.role == "schedule":
            from ..permissions.templates import schedule_policy

            return schedule_policy(identity)
        signals = (READ_AND_WRITE_FLEET_REPORT, *(READ_HEALTH_EVENTS if self.health else ()))
        permissions = (
            *notebook_permissions(RETURN_PATHS[self.return_path].permissions, signals),
            *policy_document_permissions(self.document, self.keys),
        )
        wheel_permission = READ_WHEEL
        if self.role == "administrator":
            permissions, wheel_permission = ADMINISTRATOR_PERMISSIONS, WRITE_WHEEL
        wheel = wheel_statement(self.wheel, identity, wheel_permission)
        statements = [permission.statement(identity) for permission in permissions]
        return policy_document([wheel, *statements] if wheel else statements)

    def _validation_error(self) -> str:
        if not re.fullmatch(r"\d{12}", self.account):
            return "--account is missing, or is not 12 digits"
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d+", self.region):
            return "--region is missing, or is not the name of a region, such as eu-west-1"
        if not re.fullmatch(r"[A-Za-z0-9*-]+", self.notebook):
            return "--instance is missing, or is not a name or a pattern of letters, digits, - and *"
        return ""

    def _identity(self) -> Identity | None:
        try:
            return InstanceMetadata(parent=self).read()
        except NotANotebookInstance:
            return None
