"""The entry point: ``jupyter nb-updater COMMAND``."""

from __future__ import annotations

from jupyter_core.application import JupyterApp

from .._version import __version__
from .base import ExitCode

EXIT_CODES = "Exit codes: 0 current or done, 1 a restart is due, 2 usage, 3 unknown, 4 failed."


class NbUpdaterCli(JupyterApp):
    """Chooses the command; each is imported only when it is the chosen one."""

    name = "jupyter-nb-updater"
    version = __version__
    description = f"Keep this SageMaker notebook instance current without losing work. {EXIT_CODES}"
    subcommands = {
        "status": ("jupyter_nb_updater.cli.status.StatusApp", "Is a restart due, and why?"),
        "restart": ("jupyter_nb_updater.cli.restart.RestartApp", "Save everything that is open, and restart this instance."),
        "hold": ("jupyter_nb_updater.cli.hold.HoldApp", "Not now: hold this instance as it is, until a time."),
        "restore": (
            "jupyter_nb_updater.cli.restore.RestoreApp",
            "Show what was restored after the last start and what was not; choose files to keep.",
        ),
        "packages": (
            "jupyter_nb_updater.cli.packages.PackagesApp",
            "What was added to the environments; put it back after a restart.",
        ),
        "doctor": ("jupyter_nb_updater.cli.doctor.DoctorApp", "What works here, and what is missing for a restart."),
        "journal": ("jupyter_nb_updater.cli.journal.JournalApp", "What happened in every restart, with times."),
        "fleet": ("jupyter_nb_updater.cli.fleet.FleetApp", "All notebook instances of an account and region."),
        "policy": ("jupyter_nb_updater.cli.policy.PolicyApp", "The organization's document: check it, show it, try it out."),
        "permissions": (
            "jupyter_nb_updater.cli.permissions.PermissionsApp",
            "What the roles must be allowed, as an IAM policy.",
        ),
        "stack": (
            "jupyter_nb_updater.cli.stack.StackApp",
            "The return path of an account and region: deploy, delete, print it.",
        ),
        "lifecycle": ("jupyter_nb_updater.cli.lifecycle.LifecycleApp", "The script that installs this at each start."),
        "demo": ("jupyter_nb_updater.cli.demo.DemoApp", "A notebook instance on your own machine, without AWS."),
    }

    def start(self) -> None:
        """Hand over to the command, or say which ones there are."""
        super().start()
        self.print_help()
        self.exit(ExitCode.USAGE)


main = NbUpdaterCli.launch_instance

if __name__ == "__main__":
    main()
