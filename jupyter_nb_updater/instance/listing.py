"""Lists that AWS gives page by page, and all notebook instances of an account and region."""

from __future__ import annotations

from typing import Any

from .aws import Aws

LONGEST_PAGE = 100
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
        answer = await aws.call("sagemaker", operation, MaxResults=LONGEST_PAGE, SortBy="Name", SortOrder="Ascending", **more)
        found += answer[member]
        if not answer.get("NextToken"):
            return found
        more = {"NextToken": answer["NextToken"]}


async def notebook_instances(aws: Aws) -> list[dict[str, Any]]:
    """Every item of ListNotebookInstances, by name. Raises as above."""
    return await pages(aws, "ListNotebookInstances", "NotebookInstances")
