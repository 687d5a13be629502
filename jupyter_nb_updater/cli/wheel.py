"""The wheel that a lifecycle configuration installs: named where it is, or put onto S3 on the way."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from pathlib import Path

from traitlets import Unicode

from ..lifecycle.configurations import Account
from ..lifecycle.forms import Script, forms
from ..lifecycle.merge import Forms
from ..lifecycle.render import RenderError
from .rollout import RolloutCommand


class WheelCommand(RolloutCommand):
    """Puts a wheel into lifecycle configurations."""

    wheel = Unicode(
        "",
        help="Where instances get it: s3://bucket/key, https://…, an absolute path; or, with --bucket, a file of this machine.",
    ).tag(config=True)
    sha256 = Unicode("", help="SHA-256 of the wheel; the script installs no other. With --bucket it is that of the file.").tag(
        config=True
    )
    bucket = Unicode("", help="Put the file there first.").tag(config=True)
    prefix = Unicode("nb-updater", help="Folder in the bucket.").tag(config=True)
    home = Unicode("/home/ec2-user", help="Home folder on the instances.").tag(config=True)
    own = Unicode("nb-updater", help="Name of the configuration that is made for instances without one.").tag(config=True)
    aliases = {
        "wheel": "WheelCommand.wheel",
        "sha256": "WheelCommand.sha256",
        "bucket": "WheelCommand.bucket",
        "prefix": "WheelCommand.prefix",
        "home": "WheelCommand.home",
    }

    def wrong(self) -> str:
        """So too a wheel that cannot be meant, or is not there."""
        if not self.wheel:
            return super().wrong() or "--wheel is missing: s3://bucket/key, https://…, or a file of this machine with --bucket"
        try:
            self.forms(self.own)
        except RenderError as error:
            hint = (
                "" if self.bucket or not Path(self.wheel).is_file() else "; with --bucket a file of this machine is put onto S3"
            )
            return super().wrong() or f"{error}{hint}"
        except OSError as error:
            return super().wrong() or f"{self.wheel} cannot be read: {error.strerror}"
        return super().wrong()

    def forms(self, configuration: str) -> Forms:
        """What is put into the configuration of this name.

        Raises:
            RenderError: it cannot be meant.
            OSError: the file cannot be read.
        """
        wheel, digest = (self._place, self._digest) if self.bucket else (self.wheel, self.sha256)
        if self.sha256 and digest != self.sha256.lower():
            raise RenderError(f"{self.wheel} has the SHA-256 {digest}, and not the one that --sha256 says")
        return forms(Script(wheel=wheel, sha256=digest, home=self.home, configuration=configuration))

    async def prepare(self, account: Account) -> None:
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
        """Its own folder for each content: what another configuration installs, and has the hash of, is never written over."""
        folder = f"{self.prefix.strip('/')}/{self._digest[:16]}".lstrip("/")
        return f"s3://{self.bucket}/{folder}/{Path(self.wheel).name}"
