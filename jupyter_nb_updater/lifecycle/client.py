"""Lifecycle configurations and notebook instances at AWS: read, and written only over what was read.

SageMaker has no conditional write. So each one is read once more right before it is written, and once after it: a change in the
few milliseconds between the first two goes unnoticed, and nothing else does.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws, AwsError
from ..instance.sagemaker import notebook_instances, pages
from .model import Configuration, Notebook

MAX_PARALLEL_REQUESTS = 4
"""Requests at a time. AWS documents no limit for these calls."""

STEADY_STATUSES = ("Stopped", "Failed", "InService")


class ConfigChanged(Exception):
    """Somebody else has written it meanwhile, or AWS has not taken what we wrote; the message says which."""


class LifecycleClient(LoggingConfigurable):
    """One account and region. Every method raises :class:`~..instance.aws.AwsError`."""

    poll_seconds = Float(1.0, min=0.05, help="Seconds between two looks at an instance that is being updated.").tag(config=True)
    timeout_seconds = Float(120.0, min=1.0, help="Seconds to wait for an instance that is being updated.").tag(config=True)

    def __init__(self, aws: Aws, **kwargs: Any) -> None:
        """Args: the way to AWS."""
        super().__init__(**kwargs)
        self._aws = aws
        self._request_slots = asyncio.Semaphore(MAX_PARALLEL_REQUESTS)

    # What is there

    async def configurations(self) -> list[Configuration]:
        """Every one, by name. One that may not be read is there all the same, and says so."""
        listed = await pages(self._aws, "ListNotebookInstanceLifecycleConfigs", "NotebookInstanceLifecycleConfigs")
        names = [one["NotebookInstanceLifecycleConfigName"] for one in listed]
        return list(await asyncio.gather(*[self._read_or_explain(name) for name in names]))

    async def instances(self) -> list[Notebook]:
        """Every one that is not being deleted, by name."""
        listed = [_notebook(one) for one in await notebook_instances(self._aws)]
        return [one for one in listed if one.status != "Deleting"]

    async def with_platform(self, notebook: Notebook) -> Notebook:
        """The same, with its platform if AWS says it."""
        try:
            answer = await self._describe(notebook.name)
        except AwsError:
            return notebook
        return replace(notebook, platform=answer.get("PlatformIdentifier"))

    async def tagged(self, notebooks: Iterable[Notebook], key: str, value: str) -> set[str]:
        """The names of those that have this tag."""

        async def has(one: Notebook) -> bool:
            async with self._request_slots:
                answer = await self._aws.call("sagemaker", "ListTags", ResourceArn=one.arn, MaxResults=100)
            return {"Key": key, "Value": value} in answer["Tags"]

        found = [*notebooks]
        return {one.name for one, yes in zip(found, await asyncio.gather(*map(has, found)), strict=True) if yes}

    # What is done

    async def create(self, name: str, on_start: bytes) -> None:
        """Make a configuration with this script."""
        await self._write("CreateNotebookInstanceLifecycleConfig", Configuration(name), on_start)

    async def update(self, before: Configuration, on_start: bytes) -> None:
        """Give a configuration another script.

        Args:
            before: as it was read when this was decided.
            on_start: the script; empty for none.

        Raises:
            ConfigChanged: it is not what it was, or it is not what it should be.
        """
        now = await self._read(before.name)
        if now != before:
            when = f" at {now.modified:%Y-%m-%dT%H:%M:%S%z}" if now.modified else ""
            raise ConfigChanged(f"somebody has changed it{when}, after it was read: nothing was written. Run the command again")
        await self._write("UpdateNotebookInstanceLifecycleConfig", before, on_start)

    async def associate(self, notebook: str, configuration: str | None) -> None:
        """Give a stopped instance this configuration, or none, and wait until it can be started.

        Raises:
            ConfigChanged: AWS has not done it.
        """
        wanted: dict[str, Any] = (
            {"LifecycleConfigName": configuration} if configuration else {"DisassociateLifecycleConfig": True}
        )
        await self._aws.call("sagemaker", "UpdateNotebookInstance", NotebookInstanceName=notebook, **wanted)
        try:
            instance = await asyncio.wait_for(self._wait_until_steady(notebook), self.timeout_seconds)
        except asyncio.TimeoutError:
            raise ConfigChanged(
                f"it is still being updated after {self.timeout_seconds:g} seconds; AWS goes on with it"
            ) from None
        if _notebook(instance).configuration != configuration:
            raise ConfigChanged(f"AWS accepted the update, and the instance is {instance['NotebookInstanceStatus']} without it")

    async def upload(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object there, unless there is one: its key says what is in it. Needs ``s3:PutObject``."""
        try:
            await self._aws.call("s3", "PutObject", Bucket=bucket, Key=key, Body=content, IfNoneMatch="*")
        except AwsError as error:
            if error.code != "conflict":
                raise

    async def _read_or_explain(self, name: str) -> Configuration:
        try:
            return await self._read(name)
        except AwsError as error:
            return Configuration(name, unread=str(error))

    async def _read(self, name: str) -> Configuration:
        async with self._request_slots:
            answer = await self._aws.call(
                "sagemaker", "DescribeNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName=name
            )
        on_start, on_create = (next((hook["Content"] for hook in answer.get(at) or ()), None) for at in ("OnStart", "OnCreate"))
        try:
            script = base64.b64decode(on_start or "")
        except binascii.Error as error:
            return Configuration(name, unread=f"its script is not in base64: {error}")
        return Configuration(name, script, on_create, answer.get("LastModifiedTime"))

    async def _write(self, operation: str, configuration: Configuration, on_start: bytes) -> None:
        """Both scripts are sent: whether one that is not sent stays as it is is not documented."""
        content = base64.b64encode(on_start).decode()
        hooks = {"OnStart": content, "OnCreate": configuration.on_create}
        facts = {name: [{"Content": text}] if text else [] for name, text in hooks.items() if text is not None}
        lost: AwsError | None = None
        try:
            await self._aws.call("sagemaker", operation, NotebookInstanceLifecycleConfigName=configuration.name, **facts)
        except AwsError as error:
            if error.code != "unreachable":
                raise
            lost = error  # the answer, perhaps, and not the request
        if (await self._read(configuration.name)).on_start != on_start:
            raise lost or ConfigChanged("AWS accepted it, and has something else now. Look at it in the console")

    async def _describe(self, notebook: str) -> dict[str, Any]:
        async with self._request_slots:
            return await self._aws.call("sagemaker", "DescribeNotebookInstance", NotebookInstanceName=notebook)

    async def _wait_until_steady(self, notebook: str) -> dict[str, Any]:
        while True:
            instance = await self._describe(notebook)
            if instance["NotebookInstanceStatus"] in STEADY_STATUSES:
                return instance
            await asyncio.sleep(self.poll_seconds)


def _notebook(facts: dict[str, Any]) -> Notebook:
    """One of ListNotebookInstances, or the answer of DescribeNotebookInstance, where the name has the same member."""
    return Notebook(
        facts["NotebookInstanceName"],
        facts["NotebookInstanceArn"],
        facts["NotebookInstanceStatus"],
        facts.get("NotebookInstanceLifecycleConfigName"),
    )
