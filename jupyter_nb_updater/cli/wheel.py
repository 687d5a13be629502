"""The wheel that lifecycle configurations install: named where it is, or put onto S3 on the way."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from traitlets import Bool, Unicode

from ..lifecycle.configurations import LifecycleClient
from ..lifecycle.forms import block_forms
from ..lifecycle.merge import BlockForms
from ..lifecycle.plan import is_name
from ..lifecycle.script import RenderError, Script
from ..lifecycle.settings import kept
from .rollout import RolloutCommand
from .script import ScriptCommand


class WheelCommand(RolloutCommand, ScriptCommand):
    """Puts a wheel into lifecycle configurations."""

    bucket = Unicode(
        "", help="Put the wheel, a file of this machine, into this bucket, and let instances get it there and no other."
    ).tag(config=True)
    prefix = Unicode("nb-updater", help="Folder in the bucket.").tag(config=True)
    own = Unicode("nb-updater", help="Name of the configuration of ours.").tag(config=True)
    forget = Bool(
        default_value=False, help="Do not keep the settings of a block that is there, such as --set and --policy of before."
    ).tag(config=True)
    flags = {**RolloutCommand.flags, "forget": ({"WheelCommand": {"forget": True}}, forget.help)}
    aliases = {**ScriptCommand.aliases, "bucket": "WheelCommand.bucket", "prefix": "WheelCommand.prefix"}

    def wrong(self) -> str:
        """So too a wheel that cannot be meant, or is not there."""
        if trouble := super().wrong():
            return trouble
        if not is_name(self.own):
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
        return block_forms(script if self.forget else kept(script, before))

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
