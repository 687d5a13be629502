"""What the commands share that change lifecycle configurations: whom they are about, what is told, how they end."""

from __future__ import annotations

from abc import abstractmethod
from fnmatch import fnmatchcase

from traitlets import Bool, List, Unicode

from ..instance.aws import Aws
from ..lifecycle.configurations import LifecycleClient
from ..lifecycle.plan import AccountView, RolloutPlan
from ..lifecycle.rollout import RolloutResult, apply, dry_run
from .account import AccountCommand, CommandError
from .command import Command, ExitCode
from .rollout_words import lines

EXIT_CODES = (
    "Exit code 0: it is as asked for, at the latest from the next start on; 1: an instance has to be stopped for it first; "
    "4: something was refused, and is named."
)


class RolloutCommand(AccountCommand):
    """Plans, does it or only says what it would do, and tells all of it."""

    classes = [*AccountCommand.classes, LifecycleClient]
    dry_run = Bool(default_value=False, help="Change nothing; show the difference of each script.").tag(config=True)
    force = Bool(default_value=False, help="Discard what somebody has changed in our part of a script.").tag(config=True)
    flags = {
        **Command.flags,
        "dry-run": ({"RolloutCommand": {"dry_run": True}}, dry_run.help),
        "force": ({"RolloutCommand": {"force": True}}, force.help),
    }
    _code = ExitCode.CURRENT

    @abstractmethod
    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """What is to be done."""

    async def prepare(self, account: LifecycleClient) -> None:
        """What has to be there before a configuration is written."""

    async def act(self, aws: Aws) -> None:
        """Plan it, do it, tell it."""
        account = LifecycleClient(aws, parent=self)
        plan = await self.plan(account)
        if self.dry_run:
            outcome = await dry_run(account, plan)
        else:
            if any(step.writes for step in plan.steps):
                await self.prepare(account)
            outcome = await apply(account, plan)
        self.report(outcome.to_json(), lines(outcome))
        self._code = _code(outcome)

    def run(self) -> ExitCode:
        """As every command for an administrator; what was refused of it counts too."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


class ChoosingCommand(RolloutCommand):
    """Is about chosen instances."""

    instances = List(Unicode(), help="An instance, or a pattern with * for any text; once for each.").tag(config=True)
    tag_value = Unicode("", help="Instances with this tag: KEY=VALUE.").tag(config=True)
    everyone = Bool(default_value=False, help="All instances of the region.").tag(config=True)
    shared = Bool(
        default_value=False, help="Also where instances share the configuration that were not chosen: it reaches them too."
    ).tag(config=True)
    flags = {
        **RolloutCommand.flags,
        "all": ({"ChoosingCommand": {"everyone": True}}, everyone.help),
        "shared": ({"ChoosingCommand": {"shared": True}}, shared.help),
    }
    aliases = {
        **AccountCommand.aliases,
        "instance": "ChoosingCommand.instances",
        "tag": "ChoosingCommand.tag_value",
    }

    def wrong(self) -> str:
        """It takes one way to choose."""
        ways = [bool(self.instances), bool(self.tag_value), self.everyone]
        if sum(ways) != 1:
            return super().wrong() or "which instances? Give --instance NAME, --tag KEY=VALUE, or --all"
        if self.tag_value and "=" not in self.tag_value:
            return super().wrong() or "--tag must be KEY=VALUE"
        return super().wrong()

    async def seen(self, account: LifecycleClient) -> AccountView:
        """What is there, and who was chosen.

        Raises:
            Undone: nobody was.
        """
        notebooks, configurations = await account.instances(), await account.configurations()
        names = {one.name for one in notebooks}
        if self.tag_value:
            key, _, value = self.tag_value.partition("=")
            names = await account.tagged(notebooks, key, value)
        elif self.instances:
            names = {name for name in names if any(fnmatchcase(name, pattern) for pattern in self.instances)}
        if not names:
            whom = self.tag_value or ", ".join(self.instances)
            raise CommandError(
                f"no notebook instance of {self.region} is {whom}" if whom else f"there is none in {self.region}"
            )
        return AccountView(tuple(configurations), tuple(notebooks), frozenset(names))


def _code(outcome: RolloutResult) -> ExitCode:
    if outcome.failed:
        return ExitCode.FAILED
    return ExitCode.DUE if outcome.waits else ExitCode.CURRENT
