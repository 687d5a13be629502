"""Read and write lifecycle configurations and notebook instances, without overwriting changes of others.

SageMaker has no conditional write. So each configuration is read again right before it is written, and once after: only a
change in the milliseconds between the read and the write goes unnoticed.
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
from ..util.text import plural
from .model import Configuration, Notebook

MAX_PARALLEL_REQUESTS = 4
"""Requests at the same time. AWS documents no limit for these calls."""

STEADY_STATUSES = ("Stopped", "Failed", "InService")


class ConfigChanged(Exception):
    """Somebody else has changed the configuration, or AWS has not stored what was written. The message says which."""


class LifecycleClient(LoggingConfigurable):
    """Calls SageMaker in one account and region. Every method raises :class:`~..instance.aws.AwsError`."""

    poll_seconds = Float(1.0, min=0.05, help="Seconds between two polls of an instance that is being updated.").tag(config=True)
    timeout_seconds = Float(120.0, min=1.0, help="Seconds to wait for an instance that is being updated.").tag(config=True)

    def __init__(self, aws: Aws, **kwargs: Any) -> None:
        """Create a client.

        Args:
            aws: makes the calls.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._aws = aws
        self._request_slots = asyncio.Semaphore(MAX_PARALLEL_REQUESTS)

    async def configurations(self) -> list[Configuration]:
        """Return all lifecycle configurations, by name. One that cannot be read has the reason in ``unread``."""
        listed = await pages(self._aws, "ListNotebookInstanceLifecycleConfigs", "NotebookInstanceLifecycleConfigs")
        names = [one["NotebookInstanceLifecycleConfigName"] for one in listed]
        return list(await asyncio.gather(*[self._read_or_explain(name) for name in names]))

    async def instances(self) -> list[Notebook]:
        """Return all notebook instances that are not being deleted, by name."""
        listed = [_notebook(one) for one in await notebook_instances(self._aws)]
        return [one for one in listed if one.status != "Deleting"]

    async def with_platform(self, notebook: Notebook) -> Notebook:
        """Return an instance with its platform; without, if AWS does not return it.

        Args:
            notebook: the instance.
        """
        try:
            answer = await self._describe(notebook.name)
        except AwsError:
            return notebook
        return replace(notebook, platform=answer.get("PlatformIdentifier"))

    async def tagged(self, notebooks: Iterable[Notebook], key: str, value: str) -> set[str]:
        """Return the names of the instances with a tag.

        Args:
            notebooks: the instances to look at.
            key: key of the tag.
            value: value of the tag.
        """

        async def has(one: Notebook) -> bool:
            async with self._request_slots:
                answer = await self._aws.call("sagemaker", "ListTags", ResourceArn=one.arn, MaxResults=100)
            return {"Key": key, "Value": value} in answer["Tags"]

        found = [*notebooks]
        return {one.name for one, yes in zip(found, await asyncio.gather(*map(has, found)), strict=True) if yes}

    async def create(self, name: str, on_start: bytes) -> None:
        """Create a configuration.

        Args:
            name: its name.
            on_start: its OnStart script.
        """
        await self._write("CreateNotebookInstanceLifecycleConfig", Configuration(name), on_start)

    async def update(self, before: Configuration, on_start: bytes) -> None:
        """Replace the OnStart script of a configuration.

        Args:
            before: the configuration as it was read for the plan.
            on_start: the new script; empty for none.

        Raises:
            ConfigChanged: somebody else has changed it, or AWS has stored another script.
        """
        now = await self._read(before.name)
        if now != before:
            when = f" at {now.modified:%Y-%m-%dT%H:%M:%S%z}" if now.modified else ""
            raise ConfigChanged(f"somebody else changed it{when}. Nothing was written: run the command again")
        await self._write("UpdateNotebookInstanceLifecycleConfig", before, on_start)

    async def associate(self, notebook: str, configuration: str | None) -> None:
        """Associate a stopped instance with a configuration, and wait until it can be started.

        Args:
            notebook: name of the instance.
            configuration: name of the configuration; ``None`` to disassociate it.

        Raises:
            ConfigChanged: AWS has not finished in time, or has not done it.
        """
        wanted: dict[str, Any] = (
            {"LifecycleConfigName": configuration} if configuration else {"DisassociateLifecycleConfig": True}
        )
        await self._aws.call("sagemaker", "UpdateNotebookInstance", NotebookInstanceName=notebook, **wanted)
        try:
            instance = await asyncio.wait_for(self._wait_until_steady(notebook), self.timeout_seconds)
        except asyncio.TimeoutError:
            raise ConfigChanged(
                f"still being updated after {plural(self.timeout_seconds, 'second')}. AWS continues; see `lifecycle list`"
            ) from None
        if _notebook(instance).configuration != configuration:
            raise ConfigChanged(f"AWS accepted the update, but did not make it. Status: {instance['NotebookInstanceStatus']}")

    async def upload(self, bucket: str, key: str, content: bytes) -> None:
        """Upload an object, unless it exists: the key depends on the content. Needs ``s3:PutObject``.

        Args:
            bucket: name of the bucket.
            key: key of the object.
            content: bytes of the object.
        """
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
            return Configuration(name, unread=f"the script is not base64: {error}")
        return Configuration(name, script, on_create, answer.get("LastModifiedTime"))

    async def _write(self, operation: str, configuration: Configuration, on_start: bytes) -> None:
        """Send both scripts: AWS does not document whether one that is not sent is kept."""
        content = base64.b64encode(on_start).decode()
        hooks = {"OnStart": content, "OnCreate": configuration.on_create}
        facts = {name: [{"Content": text}] if text else [] for name, text in hooks.items() if text is not None}
        lost: AwsError | None = None
        try:
            await self._aws.call("sagemaker", operation, NotebookInstanceLifecycleConfigName=configuration.name, **facts)
        except AwsError as error:
            if error.code != "unreachable":
                raise
            lost = error  # the request may have been carried out
        if (await self._read(configuration.name)).on_start != on_start:
            raise lost or ConfigChanged("AWS accepted the change, but has another script now: look at it in the AWS console")

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
    """Return an instance from an item of ListNotebookInstances, or from DescribeNotebookInstance, which has the same fields."""
    return Notebook(
        facts["NotebookInstanceName"],
        facts["NotebookInstanceArn"],
        facts["NotebookInstanceStatus"],
        facts.get("NotebookInstanceLifecycleConfigName"),
    )
