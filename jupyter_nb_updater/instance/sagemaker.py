"""The SageMaker API about this one instance, the cached description of it, and the listing of all instances."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..util.tasks import cancel_all
from .aws import Aws, AwsError, request_id
from .metadata import Identity
from .platforms import KNOWN, PlatformFact, can_start_again, known, moves_to

MAX_PAGE_ITEMS = 100
"""API Reference, ListNotebookInstances and ListNotebookInstanceLifecycleConfigs: MaxResults."""


async def pages(aws: Aws, operation: str, member: str) -> list[dict[str, Any]]:
    """Everything that a list of SageMaker's has, by name.

    Args:
        aws: the way to it.
        operation: such as ``ListNotebookInstances``.
        member: of its answer, that holds the items.

    Raises:
        AwsError: it may not be listed, or AWS cannot be reached.
    """
    found: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        answer = await aws.call("sagemaker", operation, MaxResults=MAX_PAGE_ITEMS, SortBy="Name", SortOrder="Ascending", **more)
        found += answer[member]
        if not answer.get("NextToken"):
            return found
        more = {"NextToken": answer["NextToken"]}


async def notebook_instances(aws: Aws) -> list[dict[str, Any]]:
    """Every item of ListNotebookInstances, by name. Raises as above."""
    return await pages(aws, "ListNotebookInstances", "NotebookInstances")


GOING_DOWN = {"Stopping", "Stopped"}
"""Statuses of an instance that has taken a stop."""

MAX_CHECK_SECONDS = 5.0
"""For a look that nothing depends on: the time of a restart is for what it cannot do without."""


@dataclass(frozen=True)
class Description:
    """What ``DescribeNotebookInstance`` says, as far as we act on it. Unknown statuses and platforms stay plain strings."""

    status: str
    arn: str
    platform: str | None = None
    instance_type: str | None = None
    role: str | None = None
    lifecycle_config: str | None = None
    kms_key: str | None = None
    subnet: str | None = None
    platforms: Mapping[str, PlatformFact] = field(default_factory=lambda: KNOWN, repr=False, compare=False)

    def starts_again(self, now: datetime) -> bool:
        """Whether AWS would start it again as it is, by all that is known of platforms."""
        return can_start_again(self.platform, now, self.platforms)

    def moves_to(self, now: datetime) -> str | None:
        """The platform on which it would come back, where it cannot start again as it is."""
        return moves_to(self.platform, self.instance_type, now, self.platforms)

    @classmethod
    def from_response(cls, response: dict[str, Any], platforms: Mapping[str, PlatformFact] = KNOWN) -> Description:
        """Take what we know from botocore's parsed response, and what is known of platforms."""
        return cls(
            status=response["NotebookInstanceStatus"],
            arn=response["NotebookInstanceArn"],
            platform=response.get("PlatformIdentifier"),
            instance_type=response.get("InstanceType"),
            role=response.get("RoleArn"),
            lifecycle_config=response.get("NotebookInstanceLifecycleConfigName"),
            kms_key=response.get("KmsKeyId"),
            subnet=response.get("SubnetId"),
            platforms=platforms,
        )


class SageMaker:
    """This instance, seen and stopped through the API. Every method raises :class:`~.aws.AwsError`."""

    def __init__(self, aws: Aws, identity: Identity) -> None:
        self._aws, self.identity = aws, identity
        self._platforms: Mapping[str, PlatformFact] = KNOWN

    def use_platform_facts(self, facts: Iterable[PlatformFact]) -> bool:
        """Judge platforms by the built-in table and by these facts from now on. Returns whether that changed anything.

        Args:
            facts: such as those of an organization's document.
        """
        table = known(facts)
        is_new, self._platforms = table != self._platforms, table
        return is_new

    async def describe(self) -> Description:
        """The instance as AWS sees it now."""
        return Description.from_response(await self._call("DescribeNotebookInstance"), self._platforms)

    async def lifecycle_config(self, name: str) -> dict[str, Any]:
        """A lifecycle configuration, with its scripts."""
        return await self._aws.call(
            "sagemaker", "DescribeNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName=name
        )

    async def lacks(self, lifecycle_config: str | None) -> bool:
        """Whether AWS has no lifecycle configuration of this name any more. Raises nothing: what cannot be seen is not lacking.

        AWS says so in words alone, "Notebook Instance Lifecycle Config does not exist", as a ``ValidationException`` (the API
        models no error for it; seen in aws-controllers-k8s/sagemaker-controller, which goes by these words).
        """
        if lifecycle_config is None:
            return False
        try:
            await asyncio.wait_for(self.lifecycle_config(lifecycle_config), MAX_CHECK_SECONDS)
        except AwsError as error:
            return error.code == "not-found" or (error.code == "wrong-state" and "does not exist" in error.message)
        except asyncio.TimeoutError:
            return False
        return False

    async def stop(self) -> str | None:
        """Ask AWS to stop this instance; it is accepted only from ``InService``.

        "Terminates the ML compute instance" and keeps the volume (API Reference, StopNotebookInstance).

        Returns:
            The id of the request, for the journal.
        """
        return request_id(await self._call("StopNotebookInstance"))

    async def tag(self, arn: str, key: str, value: str) -> str | None:
        """Set one tag. That may be done while ``InService`` (Developer Guide, "Update a notebook instance").

        Returns:
            The id of the request, for the journal.
        """
        return request_id(await self._aws.call("sagemaker", "AddTags", ResourceArn=arn, Tags=[{"Key": key, "Value": value}]))

    async def tags(self, arn: str) -> dict[str, str]:
        """All tags: an instance has at most 50 (AWS General Reference), and a page holds 100 (API Reference, ListTags)."""
        answer = await self._aws.call("sagemaker", "ListTags", ResourceArn=arn, MaxResults=100)
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    async def untag(self, arn: str, key: str) -> None:
        """Remove one tag; a tag that is not there is no error."""
        await self._aws.call("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=[key])

    async def _call(self, operation: str) -> dict[str, Any]:
        return await self._aws.call("sagemaker", operation, NotebookInstanceName=self.identity.name)


class DescriptionCache:
    """One answer for everyone.

    Args:
        sagemaker: the API about this instance.
    """

    def __init__(self, sagemaker: SageMaker) -> None:
        self._sagemaker = sagemaker
        self._asking: asyncio.Task[Description] | None = None
        self._listeners: list[Callable[[Description | None], None]] = []
        self.last: Description | None = None
        """As AWS said it last."""

    def subscribe(self, listener: Callable[[Description | None], None]) -> None:
        """Call ``listener`` with every answer, and with ``None`` when there was none."""
        self._listeners.append(listener)

    async def describe(self) -> Description:
        """Ask AWS. Who asks while somebody does shares the answer.

        Raises:
            AwsError: AWS did not say.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody may be waiting any more
        return await asyncio.shield(self._asking)

    async def cached(self) -> Description:
        """As AWS said it last: for what changes only with a restart.

        Raises:
            AwsError: it never did, and does not now.
        """
        return self.last or await self.describe()

    async def close(self) -> None:
        """Ask nobody any more."""
        await cancel_all([self._asking])

    async def _ask(self) -> Description:
        try:
            self.last = await self._sagemaker.describe()
        except AwsError:
            self._tell(None)
            raise
        self._tell(self.last)
        return self.last

    def _tell(self, description: Description | None) -> None:
        for listener in self._listeners:
            listener(description)
