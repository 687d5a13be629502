"""Base classes of the commands: configuration, reports, errors and exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from abc import abstractmethod
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from traitlets import Bool, TraitError, Unicode, default

from .._version import __version__
from ..instance.aws import NO_CREDENTIALS, Aws, AwsError
from ..instance.metadata import NotANotebookInstance
from .help import HelpfulApp, command_line, fit, terminal_width


class ExitCode(IntEnum):
    """Exit codes of all commands."""

    CURRENT = 0
    """Up to date, or done."""
    DUE = 1
    """A restart is recommended, due or overdue."""
    USAGE = 2
    """The command line is wrong."""
    UNKNOWN = 3
    """Unknown, including when this is not a notebook instance."""
    FAILED = 4
    """The command failed."""


NO_REGION = "No AWS region. Give --region, or set AWS_REGION."

READ_AGAIN = "Check the network, then try again."
PERHAPS_DONE = "The request may have been carried out: look at the AWS console before you try again."

READ_OPERATIONS = ("Describe", "Get", "List")
"""How the names of operations begin that change nothing."""


class Command(HelpfulApp):
    """A command, configured by the file of the server extension: ``jupyter_nb_updater_config.py`` or ``.json``."""

    version = __version__
    config_file_name = "jupyter_nb_updater_config"
    as_json = Bool(default_value=False, help="Print JSON.").tag(config=True)
    flags = {"json": ({"Command": {"as_json": True}}, "Print JSON.")}
    aliases = {"config": "JupyterApp.config_file"}
    _understood = False

    def start(self) -> None:
        """Run the command and exit with its code."""
        self._understood = True
        super().start()
        if self.extra_args:
            self.error(f"Unknown argument: {' '.join(self.extra_args)}. See `{command_line(str(self.name))} --help`.")
            self.exit(ExitCode.USAGE)
        try:
            code = self.run()
        except TraitError as error:  # a setting has a value that its class rejects
            self.error(str(error))
            code = ExitCode.USAGE
        self.exit(code)

    def exit(self, exit_status: int | str | None = 0) -> None:
        """Exit. traitlets exits with 1 for an unknown option, but 1 means here that a restart is recommended."""
        super().exit(exit_status if self._understood or not exit_status else ExitCode.USAGE)

    @abstractmethod
    def run(self) -> ExitCode:
        """Run the command and return its exit code."""

    def report(self, content: Any, lines: Iterable[str]) -> None:
        """Print a report.

        Args:
            content: printed as JSON when ``--json`` was given.
            lines: printed otherwise; each is wrapped to the width of the terminal, unless it has line breaks of its own.
        """
        if self.as_json:
            text = json.dumps(content, indent=2, ensure_ascii=False)
        else:
            width = terminal_width(sys.stdout)
            text = "\n".join(fit(line, width) for line in lines)
        print(text.encode("utf-8", "backslashreplace").decode())  # half a character pair cannot be printed, but escaped in JSON

    def error(self, message: str) -> None:
        """Print what is wrong, and the next step, to standard error.

        Args:
            message: one or two sentences.
        """
        print(fit(f"{command_line(str(self.name))}: {message}", terminal_width(sys.stderr)), file=sys.stderr)


def not_an_instance(error: NotANotebookInstance) -> str:
    """Return why a command that is about this instance has nothing to say.

    Args:
        error: of the metadata.
    """
    return f"This is not a SageMaker notebook instance: {error}."


class CommandGroup(Command):
    """A command that only has subcommands."""

    flags = {}
    aliases = {}

    def run(self) -> ExitCode:
        """Print the subcommands."""
        self.print_help()
        return ExitCode.USAGE


class CommandError(Exception):
    """The command failed. The message says why, and what to do next."""


class AccountCommand(Command):
    """A command that calls AWS with the credentials of the administrator."""

    classes = [Aws]
    region = Unicode(help="AWS region. Default: AWS_REGION, AWS_DEFAULT_REGION, or the region of the AWS profile.").tag(
        config=True
    )
    flags = {}
    aliases = {"config": "JupyterApp.config_file", "region": "AccountCommand.region"}

    @default("region")
    def _default_region(self) -> str:
        from boto3 import Session
        from botocore.exceptions import BotoCoreError

        try:
            return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or Session().region_name or ""
        except BotoCoreError as error:  # the profile does not exist
            self.error(str(error))
            return ""

    def run(self) -> ExitCode:
        """Check the options, run the command, and turn errors into messages and exit codes."""
        if message := self.validation_error():
            self.error(message)
            return ExitCode.USAGE
        try:
            asyncio.run(self._with_aws())
        except AwsError as error:
            self.error(aws_error_text(error, self.region))
        except CommandError as error:
            self.error(str(error))
        else:
            return ExitCode.CURRENT
        return ExitCode.FAILED

    def validation_error(self) -> str:
        """Return what is wrong with the options; empty when they are valid."""
        return "" if self.region else NO_REGION

    @abstractmethod
    async def act(self, aws: Aws) -> None:
        """Run the command.

        Args:
            aws: makes the calls.

        Raises:
            AwsError: AWS refused a call, or did not answer.
            CommandError: the command failed for another reason.
        """

    async def _with_aws(self) -> None:
        aws = Aws(self.region, parent=self)
        try:
            await self.act(aws)
        finally:
            aws.close()


def aws_error_text(error: AwsError, region: str) -> str:
    """Return what went wrong with a call to AWS, and the next step.

    Args:
        error: of the call.
        region: in which the call was made.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectionError as NotConnected,
        HTTPClientError,
        NoCredentialsError,
    )

    cause = error.__cause__
    aws_code = cause.response.get("Error", {}).get("Code") if isinstance(cause, ClientError) else None
    call, message = f"{error.operation} in {region}", f"{error.message.rstrip('.')}."
    if isinstance(cause, NoCredentialsError) or aws_code in NO_CREDENTIALS:
        return f"No valid AWS credentials: {message} Run `aws configure` or `aws sso login`, or set AWS_PROFILE."
    if error.code == "access-denied":
        return f"AWS denied {error.action} in {region}: {message} Ask for that IAM permission."
    if error.code == "throttled":
        return f"AWS throttled {call}. Try again in a minute."
    if error.code != "unreachable":
        return f"AWS refused {call}: {message}"
    if isinstance(cause, BotoCoreError) and not isinstance(cause, (HTTPClientError, NotConnected)):
        return f"Cannot call {call}: {message}"
    is_safe = isinstance(cause, NotConnected) or error.operation.startswith(READ_OPERATIONS)
    return f"AWS did not answer {call}: {message} {READ_AGAIN if is_safe else PERHAPS_DONE}"
