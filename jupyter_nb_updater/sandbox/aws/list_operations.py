"""What moto lacks of the lists: filters of notebook instances, and lifecycle configurations that can be changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError

from .notebook_instances import EmulatedInstance, NotebookInstanceOperations

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 100  # API Reference, ListNotebookInstances: MaxResults

SUMMARY = (
    "NotebookInstanceName", "NotebookInstanceArn", "NotebookInstanceStatus", "Url", "InstanceType", "CreationTime",
    "LastModifiedTime", "NotebookInstanceLifecycleConfigName", "DefaultCodeRepository", "AdditionalCodeRepositories",
)  # fmt: skip
"""The members of NotebookInstanceSummary (API Reference)."""


def matches(instance: EmulatedInstance, filters: dict[str, Any]) -> bool:
    """Whether an instance passes the filters of ListNotebookInstances (API Reference); absent filters let all pass."""
    created, modified = instance.creation_time, instance.last_modified_time
    checks: dict[str, Callable[[Any], bool]] = {
        "NameContains": lambda text: text in instance.notebook_instance_name,
        "StatusEquals": lambda status: status == instance.status,
        "NotebookInstanceLifecycleConfigNameContains": lambda text: text in (instance.lifecycle_config_name or ""),
        "DefaultCodeRepositoryContains": lambda text: text in (instance.default_code_repository or ""),
        "AdditionalCodeRepositoryEquals": lambda text: text in (instance.additional_code_repositories or []),
        "CreationTimeAfter": lambda time: created > to_naive_utc(time),
        "CreationTimeBefore": lambda time: created < to_naive_utc(time),
        "LastModifiedTimeAfter": lambda time: modified > to_naive_utc(time),
        "LastModifiedTimeBefore": lambda time: modified < to_naive_utc(time),
    }
    return all(check(filters[name]) for name, check in checks.items() if filters.get(name) is not None)


def to_naive_utc(value: Any) -> datetime:
    """Convert a time of the wire (seconds since the epoch, or already a time) to what moto keeps: naive, UTC."""
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, timezone.utc).replace(tzinfo=None)
    assert isinstance(value, datetime)  # noqa: S101  moto's parser yields nothing else
    return value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value


class ListOperations(NotebookInstanceOperations):
    """All operations of ours, in the place of moto's."""

    def list_notebook_instances(self) -> ActionResult:
        """ListNotebookInstances (API Reference) with all nine filters, three orders, and pages of 10 unless asked."""
        instances = [i for i in self.sagemaker_backend.notebook_instances.values() if isinstance(i, EmulatedInstance)]
        found = [i for i in instances if matches(i, self.params)]
        orders: dict[str, Callable[[EmulatedInstance], Any]] = {
            "Name": lambda i: i.notebook_instance_name,
            "CreationTime": lambda i: i.creation_time,
            "Status": lambda i: i.status,
        }
        found.sort(key=orders[self._get_param("SortBy", "Name")], reverse=self._get_param("SortOrder") == "Descending")
        size, start = int(self._get_param("MaxResults", DEFAULT_PAGE_SIZE)), int(self._get_param("NextToken", 0))
        if not 1 <= size <= MAX_PAGE_SIZE:
            raise ValidationError(
                message=f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
                f"Member must have value between 1 and {MAX_PAGE_SIZE}"
            )
        page = [{k: v for k, v in i.to_dict().items() if k in SUMMARY} for i in found[start : start + size]]
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return ActionResult({"NotebookInstances": page, **more})

    def list_notebook_instance_lifecycle_configs(self) -> ActionResult:
        """ListNotebookInstanceLifecycleConfigs (API Reference), by name."""
        text = self._get_param("NameContains") or ""
        configs = self.sagemaker_backend.notebook_instance_lifecycle_configurations
        found = [
            {
                "NotebookInstanceLifecycleConfigName": name,
                "NotebookInstanceLifecycleConfigArn": config.arn,
                "CreationTime": config.creation_time,
                "LastModifiedTime": config.last_modified_time,
            }
            for name, config in sorted(configs.items())
            if text in name
        ]
        return ActionResult({"NotebookInstanceLifecycleConfigs": found})

    def update_notebook_instance_lifecycle_config(self) -> ActionResult:
        """UpdateNotebookInstanceLifecycleConfig (API Reference); instances meet the new script at their next start."""
        name = self._get_param("NotebookInstanceLifecycleConfigName")
        self.sagemaker_backend.describe_notebook_instance_lifecycle_config(name)  # refuses an unknown name
        config = self.sagemaker_backend.notebook_instance_lifecycle_configurations[name]
        for parameter, attribute in (("OnCreate", "on_create"), ("OnStart", "on_start")):
            if self._get_param(parameter) is not None:
                setattr(config, attribute, self._get_param(parameter))
        config.last_modified_time = utcnow()
        return EmptyResult()
