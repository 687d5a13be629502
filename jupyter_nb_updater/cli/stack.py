"""``jupyter nb-updater stack``: deploys and deletes the stack of the return path, for administrators."""

from __future__ import annotations

import sys
from abc import abstractmethod

from traitlets import Bool, Enum, Unicode

from ..cloud import RETURN_PATH_TEMPLATE, SCHEDULE_ROLE_TEMPLATE
from ..cloud.event_pattern import without_capitals
from ..fleet import list_fleet
from ..instance.aws import Aws, AwsError
from ..instance.sagemaker import notebook_instances
from ..stack import template
from ..stack.deployment import Deployment
from ..stack.status import StackError
from ..util.clock import utcnow
from .base import AccountCommand, Command, CommandError, CommandGroup, ExitCode

TEMPLATES = {"stack": RETURN_PATH_TEMPLATE, "schedule": SCHEDULE_ROLE_TEMPLATE}

PARAMETERS_BY_OPTION = {parameter.option: parameter for parameter in template.parameters()}


def parameter_trait(name: str) -> Unicode[str | None, str | bytes | None]:
    """Return the trait for a parameter of the template; its value is ``None`` when the option is not given.

    Args:
        name: of the parameter.
    """
    (parameter,) = (parameter for parameter in PARAMETERS_BY_OPTION.values() if parameter.name == name)
    help_text = f"{parameter.description} Default: the present value; in a new stack {parameter.default or 'none'}."
    return Unicode(None, allow_none=True, help=help_text).tag(config=True)


class StackCommand(AccountCommand):
    """A command about one stack."""

    classes = [*AccountCommand.classes, Deployment]
    stack_name = Unicode("nb-updater", help="Name of the stack.").tag(config=True)
    aliases = {**AccountCommand.aliases, "name": "StackCommand.stack_name"}

    @abstractmethod
    async def run_deployment(self, deployment: Deployment) -> None:
        """Run the command.

        Args:
            deployment: of the stack.
        """

    async def act(self, aws: Aws) -> None:
        """Print the name of the stack, and run the command."""
        _print(f"Stack {self.stack_name} in {self.region}:")
        try:
            await self.run_deployment(Deployment(aws, self.stack_name, sys.stdout, parent=self))
        except StackError as error:
            raise CommandError(str(error)) from error


class DeployApp(StackCommand):
    """Creates or updates the stack. Each parameter of the template is an option."""

    name = "jupyter-nb-updater-stack-deploy"
    description = (
        "Create or update the stack that starts stopped notebook instances again. One stack for each account and region. "
        "Options that are not given keep their present values."
    )
    exit_codes = "0: deployed, or nothing to change, 4: AWS refused, or did not finish in time."
    examples = """jupyter nb-updater stack deploy --region eu-west-1 --dry-run
    jupyter nb-updater stack deploy --notebook-name-pattern 'research-*' --alarm-email platform@example.com"""
    dry_run = Bool(default_value=False, help="Show what would change, and change nothing.").tag(config=True)
    notebook_name_pattern = parameter_trait("NotebookNamePattern")
    poll_seconds = parameter_trait("PollSeconds")
    start_attempts = parameter_trait("StartAttempts")
    alarm_email = parameter_trait("AlarmEmail")
    flags = {"dry-run": ({"DeployApp": {"dry_run": True}}, dry_run.help)}
    aliases = {**StackCommand.aliases, **{option: f"DeployApp.{option.replace('-', '_')}" for option in PARAMETERS_BY_OPTION}}

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        values = self._values()
        errors = [one.validation_error(values[one.name]) for one in PARAMETERS_BY_OPTION.values() if one.name in values]
        return super().validation_error() or next(filter(None, errors), "")

    async def act(self, aws: Aws) -> None:
        """Deploy the stack, unless its pattern misses every instance of the region because of capital letters."""
        await self._check_names(aws)
        await super().act(aws)

    async def _check_names(self, aws: Aws) -> None:
        """Compare a new pattern with the instances that exist. Without the permission to list them, there is no check."""
        if self.notebook_name_pattern is None:
            return
        try:
            names = [listed["NotebookInstanceName"] for listed in await notebook_instances(aws)]
        except AwsError as error:
            self.log.debug("Could not list the notebook instances: %s", error)
            return
        matched, in_lower_case = template.matching_names(self.notebook_name_pattern, names)
        if not in_lower_case:
            return
        listed = ", ".join(in_lower_case)
        said = (
            f"The pattern {self.notebook_name_pattern} does not match {listed}: AWS uses a name with its capital letters, too. "
            f"Write * for each of them, such as '{without_capitals(in_lower_case[0])}'."
        )
        if not matched:
            raise CommandError(said)
        _print(said)

    async def run_deployment(self, deployment: Deployment) -> None:
        """Deploy the stack, or print what would change."""
        if self.dry_run:
            changes = await deployment.preview(self._values())
            _print("\n".join(f"  would {change}" for change in changes) if changes else "Nothing would change.")
        else:
            _print("Deployed." if await deployment.deploy(self._values()) else "Already up to date.")

    def _values(self) -> dict[str, str]:
        values = {one.name: getattr(self, option.replace("-", "_")) for option, one in PARAMETERS_BY_OPTION.items()}
        return {name: value for name, value in values.items() if value is not None}


