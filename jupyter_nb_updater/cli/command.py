"""What all commands share: one configuration file, one way to report, one table of exit codes."""

from __future__ import annotations

import json
import sys
from abc import abstractmethod
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from jupyter_core.application import JupyterApp
from traitlets import Bool

from .._version import __version__


class ExitCode(IntEnum):
    """What a script can rely on."""

    CURRENT = 0
    """Nothing to do, or done as asked."""
    DUE = 1
    """A restart is advised, due or overdue."""
    USAGE = 2
    """The command line is wrong."""
    UNKNOWN = 3
    """It cannot be known; so too on a machine that is no notebook instance."""
    FAILED = 4
    """It was tried and did not work."""


class Command(JupyterApp):
    """One command. Its configuration file is the server extension's: ``jupyter_nb_updater_config.py`` or ``.json``."""

    version = __version__
    config_file_name = "jupyter_nb_updater_config"
    as_json = Bool(default_value=False, help="Report as JSON.").tag(config=True)
    flags = {"json": ({"Command": {"as_json": True}}, "Report as JSON.")}
    aliases = {"config": "JupyterApp.config_file"}

    def start(self) -> None:
        """Run, and end with an exit code."""
        super().start()
        if self.extra_args:
            self.complain(f"unknown argument: {' '.join(self.extra_args)}")
            self.exit(ExitCode.USAGE)
        self.exit(self.run())

    @abstractmethod
    def run(self) -> ExitCode:
        """Do what the command is for."""

    def report(self, content: Any, lines: Iterable[str]) -> None:
        """Print the facts: as JSON when that was asked for, else as lines for a person."""
        print(json.dumps(content, indent=2, ensure_ascii=False) if self.as_json else "\n".join(lines))

    def complain(self, message: str) -> None:
        """Say on standard error what is wrong and what to do."""
        print(f"{self.name}: {message}", file=sys.stderr)
