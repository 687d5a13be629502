"""``jupyter nb-updater stack``: the return path of an account and region. For an administrator, with their own credentials."""

from __future__ import annotations

import sys
from abc import abstractmethod

from traitlets import Bool, Enum, Unicode

from ..cloud import RETURN_PATH_TEMPLATE, SCHEDULE_ROLE_TEMPLATE
from ..fleet import list_fleet
from ..instance.aws import Aws
from ..stack import template
from ..stack.deployment import Deployment
from ..stack.status import StackError
from ..util.clock import utcnow
from .base import AccountCommand, Command, CommandError, CommandGroup, ExitCode

TEMPLATES = {"stack": RETURN_PATH_TEMPLATE, "schedule": SCHEDULE_ROLE_TEMPLATE}

PARAMETERS_BY_OPTION = {parameter.option: parameter for parameter in template.parameters()}


def parameter_trait(name: str) -> Unicode[str | None, str | bytes | None]:
    """Return the trait that holds the value of a parameter of the template; ``None`` for a value that is not given.

    Args:
        name: of the parameter.
    """
    (parameter,) = (parameter for parameter in PARAMETERS_BY_OPTION.values() if parameter.name == name)
    help_text = f"{parameter.description} At first: {parameter.default or 'none'}."
    return Unicode(None, allow_none=True, help=help_text).tag(config=True)


class StackCommand(AccountCommand):
    """A command about one stack."""

    classes = [*AccountCommand.classes, Deployment]
    stack_name = Unicode("nb-updater", help="Name of the stack.").tag(config=True)
    aliases = {**AccountCommand.aliases, "name": "StackCommand.stack_name"}

    @abstractmethod
    async def run_deployment(self, deployment: Deployment) -> None:
        """Do the work of the command.

        Args:
            deployment: of the stack.
        """

    async def act(self, aws: Aws) -> None:
        """Print which stack it is, and do the work."""
        _print(f"The stack {self.stack_name} in {self.region}:")
        try:
            await self.run_deployment(Deployment(aws, self.stack_name, sys.stdout, parent=self))
        except StackError as error:
            raise CommandError(str(error)) from error


class DeployApp(StackCommand):
    """Creates the stack, or updates it. Each parameter of the template is an option."""

    name = "jupyter-nb-updater-stack-deploy"
    description = (
        "Make the stack that starts notebook instances again, or bring it up to date. What is not given stays as it is. "
        "Exit code 0: it is as asked for, 4: AWS refused, or a part of it could not be made."
    )
    examples = "jupyter nb-updater stack deploy --notebook-name-pattern 'research-*' --alarm-email platform@example.com"
    dry_run = Bool(default_value=False, help="Only say what would change.").tag(config=True)
    notebook_name_pattern = parameter_trait("NotebookNamePattern")
    poll_seconds = parameter_trait("PollSeconds")
    start_attempts = parameter_trait("StartAttempts")
    alarm_email = parameter_trait("AlarmEmail")
    flags = {"dry-run": ({"DeployApp": {"dry_run": True}}, dry_run.help)}
    aliases = {**StackCommand.aliases, **{option: f"DeployApp.{option.replace('-', '_')}" for option in PARAMETERS_BY_OPTION}}

    def validation_error(self) -> str:
        """Return what is wrong with the options, or with the value of a parameter; empty when nothing is."""
        values = self._values()
        errors = [one.validation_error(values[one.name]) for one in PARAMETERS_BY_OPTION.values() if one.name in values]
        return super().validation_error() or next(filter(None, errors), "")

    async def run_deployment(self, deployment: Deployment) -> None:
        """Deploy, or print what that would change."""
        if self.dry_run:
            changes = await deployment.preview(self._values())
            _print("\n".join(f"  would {change}" for change in changes) if changes else "Nothing would change.")
        else:
            _print("It is done." if await deployment.deploy(self._values()) else "There was nothing to change.")

    def _values(self) -> dict[str, str]:
        values = {one.name: getattr(self, option.replace("-", "_")) for option, one in PARAMETERS_BY_OPTION.items()}
        return {name: value for name, value in values.items() if value is not None}


class DeleteApp(StackCommand):
    """Deletes the stack, unless an instance counts on it."""

    name = "jupyter-nb-updater-stack-delete"
    description = (
        "Delete the stack, unless a notebook instance of the region waits to be started again by it. "
        "Exit code 0: it is not there any more, 4: it is."
    )
    force = Bool(default_value=False, help="Even if instances stay stopped because of it.").tag(config=True)
    flags = {"force": ({"DeleteApp": {"force": True}}, force.help)}

    async def act(self, aws: Aws) -> None:
        """Delete the stack, unless an instance waits for its return."""
        waiting = [] if self.force else [entry.name for entry in await list_fleet(aws) if entry.waits_for_return(utcnow())]
        if waiting:
            names = ", ".join(waiting)
            raise CommandError(f"{names} would stay stopped: a restart is under way there. Wait for its end, or give --force")
        await super().act(aws)

    async def run_deployment(self, deployment: Deployment) -> None:
        """Delete the stack."""
        _print("It is deleted." if await deployment.delete() else "It is not there.")


class StackRender(Command):
    """Prints a template; nothing is created anywhere."""

    name = "jupyter-nb-updater-stack-render"
    description = "Print the CloudFormation template of the stack, to review it or to deploy it in another way."
    return_path = Enum(list(TEMPLATES), "stack", help="For which return path: `stack`, or the role of `schedule`.").tag(
        config=True
    )
    flags = {}
    aliases = {"return-path": "StackRender.return_path"}

    def run(self) -> ExitCode:
        """Print the template."""
        print(TEMPLATES[self.return_path].read_text("utf-8"), end="")
        return ExitCode.CURRENT


class StackApp(CommandGroup):
    """Groups the commands about the stack."""

    name = "jupyter-nb-updater-stack"
    description = "The stack that starts notebook instances again: one for each account and region."
    subcommands = {
        "render": (StackRender, "Print its template."),
        "deploy": (DeployApp, "Make it, or bring it up to date."),
        "delete": (DeleteApp, "Delete it, unless an instance waits for it."),
    }


def _print(line: str) -> None:
    print(line, flush=True)  # each as it happens: a stack takes minutes
