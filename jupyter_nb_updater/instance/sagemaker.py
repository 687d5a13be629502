"""The SageMaker API about this one instance, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .aws import Aws, request_id
from .metadata import Identity

GOING_DOWN = {"Stopping", "Stopped"}
"""Statuses of an instance that has taken a stop."""


@dataclass(frozen=True)
class Description:
    """What ``DescribeNotebookInstance`` says, as far as we act on it. Unknown statuses and platforms stay plain strings."""

    status: str
    arn: str
    platform: str | None = None
    instance_type: str | None = None
    role: str | None = None
    lifecycle_config: str | None = None

    @classmethod
    def from_response(cls, response: dict[str, Any]) -> Description:
        """Take what we know from botocore's parsed response."""
        return cls(
            status=response["NotebookInstanceStatus"],
            arn=response["NotebookInstanceArn"],
            platform=response.get("PlatformIdentifier"),
            instance_type=response.get("InstanceType"),
            role=response.get("RoleArn"),
            lifecycle_config=response.get("NotebookInstanceLifecycleConfigName"),
        )


class SageMaker:
    """This instance, seen and stopped through the API. Every method raises :class:`~.aws.AwsError`."""

    def __init__(self, aws: Aws, identity: Identity) -> None:
        self._aws, self.identity = aws, identity

    async def describe(self) -> Description:
        """The instance as AWS sees it now."""
        return Description.from_response(await self._call("DescribeNotebookInstance"))

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
