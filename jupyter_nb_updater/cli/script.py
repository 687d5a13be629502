"""What the commands share that make an OnStart script: of which wheel, and with which settings."""

from __future__ import annotations

from traitlets import Int, List, Unicode

from ..lifecycle.script import Script, configuration
from .command import Command


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
    policy = Unicode("", help="Where the organisation's document lies; the same as --set Organisation.url=URL.").tag(
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
