"""``jupyter nb-updater lifecycle``: the script that puts the extension onto notebook instances."""

from __future__ import annotations

from collections.abc import Callable

from traitlets import Enum, Unicode

from ..lifecycle.forms import block_forms
from ..lifecycle.merge import SURE, attach
from ..lifecycle.plan import is_name
from ..lifecycle.script import RenderError
from ..lifecycle.snippets import cloudformation, terraform
from .attach import AttachApp, CreateApp, DetachApp, UpdateApp
from .command import CommandGroup, ExitCode
from .configurations import ListApp
from .script import ScriptCommand

FORMATS: dict[str, Callable[[str, str], str]] = {
    "script": lambda script, _name: script,
    "cloudformation": cloudformation,
    "terraform": terraform,
}


class RenderApp(ScriptCommand):
    """Prints the script; nothing is created anywhere."""

    name = "jupyter-nb-updater-lifecycle-render"
    description = "Print the OnStart script for a lifecycle configuration of SageMaker notebook instances."
    examples = "jupyter nb-updater lifecycle render --wheel s3://bucket/jupyter_nb_updater-0.1.0-py3-none-any.whl > on-start.sh"
    format = Enum(
        list(FORMATS), "script", help="The script alone, or in a `cloudformation` template or a `terraform` resource."
    ).tag(config=True)
    own = Unicode("nb-updater", help="Name of the configuration in these.").tag(config=True)
    aliases = {**ScriptCommand.aliases, "format": "RenderApp.format", "name": "RenderApp.own"}

    def run(self) -> ExitCode:
        """Render and print."""
        if not self.wheel:
            self.complain("--wheel is missing: s3://bucket/key, https://…, an absolute path on the instance, or ==VERSION")
            return ExitCode.USAGE
        if not is_name(self.own):
            self.complain("--name must be up to 63 letters, digits and - between them")
            return ExitCode.USAGE
        try:
            script = attach(b"", block_forms(self.script()), SURE).text.decode()
        except RenderError as error:
            self.complain(str(error))
            return ExitCode.USAGE
        print(FORMATS[self.format](script, self.own), end="")
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
