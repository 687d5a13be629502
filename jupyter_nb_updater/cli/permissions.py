"""``jupyter nb-updater permissions``: what the roles must be allowed, as IAM takes it. Needs no AWS."""

from __future__ import annotations

import json
import os
import re

from traitlets import Bool, Enum, List, Unicode, default

from ..instance.metadata import Identity, InstanceMetadata, NotANotebookInstance
from ..permissions.statements import (
    FETCH_THE_WHEEL,
    OF_HEALTH,
    OF_THE_ADMINISTRATOR,
    PUT_THE_WHEEL,
    SEE_AND_TELL_WHAT_IS_NEWER,
    Policy,
    document,
    needed,
    of_document,
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
    """Prints a policy; nothing is created anywhere. On an instance, it is about this one unless another is named."""

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
        return getattr(self._here(), "account", "")

    @default("region")
    def _default_region(self) -> str:
        return getattr(self._here(), "region", "") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""

    @default("notebook")
    def _default_notebook(self) -> str:
        return getattr(self._here(), "name", "")

    def run(self) -> ExitCode:
        """Print it."""
        wrong = self._wrong()
        if wrong:
            self.complain(wrong)
            return ExitCode.USAGE
        from boto3 import Session

        partition = Session().get_partition_for_region(self.region)
        place = Identity(self.notebook, self.region, self.account, partition)
        print(json.dumps(self._policy(place), indent=2))
        return ExitCode.CURRENT

    def _policy(self, place: Identity) -> Policy:
        if self.role == "stack":
            from ..permissions.templates import stack_policy

            return stack_policy(place)
        if self.role == "schedule":
            from ..permissions.templates import schedule_policy

            return schedule_policy(place)
        signals = (SEE_AND_TELL_WHAT_IS_NEWER, *(OF_HEALTH if self.health else ()))
        needs = (*needed(RETURN_PATHS[self.return_path].needs, signals), *of_document(self.document, self.keys))
        of_wheel = FETCH_THE_WHEEL
        if self.role == "administrator":
            needs, of_wheel = OF_THE_ADMINISTRATOR, PUT_THE_WHEEL
        wheel = wheel_statement(self.wheel, place, of_wheel)
        return document([*([wheel] if wheel else []), *[need.statement(place) for need in needs]])

    def _wrong(self) -> str:
        if not re.fullmatch(r"\d{12}", self.account):
            return "--account is missing, or is not 12 digits"
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d+", self.region):
            return "--region is missing, or is not the name of a region, such as eu-west-1"
        if not re.fullmatch(r"[A-Za-z0-9*-]+", self.notebook):
            return "--instance is missing, or is not a name or a pattern of letters, digits, - and *"
        return ""

    def _here(self) -> Identity | None:
        try:
            return InstanceMetadata(parent=self).read()
        except NotANotebookInstance:
            return None