class DeleteApp(StackCommand):
    """Deletes the stack, unless an instance needs it to start again."""

    name = "jupyter-nb-updater-stack-delete"
    description = "Delete the stack, unless a notebook instance of the region is waiting for it to start again."
    exit_codes = "0: the stack does not exist any more, 4: it could not be deleted."
    examples = "jupyter nb-updater stack delete --region eu-west-1"
    force = Bool(default_value=False, help="Delete it even if instances stay stopped because of that.").tag(config=True)
    flags = {"force": ({"DeleteApp": {"force": True}}, force.help)}

    async def act(self, aws: Aws) -> None:
        """Delete the stack, unless an instance is waiting for it."""
        now = utcnow()
        waiting = [] if self.force else [entry.name for entry in await list_fleet(aws, now) if entry.waits_for_return(now)]
        if waiting:
            names = ", ".join(waiting)
            raise CommandError(
                f"A restart is running on {names}, which would stay stopped. Wait until it has finished, or give --force."
            )
        await super().act(aws)

    async def run_deployment(self, deployment: Deployment) -> None:
        """Delete the stack."""
        _print("Deleted." if await deployment.delete() else "The stack does not exist.")


class StackRender(Command):
    """Prints a template. Makes no requests."""

    name = "jupyter-nb-updater-stack-render"
    description = "Print the CloudFormation template of the stack, to review it or to deploy it with another tool."
    exit_codes = "0: done."
    examples = "jupyter nb-updater stack render > return-path.yaml"
    return_path = Enum(
        list(TEMPLATES), "stack", help="Template of the `stack`, or of the role that the return path `schedule` needs."
    ).tag(config=True)
    flags = {}
    aliases = {"return-path": "StackRender.return_path"}

    def run(self) -> ExitCode:
        """Print the template."""
        print(TEMPLATES[self.return_path].read_text("utf-8"), end="")
        return ExitCode.CURRENT


class StackApp(CommandGroup):
    """Has the commands about the stack."""

    name = "jupyter-nb-updater-stack"
    description = "Deploy the stack that starts stopped notebook instances again. One stack for each account and region."
    subcommands = {
        "render": (StackRender, "Print the CloudFormation template."),
        "deploy": (DeployApp, "Create or update the stack."),
        "delete": (DeleteApp, "Delete the stack, unless an instance is waiting for it."),
    }


def _print(line: str) -> None:
    print(line, flush=True)  # at once: a stack takes minutes
