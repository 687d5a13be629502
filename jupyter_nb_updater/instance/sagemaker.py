"""The SageMaker API for this instance, its cached description, and the list of all instances."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from traitlets import Bool
from traitlets.config import LoggingConfigurable

from ..util.tasks import cancel_all
from .aws import Aws, AwsError, request_id
from .metadata import Identity
from .platforms import KNOWN, PlatformFact, can_start_again, known, move_target, moves_to

MAX_PAGE_ITEMS = 100
"""Maximum of MaxResults (API Reference, ListNotebookInstances and ListNotebookInstanceLifecycleConfigs)."""


async def pages(aws: Aws, operation: str, member: str) -> list[dict[str, Any]]:
    """Return all items of a SageMaker list, sorted by name.

    Args:
        aws: calls AWS.
        operation: name of the operation, such as ``ListNotebookInstances``.
        member: field of the response that contains the items.

    Raises:
        AwsError: a permission is missing, or AWS cannot be reached.
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
    """Return all items of ListNotebookInstances, sorted by name. Raises the errors of :func:`pages`."""
    return await pages(aws, "ListNotebookInstances", "NotebookInstances")


GOING_DOWN = {"Stopping", "Stopped"}
"""Statuses of an instance that is stopping or stopped."""

MAX_CHECK_SECONDS = 5.0
"""Timeout in seconds for an optional check, so that it does not delay a restart."""


@dataclass(frozen=True)
class Description:
    """The fields of ``DescribeNotebookInstance`` that we use. Unknown statuses and platforms stay plain strings."""

    status: str
    arn: str
    platform: str | None = None
    instance_type: str | None = None
    role: str | None = None
    lifecycle_config: str | None = None
    kms_key: str | None = None
    subnet: str | None = None
    url: str | None = None
    platforms: Mapping[str, PlatformFact] = field(default_factory=lambda: KNOWN, repr=False, compare=False)

    def starts_again(self, now: datetime) -> bool:
        """Check whether AWS would start the instance again on its current platform."""
        return can_start_again(self.platform, now, self.platforms)

    def move_target(self, now: datetime) -> str | None:
        """Return the platform to which a restart may move the instance, whatever its type; ``None`` if there is none."""
        return move_target(self.platform, now, self.platforms)

    def moves_to(self, now: datetime) -> str | None:
        """Return the platform to which the instance must move to start again; ``None`` if it need not or cannot move."""
        return moves_to(self.platform, self.instance_type, now, self.platforms)

    @classmethod
    def from_response(cls, response: dict[str, Any], platforms: Mapping[str, PlatformFact] = KNOWN) -> Description:
        """Build a description from botocore's parsed response and the known platforms."""
        return cls(
            status=response["NotebookInstanceStatus"],
            arn=response["NotebookInstanceArn"],
            platform=response.get("PlatformIdentifier"),
            instance_type=response.get("InstanceType"),
            role=response.get("RoleArn"),
            lifecycle_config=response.get("NotebookInstanceLifecycleConfigName"),
            kms_key=response.get("KmsKeyId"),
            subnet=response.get("SubnetId"),
            url=response.get("Url"),
            platforms=platforms,
        )


class PlatformTable(LoggingConfigurable):
    """Know the platforms: the built-in table, what an administrator allows, and the facts of an organization's document."""

    moves_amazon_linux_2 = Bool(
        default_value=False,
        help="Whether a restart may move an instance from Amazon Linux 2, which AWS no longer starts, to Amazon Linux 2023, "
        "once its user has confirmed that. AWS describes this move for the time before July 2026, so try it on one instance "
        "first.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.facts = known(moves_amazon_linux_2=self.moves_amazon_linux_2)

    def use(self, facts: Iterable[PlatformFact]) -> bool:
        """Use these facts in addition to the built-in table from now on. Return whether that changed the table.

        Args:
            facts: further facts, such as those of an organization's document.
        """
        table = known(facts, moves_amazon_linux_2=self.moves_amazon_linux_2)
        is_new, self.facts = table != self.facts, table
        return is_new


class SageMaker:
    """Describe, tag and stop this instance. Every method raises :class:`~.aws.AwsError`.

    Args:
        aws: calls AWS.
        identity: the instance.
        platforms: the known platforms; ``None`` for the default configuration.
    """

    def __init__(self, aws: Aws, identity: Identity, platforms: PlatformTable | None = None) -> None:
        self._aws, self.identity = aws, identity
        self.platforms = platforms or PlatformTable()

    async def describe(self) -> Description:
        """Get the current description of the instance."""
        return Description.from_response(await self._call("DescribeNotebookInstance"), self.platforms.facts)

    async def lifecycle_config(self, name: str) -> dict[str, Any]:
        """Get a lifecycle configuration, with its scripts."""
        return await self._aws.call(
            "sagemaker", "DescribeNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName=name
        )

    async def lacks(self, lifecycle_config: str | None) -> bool:
        """Check whether this lifecycle configuration no longer exists. Raises nothing; ``False`` if it cannot be determined.

        AWS reports this only by the message "Notebook Instance Lifecycle Config does not exist" of a ``ValidationException``
        (the
        API models no error for it; aws-controllers-k8s/sagemaker-controller relies on the same message).
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
        """Request a stop of this instance; AWS accepts it only from ``InService``.

        "Terminates the ML compute instance" and keeps the volume (API Reference, StopNotebookInstance).

        Returns:
            AWS's request id, for the journal.
        """
        return request_id(await self._call("StopNotebookInstance"))

    async def tag(self, arn: str, key: str, value: str) -> str | None:
        """Set a tag, which is allowed while ``InService`` (Developer Guide, "Update a notebook instance").

        Returns:
            AWS's request id, for the journal.
        """
        return request_id(await self._aws.call("sagemaker", "AddTags", ResourceArn=arn, Tags=[{"Key": key, "Value": value}]))

    async def tags(self, arn: str) -> dict[str, str]:
        """Return all tags: an instance has at most 50 (AWS General Reference), and a page 100 (API Reference, ListTags)."""
        answer = await self._aws.call("sagemaker", "ListTags", ResourceArn=arn, MaxResults=100)
        return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}

    async def untag(self, arn: str, key: str) -> None:
        """Remove a tag; a missing tag is not an error."""
        await self._aws.call("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=[key])

    async def _call(self, operation: str) -> dict[str, Any]:
        return await self._aws.call("sagemaker", operation, NotebookInstanceName=self.identity.name)


class DescriptionCache:
    """Share one description of the instance among all callers.

    Args:
        sagemaker: SageMaker API for this instance.
    """

    def __init__(self, sagemaker: SageMaker) -> None:
        self._sagemaker = sagemaker
        self._asking: asyncio.Task[Description] | None = None
        self._listeners: list[Callable[[Description | None], None]] = []
        self.last: Description | None = None
        """The last description; ``None`` before the first response."""

    def subscribe(self, listener: Callable[[Description | None], None]) -> None:
        """Call ``listener`` with every new description, and with ``None`` after a failure."""
        self._listeners.append(listener)

    async def describe(self) -> Description:
        """Get the description from AWS. Concurrent callers share one request.

        Raises:
            AwsError: AWS refused the request or could not be reached.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())  # avoid a warning if nobody waits
        return await asyncio.shield(self._asking)

    async def cached(self) -> Description:
        """Return the last description, for fields that only a restart changes.

        Raises:
            AwsError: there is none yet, and AWS refused the request or could not be reached.
        """
        return self.last or await self.describe()

    async def close(self) -> None:
        """Cancel a request in progress."""
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
