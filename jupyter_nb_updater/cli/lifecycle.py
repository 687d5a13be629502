"""``jupyter nb-updater lifecycle``: the script that puts the extension onto notebook instances."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from traitlets import Enum, List, Unicode

from ..instance.aws import Aws
from ..lifecycle.client import LifecycleClient
from ..lifecycle.merge import SAFE_SCRIPT_BYTES, attach
from ..lifecycle.model import AccountView, LifecycleStatus, Notebook, RolloutPlan, inventory, is_name
from ..lifecycle.options import RenderError
from ..lifecycle.plan import plan_attach, plan_create, plan_detach, plan_update
from ..lifecycle.render import block_forms, cloudformation, terraform
from .base import AccountCommand, Command, CommandError, CommandGroup, ExitCode
from .lifecycle_base import EXIT_CODES, InstanceSelectionCommand, ScriptCommand, WheelCommand


class CreateApp(WheelCommand):
    """Makes a configuration of our own."""

    name = "jupyter-nb-updater-lifecycle-create"
    description = f"Make a lifecycle configuration that installs the extension, for instances to come. {EXIT_CODES}"
    examples = (
        "jupyter nb-updater lifecycle create --wheel dist/jupyter_nb_updater-0.1.0-py3-none-any.whl --bucket example-bucket"
    )
    aliases = {**AccountCommand.aliases, **WheelCommand.aliases, "name": "WheelCommand.config_name"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """It must not be there, unless it is the same."""
        return plan_create(AccountView(tuple(await account.configurations()), ()), self.config_name, self.block_forms)


class AttachApp(WheelCommand, InstanceSelectionCommand):
    """Puts our block into the configurations of the chosen instances; those that have none get ours."""

    name = "jupyter-nb-updater-lifecycle-attach"
    description = (
        "Put the extension into the lifecycle configurations of notebook instances: theirs stays byte for byte, ours is last. "
        f"Instances without one get a configuration of ours, while they are stopped. Nothing is stopped. {EXIT_CODES}"
    )
    examples = "jupyter nb-updater lifecycle attach --all --wheel dist/jupyter_nb_updater-0.1.0-py3-none-any.whl --bucket mine"
    flags = {**InstanceSelectionCommand.flags, **WheelCommand.flags}
    aliases = {**InstanceSelectionCommand.aliases, **WheelCommand.aliases, "name": "WheelCommand.config_name"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """For those that were chosen."""
        return plan_attach(
            await self.account_view(account), self.config_name, self.block_forms, shared=self.shared, force=self.force
        )


class UpdateApp(WheelCommand):
    """Puts another wheel into every configuration that has our block."""

    name = "jupyter-nb-updater-lifecycle-update"
    description = (
        "Put another wheel, and the script of this version, into every configuration that has ours. The settings that each has "
        f"stay, where nothing else is said. {EXIT_CODES}"
    )
    examples = (
        "jupyter nb-updater lifecycle update --wheel s3://example-bucket/jupyter_nb_updater-0.2.0-py3-none-any.whl --dry-run"
    )
    configurations = List(Unicode(), help="Only this configuration; once for each.").tag(config=True)
    aliases = {**AccountCommand.aliases, **WheelCommand.aliases, "configuration": "UpdateApp.configurations"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """For all that have it.

        Raises:
            CommandError: a name that none has.
        """
        configurations = tuple(await account.configurations())
        if unknown := set(self.configurations) - {one.name for one in configurations}:
            raise CommandError(f"there is no lifecycle configuration {', '.join(sorted(unknown))} in {self.region}")
        seen = AccountView(configurations, tuple(await account.instances()))
        return plan_update(seen, self.block_forms, names=self.configurations, force=self.force)


class DetachApp(InstanceSelectionCommand):
    """Takes our block out of the configurations of the chosen instances."""

    name = "jupyter-nb-updater-lifecycle-detach"
    description = (
        "Take the extension out of the lifecycle configurations of notebook instances, and prove that each is what it was. "
        f"Instances with a configuration of ours are rid of it, while they are stopped. {EXIT_CODES}"
    )
    examples = "jupyter nb-updater lifecycle detach --instance 'research-*' --dry-run"

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """For those that were chosen."""
        return plan_detach(await self.account_view(account), shared=self.shared, force=self.force)


WORDS = {
    "whole": "all of it is ours, version {version}",
    "block": "has our block, version {version}",
    "none": "has nothing of ours",
    "damaged": "has our block, and somebody has damaged it",
    "edited": "has our block, version {version}, and somebody has changed it",
    "unread": "cannot be read: {message}",
}


class ListApp(AccountCommand):
    """Looks, and changes nothing."""

    name = "jupyter-nb-updater-lifecycle-list"
    description = (
        "Every lifecycle configuration of the region: whether it has our block, which version, and which instances have it. "
        "Exit code 0: every instance has ours, 1: at least one has not, 3: of at least one it cannot be known, 4: AWS refused."
    )
    flags = dict(Command.flags)
    _code = ExitCode.CURRENT

    async def act(self, aws: Aws) -> None:
        """Look, and tell."""
        account = LifecycleClient(aws, parent=self)
        notebooks = await account.instances()
        entries = inventory(await account.configurations(), notebooks)
        named = {entry.name for entry in entries}
        bare = [one for one in notebooks if one.configuration not in named]
        self.report(
            {"configurations": [entry.to_json() for entry in entries], "without": [_bare(one) for one in bare]},
            _lines(entries, bare, self.region),
        )
        used = [entry for entry in entries if entry.notebooks]
        if bare or any(entry.state == "none" for entry in used):
            self._code = ExitCode.DUE
        elif any(entry.has_it is None for entry in used):
            self._code = ExitCode.UNKNOWN

    def run(self) -> ExitCode:
        """As every command for an administrator."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


