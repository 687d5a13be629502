"""``jupyter nb-updater permissions``: prints the IAM policy that a role needs. Makes no requests."""

from __future__ import annotations

import json
import os
import re

from traitlets import Bool, Enum, List, Unicode, default

from ..cloud.event_pattern import without_capitals
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


TEMPLATE_ROLES = {"stack", "schedule"}
"""Roles of the templates, whose pattern of names has no capital letters."""


class PermissionsApp(Command):
    """Prints an IAM policy; on an instance, that of its own role by default. Changes nothing."""

    name = "jupyter-nb-updater-permissions"
    description = "Print the smallest IAM policy for a role: that of notebook instances, or of what starts them again."
    exit_codes = "0: done, 2: an option is missing or wrong."
    examples = """jupyter nb-updater permissions --account 123456789012 --region eu-west-1 --instance 'research-*'
    jupyter nb-updater permissions --role administrator --account 123456789012 --region eu-west-1 --instance '*'"""

    account = Unicode(help="AWS account, 12 digits. Default: that of this instance.").tag(config=True)
    region = Unicode(help="AWS region. Default: that of this instance, AWS_REGION or AWS_DEFAULT_REGION.").tag(config=True)
    notebook = Unicode(help="Name of the instance, or a pattern with * for any text. Default: this instance.").tag(
        config=True, placeholder="NAME"
    )
    role = Enum(
        ["notebook", "stack", "schedule", "administrator"],
        "notebook",
        help="Role that needs the policy: `notebook` (the instances), `stack` or `schedule` (what starts them again), or "
        "`administrator` (whoever runs the `lifecycle` commands).",
    ).tag(config=True)
    return_path = Enum(list(RETURN_PATHS), "stack", help="What starts the instances again.").tag(config=True)
    wheel = Unicode("", help="Address of the wheel on S3, s3://bucket/key, with * for any text. Default: not on S3.").tag(
        config=True, placeholder="S3_URL"
    )

    document = Unicode("", help="Address of the organization policy on S3, s3://bucket/key. Default: not on S3.").tag(
        config=True, placeholder="S3_URL"
    )
    keys = List(Unicode(), help="ARN of a KMS key that signs the organization policy. May be repeated.").tag(
        config=True, placeholder="ARN"
    )
    health = Bool(default_value=False, help="Add the permissions of the source HealthSource.").tag(config=True)

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
        name: str = getattr(self._identity(), "name", "")
        return without_capitals(name) if self.role in TEMPLATE_ROLES else name

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
            return "--account: give the 12 digits of the AWS account."
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d+", self.region):
            return "--region: give the name of an AWS region, such as eu-west-1."
        if not re.fullmatch(r"[A-Za-z0-9*-]+", self.notebook):
            return "--instance: give a name, or a pattern of letters, digits, - and *."
        if self.role in TEMPLATE_ROLES:
            from ..stack.template import name_pattern_error

            if error := name_pattern_error(self.notebook):
                return f"--instance: {error}"
        return ""

    def _identity(self) -> Identity | None:
        try:
            return InstanceMetadata(parent=self).read()
        except NotANotebookInstance:
            return None
