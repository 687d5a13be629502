"""``jupyter nb-updater lifecycle``: the script that puts the extension onto notebook instances."""

from __future__ import annotations

from traitlets import Int, List, Unicode

from ..lifecycle.render import RenderError, Script, render
from ..lifecycle.script import configuration
from .attach import AttachApp, CreateApp, DetachApp, UpdateApp
from .command import Command, CommandGroup, ExitCode
from .configurations import ListApp


class RenderApp(Command):
    """Prints the script; nothing is created anywhere."""

    name = "jupyter-nb-updater-lifecycle-render"
    description = "Print the OnStart script for a lifecycle configuration of SageMaker notebook instances."
    examples = "jupyter nb-updater lifecycle render --wheel s3://bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl > on-start.sh"

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
    wait_seconds = Int(2, min=0, max=240, help="How long the script waits for its work, to tell of it in its log.").tag(
        config=True
    )

    flags = {}
    aliases = {
        "wheel": "RenderApp.wheel",
        "sha256": "RenderApp.sha256",
        "index-url": "RenderApp.index_url",
        "set": "RenderApp.settings",
        "policy": "RenderApp.policy",
        "home": "RenderApp.home",
        "wait-seconds": "RenderApp.wait_seconds",
    }

    def run(self) -> ExitCode:
        """Render and print."""
        if not self.wheel:
            self.complain("--wheel is missing: s3://bucket/key, https://…, an absolute path on the instance, or ==VERSION")
            return ExitCode.USAGE
        try:
            print(render(self.script()), end="")
        except RenderError as error:
            self.complain(str(error))
            return ExitCode.USAGE
        return ExitCode.CURRENT

    def script(self) -> Script:
        """What was asked for."""
        settings = configuration(self.settings, self.policy)
        return Script(self.wheel, self.sha256, self.home, settings, self.index_url, wait_seconds=self.wait_seconds)


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
