"""What the commands for an administrator share: whose region, and what is said when AWS refuses."""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod

from traitlets import Unicode, default

from ..instance.aws import Aws, AwsError
from .command import Command, ExitCode


class CommandError(Exception):
    """It was not done; the message says why, and what to do."""


class AccountCommand(Command):
    """Asks AWS with the administrator's own credentials, and ends with one sentence where it may not."""

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
            self.complain(str(error))
            return ""

    def run(self) -> ExitCode:
        """Do it."""
        if trouble := self.wrong():
            self.complain(trouble)
            return ExitCode.USAGE
        try:
            asyncio.run(self._with_aws())
        except AwsError as error:
            self.complain(_refusal(error, self.region))
        except CommandError as error:
            self.complain(str(error))
        else:
            return ExitCode.CURRENT
        return ExitCode.FAILED

    def wrong(self) -> str:
        """What cannot be meant; empty when everything can."""
        return "" if self.region else "which region? Give --region, or set AWS_REGION"

    @abstractmethod
    async def act(self, aws: Aws) -> None:
        """What the command is for.

        Raises:
            AwsError: AWS refused.
            Undone: it is not as it was asked for.
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
