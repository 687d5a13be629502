"""``jupyter nb-updater stack``: the return path of an account and region. For an administrator, with their own credentials."""

from __future__ import annotations

from abc import abstractmethod
from typing import cast

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

PARAMETERS = {one.option.replace("-", "_"): one for one in template.parameters()}
"""By the name of the trait that holds the value."""


class StackCommand(AccountCommand):
    """Does something with one stack."""

    classes = [*AccountCommand.classes, Deployment]
    stack_name = Unicode("nb-updater", help="Name of the stack.").tag(config=True)
    aliases = {**AccountCommand.aliases, "name": "StackCommand.stack_name"}

    @abstractmethod
    async def do(self, deployment: Deployment) -> None:
        """What the command is for."""

    async def act(self, aws: Aws) -> None:
        """Say where, and do it."""
        _say(f"The stack {self.stack_name} in {self.region}:")
        try:
            await self.do(Deployment(aws, self.stack_name, _say, parent=self))
        except StackError as error:
            raise CommandError(str(error)) from error


class StackDeploy(StackCommand):
    """Makes the stack, or changes it; its parameters are options."""

    name = "jupyter-nb-updater-stack-deploy"
    description = (
        "Make the stack that starts notebook instances again, or bring it up to date. What is not given stays as it is. "
        "Exit code 0: it is as asked for, 4: AWS refused, or a part of it could not be made."
    )
    examples = "jupyter nb-updater stack deploy --notebook-name-pattern 'research-*' --alarm-email platform@example.com"
    dry_run = Bool(default_value=False, help="Only say what would change.").tag(config=True)
    flags = {"dry-run": ({"StackDeploy": {"dry_run": True}}, dry_run.help)}

    def validation_error(self) -> str:
        """So too a value that CloudFormation would not take."""
        values = self._values()
        troubles = [one.trouble(values[one.name]) for one in PARAMETERS.values() if one.name in values]
        return super().validation_error() or next(filter(None, troubles), "")

    async def do(self, deployment: Deployment) -> None:
        """Deploy, or say what that would change."""
        if self.dry_run:
            changes = await deployment.preview(self._values())
            _say("\n".join(f"  would {change}" for change in changes) if changes else "Nothing would change.")
        else:
            _say("It is done." if await deployment.deploy(self._values()) else "There was nothing to change.")

    def _values(self) -> dict[str, str]:
        return {one.name: getattr(self, trait) for trait, one in PARAMETERS.items() if getattr(self, trait) is not None}


DeployApp = cast(
    "type[StackDeploy]",
    type(
        "DeployApp",
        (StackDeploy,),
        {
            "__doc__": StackDeploy.__doc__,
            "aliases": {**StackCommand.aliases, **{one.option: f"DeployApp.{trait}" for trait, one in PARAMETERS.items()}},
            **{
                trait: Unicode(None, allow_none=True, help=f"{one.description} At first: {one.default or 'none'}.").tag(
                    config=True
                )
                for trait, one in PARAMETERS.items()
            },
        },
    ),
)
"""With an option for each parameter of the template."""


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
        """Look who waits for it first."""
        waiting = [] if self.force else [entry.name for entry in await list_fleet(aws) if entry.waits_for_return(utcnow())]
        if waiting:
            names = ", ".join(waiting)
            raise CommandError(f"{names} would stay stopped: a restart is under way there. Wait for its end, or give --force")
        await super().act(aws)

    async def do(self, deployment: Deployment) -> None:
        """Delete it."""
        _say("It is deleted." if await deployment.delete() else "It is not there.")


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
        """Print it as it is."""
        print(TEMPLATES[self.return_path].read_text("utf-8"), end="")
        return ExitCode.CURRENT


class StackApp(CommandGroup):
    """Chooses what to do about the stack."""

    name = "jupyter-nb-updater-stack"
    description = "The stack that starts notebook instances again: one for each account and region."
    subcommands = {
        "render": (StackRender, "Print its template."),
        "deploy": (DeployApp, "Make it, or bring it up to date."),
        "delete": (DeleteApp, "Delete it, unless an instance waits for it."),
    }


def _say(line: str) -> None:
    print(line, flush=True)  # each as it happens: a stack takes minutes
