"""``jupyter nb-updater lifecycle``: the script that puts the extension onto notebook instances."""

from __future__ import annotations

from ..lifecycle.render import RenderError, render
from .attach import AttachApp, CreateApp, DetachApp, UpdateApp
from .command import CommandGroup, ExitCode
from .configurations import ListApp
from .script import ScriptCommand


class RenderApp(ScriptCommand):
    """Prints the script; nothing is created anywhere."""

    name = "jupyter-nb-updater-lifecycle-render"
    description = "Print the OnStart script for a lifecycle configuration of SageMaker notebook instances."
    examples = "jupyter nb-updater lifecycle render --wheel s3://bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl > on-start.sh"

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