def _lines(entries: list[LifecycleStatus], bare: list[Notebook], region: str) -> Iterator[str]:
    for entry in entries:
        yield f"{entry.name}: {WORDS[entry.state].format(version=entry.version, message=entry.message)}"
        for one in entry.notebooks:
            has = {True: "has it from its next start on, if not already", False: "does not get it", None: "cannot be known"}
            yield f"  {one.name}  {one.status}  {has[entry.has_it]}"
    for one in bare:
        what = f"its configuration {one.configuration} does not exist" if one.configuration else "no configuration"
        yield f"{one.name}  {one.status}  {what}"
    if not entries and not bare:
        yield f"There is neither a lifecycle configuration nor a notebook instance in {region}."


def _bare(one: Notebook) -> dict[str, Any]:
    return {"name": one.name, "status": one.status, "configuration": one.configuration}


FORMATS: dict[str, Callable[[str, str], str]] = {
    "script": lambda script, _name: script,
    "cloudformation": cloudformation,
    "terraform": terraform,
}


class RenderApp(ScriptCommand):
    """Prints the script; nothing is created anywhere."""

    name = "jupyter-nb-updater-lifecycle-render"
    description = "Print the OnStart script for a lifecycle configuration of SageMaker notebook instances."
    examples = "jupyter nb-updater lifecycle render --wheel s3://bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl > on-start.sh"
    format = Enum(
        list(FORMATS), "script", help="The script alone, or in a `cloudformation` template or a `terraform` resource."
    ).tag(config=True)
    config_name = Unicode("nb-updater", help="Name of the configuration in these.").tag(config=True)
    aliases = {**ScriptCommand.aliases, "format": "RenderApp.format", "name": "RenderApp.config_name"}

    def run(self) -> ExitCode:
        """Render and print."""
        if not self.wheel:
            self.error("--wheel is missing: s3://bucket/key, https://…, an absolute path on the instance, or ==VERSION")
            return ExitCode.USAGE
        if not is_name(self.config_name):
            self.error("--name must be up to 63 letters, digits and - between them")
            return ExitCode.USAGE
        try:
            script = attach(b"", block_forms(self.script()), SAFE_SCRIPT_BYTES).text.decode()
        except RenderError as error:
            self.error(str(error))
            return ExitCode.USAGE
        print(FORMATS[self.format](script, self.config_name), end="")
        return ExitCode.CURRENT


class LifecycleApp(CommandGroup):
    """Chooses what to do about lifecycle configurations."""

    name = "jupyter-nb-updater-lifecycle"
    description = "The lifecycle configuration that installs the extension at each start."
    subcommands = {
        "render": (RenderApp, "Print the OnStart script."),
        "create": (CreateApp, "Make a configuration with it, for instances to come."),
        "attach": (AttachApp, "Put it into the configurations of instances; those without one get ours."),
        "update": (UpdateApp, "Put another wheel into every configuration that has ours."),
        "detach": (DetachApp, "Take it out again."),
        "list": (ListApp, "What each configuration has of ours, and which instances have it."),
    }
