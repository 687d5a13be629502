"""``jupyter nb-updater lifecycle create``, ``attach``, ``update`` and ``detach``."""

from __future__ import annotations

from traitlets import List, Unicode

from ..lifecycle.configurations import LifecycleClient
from ..lifecycle.plan import AccountView, RolloutPlan
from ..lifecycle.planning import to_attach, to_create, to_detach, to_update
from .account import AccountCommand, CommandError
from .rollout import EXIT_CODES, ChoosingCommand
from .wheel import WheelCommand


class CreateApp(WheelCommand):
    """Makes a configuration of our own."""

    name = "jupyter-nb-updater-lifecycle-create"
    description = f"Make a lifecycle configuration that installs the extension, for instances to come. {EXIT_CODES}"
    examples = (
        "jupyter nb-updater lifecycle create --wheel dist/jupyter_nb_updater-0.1.0-py3-none-any.whl --bucket example-bucket"
    )
    aliases = {**AccountCommand.aliases, **WheelCommand.aliases, "name": "WheelCommand.own"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """It must not be there, unless it is the same."""
        return to_create(AccountView(tuple(await account.configurations()), ()), self.own, self.block_forms)


class AttachApp(WheelCommand, ChoosingCommand):
    """Puts our block into the configurations of the chosen instances; those that have none get ours."""

    name = "jupyter-nb-updater-lifecycle-attach"
    description = (
        "Put the extension into the lifecycle configurations of notebook instances: theirs stays byte for byte, ours is last. "
        f"Instances without one get a configuration of ours, while they are stopped. Nothing is stopped. {EXIT_CODES}"
    )
    examples = "jupyter nb-updater lifecycle attach --all --wheel dist/jupyter_nb_updater-0.1.0-py3-none-any.whl --bucket mine"
    flags = {**ChoosingCommand.flags, **WheelCommand.flags}
    aliases = {**ChoosingCommand.aliases, **WheelCommand.aliases, "name": "WheelCommand.own"}

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """For those that were chosen."""
        return to_attach(await self.seen(account), self.own, self.block_forms, shared=self.shared, force=self.force)


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
            Undone: a name that none has.
        """
        configurations = tuple(await account.configurations())
        if unknown := set(self.configurations) - {one.name for one in configurations}:
            raise CommandError(f"there is no lifecycle configuration {', '.join(sorted(unknown))} in {self.region}")
        seen = AccountView(configurations, tuple(await account.instances()))
        return to_update(seen, self.block_forms, names=self.configurations, force=self.force)


class DetachApp(ChoosingCommand):
    """Takes our block out of the configurations of the chosen instances."""

    name = "jupyter-nb-updater-lifecycle-detach"
    description = (
        "Take the extension out of the lifecycle configurations of notebook instances, and prove that each is what it was. "
        f"Instances with a configuration of ours are rid of it, while they are stopped. {EXIT_CODES}"
    )
    examples = "jupyter nb-updater lifecycle detach --instance 'research-*' --dry-run"

    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """For those that were chosen."""
        return to_detach(await self.seen(account), shared=self.shared, force=self.force)
