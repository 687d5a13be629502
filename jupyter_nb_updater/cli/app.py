"""The entry point: ``jupyter nb-updater COMMAND``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from .._version import __version__
from .base import ExitCode
from .help import HelpfulApp

PACKAGE = "jupyter_nb_updater.cli"

GROUPS = {
    "On a notebook instance": ("status", "restart", "hold", "restore", "packages", "journal"),
    "For administrators": ("lifecycle", "stack", "permissions", "policy", "fleet", "doctor"),
    "Try it": ("demo",),
}
"""The commands by who uses them."""


class NbUpdaterCli(HelpfulApp):
    """Chooses the command. A command is imported only when it is chosen."""

    name = "jupyter-nb-updater"
    version = __version__
    description = "Keep SageMaker notebook instances up to date without losing work."
    exit_codes = "0: up to date or done, 1: a restart is recommended, 2: wrong command line, 3: unknown, 4: failed."
    examples = "jupyter nb-updater status\njupyter nb-updater COMMAND --help"
    flags = {}
    aliases = {}
    subcommands = {
        "status": (f"{PACKAGE}.status.StatusApp", "Show whether a restart is recommended, and why."),
        "restart": (f"{PACKAGE}.restart.RestartApp", "Save all open documents and restart this instance."),
        "hold": (f"{PACKAGE}.hold.HoldApp", "Place a hold on this instance, show it or end it."),
        "restore": (f"{PACKAGE}.restore.RestoreApp", "Show what was restored after the restart, and choose dotfiles to keep."),
        "packages": (f"{PACKAGE}.packages.PackagesApp", "List the packages you installed, and reinstall them."),
        "journal": (f"{PACKAGE}.journal.JournalApp", "List what happened in each restart."),
        "lifecycle": (f"{PACKAGE}.lifecycle.LifecycleApp", "Install the extension through lifecycle configurations."),
        "stack": (f"{PACKAGE}.stack.StackApp", "Deploy the stack that starts stopped instances again."),
        "permissions": (f"{PACKAGE}.permissions.PermissionsApp", "Print the IAM policy that a role needs."),
        "policy": (f"{PACKAGE}.policy.PolicyApp", "Check, show or simulate an organization policy."),
        "fleet": (f"{PACKAGE}.fleet.FleetApp", "List the notebook instances of a region that need a restart."),
        "doctor": (f"{PACKAGE}.doctor.DoctorApp", "Check on an instance whether a restart would work."),
        "demo": (f"{PACKAGE}.demo.DemoApp", "Run a notebook instance on this machine, without AWS."),
    }

    def start(self) -> None:
        """Run the command, or print the help when none was given."""
        super().start()
        if self.extra_args:
            print(f"jupyter nb-updater: Unknown command: {self.extra_args[0]}.\n", file=sys.stderr)
        self.print_help()
        self.exit(ExitCode.USAGE)

    def emit_commands(self, width: int) -> Iterator[str]:
        """Yield the commands, grouped by who uses them.

        Args:
            width: of a line, in columns.
        """
        for title, names in GROUPS.items():
            yield f"{title}:"
            yield from self.command_rows(names, width)
            yield ""


main = NbUpdaterCli.launch_instance

if __name__ == "__main__":
    main()
