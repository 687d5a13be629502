"""Base classes of the commands that change lifecycle configurations: options, selection, report, exit code."""

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
    """Has the options of the OnStart script."""

    wheel = Unicode(
        "",
        help="Address from which instances fetch the wheel: s3://bucket/key, https://…, an absolute path on the instance, or "
        "jupyter-nb-updater==VERSION for a package index.",
    ).tag(config=True)
    sha256 = Unicode("", help="SHA-256 of the wheel. The script installs no other file.").tag(config=True, placeholder="HEX")
    index_url = Unicode("", help="Package index for jupyter-nb-updater==VERSION. Default: that of pip.").tag(config=True)
    settings = List(Unicode(), help="Setting of the extension; the value is JSON. May be repeated.").tag(
        config=True, placeholder="CLASS.TRAIT=VALUE"
    )
    policy = Unicode("", help="Address of the organization policy; short for --set PolicyManager.url=URL.").tag(
        config=True, placeholder="URL"
    )
    home = Unicode("/home/ec2-user", help="Home folder on the instance.").tag(config=True, placeholder="PATH")
    wait_seconds = Int(
        2,
        min=0,
        max=240,
        help="Seconds that the OnStart script waits for the installation, so that AWS logs its output.",
    ).tag(config=True)

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
        """Return the script with these options.

        Raises:
            RenderError: an option is wrong.
        """
        settings = configuration(self.settings, self.policy)
        return Script(self.wheel, self.sha256, self.home, settings, self.index_url, wait_seconds=self.wait_seconds)


NAME_RULE = "give up to 63 letters, digits and hyphens; no hyphen at the beginning or end."


class RolloutCommand(AccountCommand):
    """Plans changes, makes them unless ``--dry-run`` is given, and reports each."""

    classes = [*AccountCommand.classes, LifecycleClient]
    exit_codes = (
        "0: done; it takes effect at the next start of each instance, 1: an instance must be stopped first, "
        "4: at least one change was refused."
    )
    dry_run = Bool(default_value=False, help="Show what would change in each script, and change nothing.").tag(config=True)
    force = Bool(default_value=False, help="Overwrite a block that somebody has edited.").tag(config=True)
    flags = {
        **Command.flags,
        "dry-run": ({"RolloutCommand": {"dry_run": True}}, dry_run.help),
        "force": ({"RolloutCommand": {"force": True}}, force.help),
    }
    _code = ExitCode.CURRENT

    @abstractmethod
    async def plan(self, account: LifecycleClient) -> RolloutPlan:
        """Return the plan.

        Args:
            account: the account and region.
        """

    async def prepare(self, account: LifecycleClient) -> None:
        """Prepare for the first change.

        Args:
            account: the account and region.
        """

    async def act(self, aws: Aws) -> None:
        """Make the plan, apply it, and print a report."""
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
        """Run the command and return its exit code."""
        code = super().run()
        return self._code if code is ExitCode.CURRENT else code


class InstanceSelectionCommand(RolloutCommand):
    """A command about selected instances."""

    instances = List(Unicode(), help="Select instances by name; * stands for any text. May be repeated.").tag(config=True)
    tag_value = Unicode("", help="Select the instances with this tag.").tag(config=True, placeholder="KEY=VALUE")
    all_instances = Bool(default_value=False, help="Select all instances of the region.").tag(config=True)
    shared = Bool(
        default_value=False, help="Also change a lifecycle configuration that instances share that you did not select."
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
        """Return what is wrong with the options; empty when they are valid."""
        ways = [bool(self.instances), bool(self.tag_value), self.all_instances]
        if sum(ways) != 1:
            return super().validation_error() or "No instances selected. Give --instance NAME, --tag KEY=VALUE or --all."
        if self.tag_value and "=" not in self.tag_value:
            return super().validation_error() or "--tag: give KEY=VALUE."
        return super().validation_error()

    async def account_view(self, account: LifecycleClient) -> AccountView:
        """Return the account with the selected instances.

        Args:
            account: the account and region.

        Raises:
            CommandError: no instance matches.
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
            raise CommandError(f"No notebook instance in {self.region}{f' matches {whom}' if whom else ''}.")
        return AccountView(tuple(configurations), tuple(notebooks), frozenset(names))


def _code(outcome: RolloutResult) -> ExitCode:
    if outcome.failed:
        return ExitCode.FAILED
    return ExitCode.DUE if outcome.needs_action else ExitCode.CURRENT


class WheelCommand(RolloutCommand, ScriptCommand):
    """A command that puts a wheel into lifecycle configurations."""

    bucket = Unicode(
        "", help="Upload --wheel, a file on this machine, to this S3 bucket. Instances fetch it there, and check its SHA-256."
    ).tag(config=True)
    prefix = Unicode("nb-updater", help="Folder in the bucket.").tag(config=True)
    config_name = Unicode("nb-updater", help="Name of the lifecycle configuration that only installs the extension.").tag(
        config=True
    )
    forget = Bool(
        default_value=False, help="Discard the settings of an existing block, such as an earlier --set or --policy."
    ).tag(config=True)
    flags = {**RolloutCommand.flags, "forget": ({"WheelCommand": {"forget": True}}, forget.help)}
    aliases = {**ScriptCommand.aliases, "bucket": "WheelCommand.bucket", "prefix": "WheelCommand.prefix"}

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        if error := super().validation_error():
            return error
        if not is_name(self.config_name):
            return f"--name: {NAME_RULE}"
        if not self.wheel:
            return "--wheel: give s3://bucket/key, https://…, or with --bucket a file on this machine."
        try:
            self.block_forms(b"")
        except RenderError as error:
            is_file = not self.bucket and Path(self.wheel).is_file()
            return f"{error}.{' To upload a file of this machine to S3, give --bucket.' if is_file else ''}"
        except OSError as error:
            return f"--wheel: cannot read {self.wheel}: {error.strerror}."
        return ""

    def script(self) -> Script:
        """Return the script, with the address and the SHA-256 of the uploaded file if ``--bucket`` was given."""
        if not self.bucket:
            return super().script()
        wheel, self.wheel = self.wheel, self._place
        try:
            script = super().script()
        finally:
            self.wheel = wheel
        if script.sha256 not in ("", self._digest):
            raise RenderError(f"{wheel} has another SHA-256 than --sha256: {self._digest}")
        return replace(script, sha256=self._digest)

    def block_forms(self, before: bytes) -> BlockForms:
        """Return the forms of the block.

        Args:
            before: the script that the block goes into; settings of an older block in it are kept.

        Raises:
            RenderError: an option is wrong.
            OSError: the wheel cannot be read.
        """
        script = self.script()
        return block_forms(script if self.forget else with_kept_settings(script, before))

    async def prepare(self, account: LifecycleClient) -> None:
        """Upload the wheel before a script refers to it."""
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
        """Address of the upload. Each content has its own folder: other configurations need the earlier wheels."""
        folder = f"{self.prefix.strip('/')}/{self._digest[:8]}".lstrip("/")
        return f"s3://{self.bucket}/{folder}/{Path(self.wheel).name}"
