"""What the commands share that change lifecycle configurations: whom they are about, what is told, how they end."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from traitlets import Bool, Int, List, Unicode

from ..instance.aws import Aws
from ..lifecycle.apply import RolloutResult, apply, dry_run
from ..lifecycle.client import LifecycleClient
from ..lifecycle.merge import BlockForms
from ..lifecycle.model import AccountView, RolloutPlan, is_name
from ..lifecycle.options import RenderError, Script, configuration, with_kept_settings
from ..lifecycle.render import block_forms
from .base import AccountCommand, Command, CommandError, ExitCode
from .lifecycle_report import lines


class ScriptCommand(Command):
    """Has an option for each thing that the script is asked to do."""

    wheel = Unicode(
        "",
        help="Where instances get the wheel: s3://bucket/key, https://…, an absolute path on the instance, or "
        "jupyter-nb-updater==VERSION from a package index.",
    ).tag(config=True)
    sha256 = Unicode("", help="SHA-256 of the wheel; the script installs no other.").tag(config=True)
    index_url = Unicode("", help="Package index for jupyter-nb-updater==VERSION; else the one that pip is configured for.").tag(
        config=True
    )
    settings = List(Unicode(), help="A setting of the extension, Class.trait=value with a value in JSON; may be repeated.").tag(
        config=True
    )
    policy = Unicode("", help="Where the organization's document lies; the same as --set PolicyManager.url=URL.").tag(
        config=True
    )
    home = Unicode("/home/ec2-user", help="Home folder on the instance.").tag(config=True)
    wait_seconds = Int(2, min=0, max=240, help="How long a script of ours waits for its work, to tell of it in its log.").tag(
        config=True
    )

    flags = {}
    aliases = {
        "wheel": "ScriptCommand.wheel",
        "sha256": "ScriptCommand.sha256",
        "index-url": "ScriptCommand.index_url",
        "set": "ScriptCommand.settings",
        "policy": "ScriptCommand.policy",
        "home": "ScriptCommand.home",
        "wait-seconds": "ScriptCommand.wait_seconds",
    }

    def script(self) -> Script:
        """What was asked for.

        Raises:
            RenderError: it cannot be meant.
        """
        settings = configuration(self.settings, self.policy)
        return Script(self.wheel, self.sha256, self.home, settings, self.index_url, wait_seconds=self.wait_seconds)


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
            if any(step.writes for step in plan.configurations):
                await self.prepare(account)
            outcome = await apply(account, plan)
        self.report(outcome.to_json(), lines(outcome))
        self._code = _code(outcome)

    def run(self) -> ExitCode:
        """As every command for an administrator; what was refused of it counts too."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


class InstanceSelectionCommand(RolloutCommand):
    """Is about chosen instances."""

    instances = List(Unicode(), help="An instance, or a pattern with * for any text; once for each.").tag(config=True)
    tag_value = Unicode("", help="Instances with this tag: KEY=VALUE.").tag(config=True)
    all_instances = Bool(default_value=False, help="All instances of the region.").tag(config=True)
    shared = Bool(
        default_value=False, help="Also where instances share the configuration that were not chosen: it reaches them too."
    ).tag(config=True)
    flags = {
        **RolloutCommand.flags,
        "all": ({"InstanceSelectionCommand": {"all_instances": True}}, all_instances.help),
        "shared": ({"InstanceSelectionCommand": {"shared": True}}, shared.help),
    }
    aliases = {
        **AccountCommand.aliases,
        "instance": "InstanceSelectionCommand.instances",
        "tag": "InstanceSelectionCommand.tag_value",
    }

    def validation_error(self) -> str:
        """It takes one way to choose."""
        ways = [bool(self.instances), bool(self.tag_value), self.all_instances]
        if sum(ways) != 1:
            return super().validation_error() or "which instances? Give --instance NAME, --tag KEY=VALUE, or --all"
        if self.tag_value and "=" not in self.tag_value:
            return super().validation_error() or "--tag must be KEY=VALUE"
        return super().validation_error()

    async def account_view(self, account: LifecycleClient) -> AccountView:
        """What is there, and who was chosen.

        Raises:
            CommandError: nobody was.
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
    return ExitCode.DUE if outcome.needs_action else ExitCode.CURRENT


class WheelCommand(RolloutCommand, ScriptCommand):
    """Puts a wheel into lifecycle configurations."""

    bucket = Unicode(
        "", help="Put the wheel, a file of this machine, into this bucket, and let instances get it there and no other."
    ).tag(config=True)
    prefix = Unicode("nb-updater", help="Folder in the bucket.").tag(config=True)
    config_name = Unicode("nb-updater", help="Name of the configuration of ours.").tag(config=True)
    forget = Bool(
        default_value=False, help="Do not keep the settings of a block that is there, such as --set and --policy of before."
    ).tag(config=True)
    flags = {**RolloutCommand.flags, "forget": ({"WheelCommand": {"forget": True}}, forget.help)}
    aliases = {**ScriptCommand.aliases, "bucket": "WheelCommand.bucket", "prefix": "WheelCommand.prefix"}

    def validation_error(self) -> str:
        """So too a wheel that cannot be meant, or is not there."""
        if error := super().validation_error():
            return error
        if not is_name(self.config_name):
            return "--name must be up to 63 letters, digits and - between them"
        if not self.wheel:
            return "--wheel is missing: s3://bucket/key, https://…, or a file of this machine with --bucket"
        try:
            self.block_forms(b"")
        except RenderError as error:
            is_file = not self.bucket and Path(self.wheel).is_file()
            return f"{error}{'. With --bucket a file of this machine is put onto S3' if is_file else ''}"
        except OSError as error:
            return f"{self.wheel} cannot be read: {error.strerror}"
        return ""

    def script(self) -> Script:
        """With the place on S3, and the hash, of a file that goes there."""
        if not self.bucket:
            return super().script()
        wheel, self.wheel = self.wheel, self._place
        try:
            script = super().script()
        finally:
            self.wheel = wheel
        if script.sha256 not in ("", self._digest):
            raise RenderError(f"{wheel} has the SHA-256 {self._digest}, and not the one that --sha256 says")
        return replace(script, sha256=self._digest)

    def block_forms(self, before: bytes) -> BlockForms:
        """What is put into a configuration.

        Args:
            before: its script, which may have a block of ours with settings that stay.

        Raises:
            RenderError: it cannot be meant.
            OSError: the file cannot be read.
        """
        script = self.script()
        return block_forms(script if self.forget else with_kept_settings(script, before))

    async def prepare(self, account: LifecycleClient) -> None:
        """The wheel is there before a script says so."""
        if self.bucket:
            await account.upload(self.bucket, self._place.removeprefix(f"s3://{self.bucket}/"), self._content)

    @cached_property
    def _content(self) -> bytes:
        return Path(self.wheel).read_bytes()

    @cached_property
    def _digest(self) -> str:
        return sha256(self._content).hexdigest()

    @cached_property
    def _place(self) -> str:
        """A folder for each content: what another configuration installs, and has the hash of, is not written over."""
        folder = f"{self.prefix.strip('/')}/{self._digest[:8]}".lstrip("/")
        return f"s3://{self.bucket}/{folder}/{Path(self.wheel).name}"
