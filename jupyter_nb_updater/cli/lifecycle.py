"""``jupyter nb-updater lifecycle``: installs the extension on notebook instances, through lifecycle configurations."""

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
from .lifecycle_base import NAME_RULE, InstanceSelectionCommand, ScriptCommand, WheelCommand


class CreateApp(WheelCommand):
    """Creates a lifecycle configuration that only installs the extension."""

    name = "jupyter-nb-updater-lifecycle-create"
    description = "Create a lifecycle configuration that installs the extension, for new notebook instances."
    examples = (
        "jupyter nb-updater lifecycle create --wheel dist/jupyter_nb_updater-0.1.0-py3-none-any.whl --bucket example-bucket"
    )
    aliases = {**AccountCommand.aliases, **WheelCommand.aliases, "name": "WheelCommand.config_name"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """Plan to create it. A different configuration of that name is an error."""
        return plan_create(AccountView(tuple(await account.configurations()), ()), self.config_name, self.block_forms)


class AttachApp(WheelCommand, InstanceSelectionCommand):
    """Adds the block to the lifecycle configurations of the selected instances."""

    name = "jupyter-nb-updater-lifecycle-attach"
    description = """Add the extension to the lifecycle configurations of notebook instances.

    Your scripts are kept byte for byte: the extension is a marked block in them. Stopped instances without a lifecycle
    configuration get one that only installs the extension. No instance is stopped or started.
    """
    examples = """jupyter nb-updater lifecycle attach --all --wheel dist/jupyter_nb_updater-0.1.0-py3-none-any.whl --bucket example-bucket
    jupyter nb-updater lifecycle attach --instance 'research-*' --wheel s3://example-bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl --dry-run"""  # noqa: E501
    flags = {**InstanceSelectionCommand.flags, **WheelCommand.flags}
    aliases = {**InstanceSelectionCommand.aliases, **WheelCommand.aliases, "name": "WheelCommand.config_name"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """Plan for the selected instances."""
        return plan_attach(
            await self.account_view(account), self.config_name, self.block_forms, shared=self.shared, force=self.force
        )


class UpdateApp(WheelCommand):
    """Updates the block in every lifecycle configuration that has it."""

    name = "jupyter-nb-updater-lifecycle-update"
    description = """Install another version: update the block in every lifecycle configuration that has it.

    Settings of the block are kept, unless you give new ones.
    """
    examples = (
        "jupyter nb-updater lifecycle update --wheel s3://example-bucket/jupyter_nb_updater-0.2.0-py3-none-any.whl --dry-run"
    )
    configurations = List(Unicode(), help="Update only this one. May be repeated. Default: all with the extension.").tag(
        config=True
    )
    aliases = {**AccountCommand.aliases, **WheelCommand.aliases, "configuration": "UpdateApp.configurations"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """Plan for all lifecycle configurations that have the block, or for those that were named.

        Raises:
            CommandError: a named one does not exist.
        """
        configurations = tuple(await account.configurations())
        if unknown := set(self.configurations) - {one.name for one in configurations}:
            raise CommandError(f"Lifecycle configuration not found in {self.region}: {', '.join(sorted(unknown))}.")
        seen = AccountView(configurations, tuple(await account.instances()))
        return plan_update(seen, self.block_forms, names=self.configurations, force=self.force)


class DetachApp(InstanceSelectionCommand):
    """Removes the block from the lifecycle configurations of the selected instances."""

    name = "jupyter-nb-updater-lifecycle-detach"
    description = """Remove the extension from the lifecycle configurations of notebook instances.

    Each script is compared with its SHA-256 from before the extension. A lifecycle configuration that only installs the
    extension is disassociated from stopped instances. No instance is stopped or started.
    """
    examples = "jupyter nb-updater lifecycle detach --instance 'research-*' --dry-run"

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """Plan for the selected instances."""
        return plan_detach(await self.account_view(account), shared=self.shared, force=self.force)


STATES = {
    "whole": "installs only the extension, version {version}",
    "block": "has the extension, version {version}",
    "none": "does not have the extension",
    "damaged": "has a damaged block of the extension",
    "edited": "has the extension, version {version}, but its block was edited",
    "unread": "cannot be read: {message}",
}
INSTALLS = {
    True: "the extension is installed at each start",
    False: "the extension is not installed",
    None: "unknown whether the extension is installed",
}


class ListApp(AccountCommand):
    """Lists lifecycle configurations and their instances. Changes nothing."""

    name = "jupyter-nb-updater-lifecycle-list"
    description = "List all lifecycle configurations of a region, the version of the extension in each, and their instances."
    exit_codes = "0: all instances install it, 1: at least one does not, 3: unknown for at least one, 4: AWS refused."
    examples = "jupyter nb-updater lifecycle list --region eu-west-1"
    flags = dict(Command.flags)
    _code = ExitCode.CURRENT

    async def act(self, aws: Aws) -> None:
        """Print all lifecycle configurations, and the instances without one."""
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
        """Run the command and return its exit code."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


def _lines(entries: list[LifecycleStatus], bare: list[Notebook], region: str) -> Iterator[str]:
    for entry in entries:
        yield f"{entry.name}: {STATES[entry.state].format(version=entry.version, message=entry.message)}"
        for one in entry.notebooks:
            yield f"  {one.name}  {one.status}  {INSTALLS[entry.has_it]}"
    if bare:
        yield "Without a lifecycle configuration:"
    for one in bare:
        missing = f"  {one.configuration} does not exist" if one.configuration else ""
        yield f"  {one.name}  {one.status}{missing}"
    if not entries and not bare:
        yield f"There are no lifecycle configurations and no notebook instances in {region}."


def _bare(one: Notebook) -> dict[str, Any]:
    return {"name": one.name, "status": one.status, "configuration": one.configuration}


FORMATS: dict[str, Callable[[str, str], str]] = {
    "script": lambda script, _name: script,
    "cloudformation": cloudformation,
    "terraform": terraform,
}


class RenderApp(ScriptCommand):
    """Prints the OnStart script. Makes no requests."""

    name = "jupyter-nb-updater-lifecycle-render"
    description = "Print the OnStart script that installs the extension, to create a lifecycle configuration with another tool."
    exit_codes = "0: done, 2: an option is missing or wrong."
    examples = """jupyter nb-updater lifecycle render --wheel s3://example-bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl > on-start.sh
    jupyter nb-updater lifecycle render --wheel jupyter-nb-updater==0.1.0 --format terraform"""  # noqa: E501
    format = Enum(
        list(FORMATS), "script", help="Print the script alone, or in a CloudFormation template or a Terraform resource."
    ).tag(config=True)
    config_name = Unicode("nb-updater", help="Name of the lifecycle configuration in the template or resource.").tag(
        config=True
    )
    aliases = {**ScriptCommand.aliases, "format": "RenderApp.format", "name": "RenderApp.config_name"}

    def run(self) -> ExitCode:
        """Print the script."""
        if not self.wheel:
            self.error("--wheel: give s3://bucket/key, https://…, a path on the instance, or jupyter-nb-updater==VERSION.")
            return ExitCode.USAGE
        if not is_name(self.config_name):
            self.error(f"--name: {NAME_RULE}")
            return ExitCode.USAGE
        try:
            script = attach(b"", block_forms(self.script()), SAFE_SCRIPT_BYTES).text.decode()
        except RenderError as error:
            self.error(f"{error}.")
            return ExitCode.USAGE
        print(FORMATS[self.format](script, self.config_name), end="")
        return ExitCode.CURRENT


class LifecycleApp(CommandGroup):
    """Has the commands about lifecycle configurations."""

    name = "jupyter-nb-updater-lifecycle"
    description = "Install the extension at each start of notebook instances, through lifecycle configurations."
    subcommands = {
        "render": (RenderApp, "Print the OnStart script."),
        "create": (CreateApp, "Create a lifecycle configuration for new instances."),
        "attach": (AttachApp, "Add the extension to the lifecycle configurations of instances."),
        "update": (UpdateApp, "Install another version."),
        "detach": (DetachApp, "Remove the extension from the lifecycle configurations of instances."),
        "list": (ListApp, "List lifecycle configurations, versions and instances."),
    }
