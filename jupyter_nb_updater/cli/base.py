"""Base classes of the commands: one configuration file, one way to report, one table of exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from abc import abstractmethod
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from jupyter_core.application import JupyterApp
from traitlets import Bool, TraitError, Unicode, default

from .._version import __version__
from ..instance.aws import Aws, AwsError


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
    _understood = False

    def start(self) -> None:
        """Run, and end with an exit code."""
        self._understood = True
        super().start()
        if self.extra_args:
            self.error(f"unknown argument: {' '.join(self.extra_args)}")
            self.exit(ExitCode.USAGE)
        try:
            code = self.run()
        except TraitError as error:  # a part was configured with what it cannot take
            self.error(str(error))
            code = ExitCode.USAGE
        self.exit(code)

    def exit(self, exit_status: int | str | None = 0) -> None:
        """End. traitlets ends with 1 when it does not understand an option, but 1 means that a restart is due."""
        super().exit(exit_status if self._understood or not exit_status else ExitCode.USAGE)

    @abstractmethod
    def run(self) -> ExitCode:
        """Run the command and return its exit code."""

    def report(self, content: Any, lines: Iterable[str]) -> None:
        """Print the facts: as JSON when that was asked for, else as lines for a person."""
        print(json.dumps(content, indent=2, ensure_ascii=False) if self.as_json else "\n".join(lines))

    def error(self, message: str) -> None:
        """Print to standard error what is wrong and what to do."""
        print(f"{self.name}: {message}", file=sys.stderr)


class CommandGroup(Command):
    """A command that only chooses among its subcommands."""

    flags = {}
    aliases = {}

    def run(self) -> ExitCode:
        """Print the subcommands."""
        self.print_help()
        return ExitCode.USAGE


class CommandError(Exception):
    """The command failed; the message says why, and what to do."""


class AccountCommand(Command):
    """A command that calls AWS with the administrator's own credentials, and ends with one sentence where it may not."""

    classes = [Aws]
    region = Unicode(help="The region. Default: AWS_REGION or AWS_DEFAULT_REGION, or that of the AWS profile.").tag(config=True)
    flags = {}
    aliases = {"config": "JupyterApp.config_file", "region": "AccountCommand.region"}

    @default("region")
    def _default_region(self) -> str:
        from boto3 import Session
        from botocore.exceptions import BotoCoreError

        try:
            return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or Session().region_name or ""
        except BotoCoreError as error:  # a profile that is not there
            self.error(str(error))
            return ""

    def run(self) -> ExitCode:
        """Check the options, act, and turn errors into messages and exit codes."""
        if message := self.validation_error():
            self.error(message)
            return ExitCode.USAGE
        try:
            asyncio.run(self._with_aws())
        except AwsError as error:
            self.error(_refusal(error, self.region))
        except CommandError as error:
            self.error(str(error))
        else:
            return ExitCode.CURRENT
        return ExitCode.FAILED

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when nothing is."""
        return "" if self.region else "which region? Give --region, or set AWS_REGION"

    @abstractmethod
    async def act(self, aws: Aws) -> None:
        """Do the work of the command.

        Raises:
            AwsError: AWS refused.
            CommandError: it was not done as asked for.
        """

    async def _with_aws(self) -> None:
        aws = Aws(self.region, parent=self)
        try:
            await self.act(aws)
        finally:
            aws.close()


def _refusal(error: AwsError, region: str) -> str:
    if error.code == "access-denied":
        return f"AWS does not allow {error.action} in {region}: {error.message}"
    if error.code == "unreachable":
        return f"AWS could not be asked in {region}: {error.message}"
    return f"AWS refused {error.operation} in {region}: {error.message}"
