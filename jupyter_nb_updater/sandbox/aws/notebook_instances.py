"""Notebook instances that behave like AWS's: transitions take time, wrong states are refused, tags replace others.

moto 5.2 has the objects and the wire protocol, but changes states immediately and accepts every transition. This is our model
of the rest. Each method names its source. ("API Reference" is the Amazon SageMaker API Reference, "Developer Guide" the Amazon
SageMaker AI Developer Guide.)
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Protocol

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker import models
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.responses import SageMakerResponse

from ..front.sessions import presigned_token
from .transitions import FAILED, NO_CAPACITY, PENDING, STATUSES, STOPPED, TRANSITIONS, UPDATING, platform_refusal, refusal

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 100  # API Reference, ListNotebookInstances: MaxResults


DEFAULT_SESSION_SECONDS = 12 * 3600.0


DEFAULT_PLATFORM = "notebook-al2023-v1"  # API Reference, CreateNotebookInstance: default since 2026-05-15
UPDATING_SECONDS = 0.3


class StatusListener(Protocol):
    """Receives changes of the status of instances."""

    def status_changed(self, instance: EmulatedInstance, status: str) -> None:
        """Handle the new status of an instance; called outside any lock."""


@dataclass(frozen=True)
class FrontDoor:
    """The front of an instance: its public name, and the key that signs presigned links."""

    public_name: str
    key: str


@dataclass
class Rules:
    """How long the transitions of instances last, and who ends them.

    Args:
        supervised: names of instances whose ``Pending`` and ``Stopping`` the sandbox's supervisor ends.
        start_seconds: duration of ``Pending`` in seconds, for all others.
        stop_seconds: duration of ``Stopping`` in seconds, for all others.
        listener: receives each new status.
        maintenance_stops: names of instances that accept a stop in a status of maintenance.
        without_capacity: how many of the next starts of an unsupervised instance fail for lack of capacity, by its name.
        fronts: the front of an instance, by its name.
    """

    supervised: set[str] = field(default_factory=set)
    start_seconds: float = 0.3
    stop_seconds: float = 0.3
    listener: StatusListener | None = None
    maintenance_stops: set[str] = field(default_factory=set)
    without_capacity: dict[str, int] = field(default_factory=dict)
    fronts: dict[str, FrontDoor] = field(default_factory=dict)


RULES = Rules()


class EmulatedInstance(models.FakeSagemakerNotebookInstance):
    """An instance. Its status changes only through ``begin`` and ``settle``."""

    platform = DEFAULT_PLATFORM
    imds_version = "1"  # API Reference, InstanceMetadataServiceConfiguration: default 1
    failure_reason: str | None = None

    @property
    def url(self) -> str:
        """``Url`` of DescribeNotebookInstance. It may carry an id, not only the name (seen: aws/graph-explorer#188)."""
        if front := RULES.fronts.get(self.notebook_instance_name):
            return front.public_name
        return f"{self.notebook_instance_name.lower()}-{self.url_id}.notebook.{self.region_name}.sagemaker.aws"

    def validate_instance_type(self, instance_type: str) -> None:
        """Accept any type, because moto's list ends in 2019."""

    def start(self) -> None:
        """Start a new instance immediately; called by moto's constructor (API Reference, CreateNotebookInstance)."""
        self.lock = threading.RLock()
        self.arn = self.arn.lower()  # seen: aws-solutions/service-workbench-on-aws#1176
        self.url_id = secrets.token_hex(2)
        self._move(PENDING, RULES.start_seconds, TRANSITIONS["StartNotebookInstance"].after)

    def begin(self, operation: str, seconds: float) -> None:
        """Begin a transition.

        Raises:
            ValidationError: the current status does not allow it; the message is AWS's.
        """
        with self.lock:
            stops = self.notebook_instance_name in RULES.maintenance_stops
            refused = refusal(operation, self.status, self.arn, maintenance_stops=stops)
            if refused:
                raise ValidationError(message=refused)
            transition = TRANSITIONS[operation]
            self._move(transition.during, seconds, transition.after)

    def settle(self, status: str, failure_reason: str | None = None) -> None:
        """End a transition, or set any status, such as one of maintenance.

        Raises:
            ValueError: it is not a status of AWS.
        """
        if status not in STATUSES:
            raise ValueError(f"{status!r} is not a status of a notebook instance")
        with self.lock:
            self.failure_reason = failure_reason
            self._set(status)

    def _move(self, during: str, seconds: float, after: str) -> None:
        self.failure_reason = None
        self._set(during)
        if self.notebook_instance_name in RULES.supervised and during != UPDATING:
            return
        timer = threading.Timer(seconds, self._settle_if, (during, after))
        timer.daemon = True
        timer.start()

    def _settle_if(self, during: str, after: str) -> None:
        with self.lock:
            if self.status != during:
                return
            left = RULES.without_capacity.get(self.notebook_instance_name, 0) if during == PENDING else 0
            if left > 0:
                RULES.without_capacity[self.notebook_instance_name] = left - 1
                self.settle(FAILED, NO_CAPACITY)
            else:
                self.settle(after)

    def _set(self, status: str) -> None:
        self.status = status
        # LCC samples issue 17 reads LastModifiedTime as the time of the last start or stop. Whether tags move it is
        # unknown; here they do not.
        self.last_modified_time = utcnow()
        if RULES.listener:
            threading.Thread(target=RULES.listener.status_changed, args=(self, status), daemon=True).start()

    def to_dict(self) -> dict[str, Any]:
        """Return the response of DescribeNotebookInstance (API Reference), without members that have no value, as AWS does."""
        answer = super().to_dict() | {
            "NotebookInstanceStatus": self.status,
            "FailureReason": self.failure_reason,
            "PlatformIdentifier": self.platform,
            "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": self.imds_version},
        }
        return {key: value for key, value in answer.items() if value is not None}


_get_resource: Any = models.SageMakerModelBackend._get_resource_from_arn  # noqa: SLF001  there is no other handle


def resource_of(backend: models.SageMakerModelBackend, arn: str) -> Any:
    """Replace moto's ``_get_resource_from_arn``, which finds no instance by an ARN in lower case."""
    for instance in backend.notebook_instances.values():
        if instance.arn == arn.lower():
            return instance
    return _get_resource(backend, arn)


class NotebookInstanceOperations(SageMakerResponse):
    """Operations on notebook instances that moto lacks or implements differently."""

    def create_notebook_instance(self) -> ActionResult:
        """Handle CreateNotebookInstance, with two parameters that moto ignores."""
        answer = super().create_notebook_instance()
        instance = self._instance()
        instance.platform = self._get_param("PlatformIdentifier") or DEFAULT_PLATFORM
        imds = self._get_param("InstanceMetadataServiceConfiguration") or {}
        instance.imds_version = imds.get("MinimumInstanceMetadataServiceVersion", "1")
        return answer

    def start_notebook_instance(self) -> ActionResult:
        """Handle StartNotebookInstance (API Reference): respond at once; the status is ``Pending``, then ``InService``."""
        instance = self._instance()
        if refused := platform_refusal(instance.platform, instance.arn):
            raise ValidationError(message=refused)
        instance.begin("StartNotebookInstance", RULES.start_seconds)
        return EmptyResult()

    def stop_notebook_instance(self) -> ActionResult:
        """Handle StopNotebookInstance (API Reference): respond at once; the status is ``Stopping``, then ``Stopped``."""
        self._instance().begin("StopNotebookInstance", RULES.stop_seconds)
        return EmptyResult()

    def update_notebook_instance(self) -> ActionResult:
        """Handle UpdateNotebookInstance (API Reference) of a stopped instance: ``Updating``, then ``Stopped`` again.

        ``PlatformIdentifier`` is accepted since 2025-10-31 (AWS SDK changelog of that day).
        """
        instance = self._instance()
        instance.begin("UpdateNotebookInstance", UPDATING_SECONDS)
        attributes = {
            "InstanceType": "instance_type",
            "RoleArn": "role_arn",
            "LifecycleConfigName": "lifecycle_config_name",
            "VolumeSizeInGB": "volume_size_in_gb",
            "RootAccess": "root_access",
            "PlatformIdentifier": "platform",
        }
        for parameter, attribute in attributes.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(instance, attribute, value)
        if self._get_param("DisassociateLifecycleConfig"):
            instance.lifecycle_config_name = None
        return EmptyResult()

    def create_presigned_notebook_instance_url(self) -> ActionResult:
        """Handle CreatePresignedNotebookInstanceUrl (API Reference): the session lasts 12 hours by default."""
        instance = self._instance()
        seconds = float(self._get_param("SessionExpirationDurationInSeconds", DEFAULT_SESSION_SECONDS))
        front = RULES.fronts.get(instance.notebook_instance_name)
        key, scheme = (front.key, "http") if front else (secrets.token_hex(), "https")
        token = presigned_token(key, seconds, time.time())
        return ActionResult({"AuthorizedUrl": f"{scheme}://{instance.url}?authToken={token}"})

    def add_tags(self) -> ActionResult:
        """Handle AddTags (API Reference: "Tag keys must be unique per resource"): a tag replaces one with the same key."""
        arn, added = self._get_param("ResourceArn"), self._get_param("Tags")
        self.sagemaker_backend.delete_tags(arn, [tag["Key"] for tag in added])
        return ActionResult({"Tags": self.sagemaker_backend.add_tags(arn, added)})

    def _instance(self) -> EmulatedInstance:
        instance = self.sagemaker_backend.get_notebook_instance(self._get_param("NotebookInstanceName"))
        assert isinstance(instance, EmulatedInstance)  # noqa: S101  install() ensures it
        return instance


__all__ = ["RULES", "STOPPED", "EmulatedInstance", "NotebookInstanceOperations", "Rules"]


SUMMARY = (
    "NotebookInstanceName", "NotebookInstanceArn", "NotebookInstanceStatus", "Url", "InstanceType", "CreationTime",
    "LastModifiedTime", "NotebookInstanceLifecycleConfigName", "DefaultCodeRepository", "AdditionalCodeRepositories",
)  # fmt: skip
"""The members of NotebookInstanceSummary (API Reference)."""


def matches(instance: EmulatedInstance, filters: dict[str, Any]) -> bool:
    """Check whether an instance passes the filters of ListNotebookInstances (API Reference)."""
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
    """Convert a time of the wire format (seconds since the epoch, or a time) to moto's: naive, in UTC."""
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, timezone.utc).replace(tzinfo=None)
    assert isinstance(value, datetime)  # noqa: S101  moto's parser yields nothing else
    return value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value


class ListOperations(NotebookInstanceOperations):
    """All operations that replace moto's."""

    def list_notebook_instances(self) -> ActionResult:
        """Handle ListNotebookInstances (API Reference): nine filters, three orders, and pages of 10 by default."""
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
        """Handle ListNotebookInstanceLifecycleConfigs (API Reference), sorted by name."""
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
        """Handle UpdateNotebookInstanceLifecycleConfig (API Reference); instances run the new script at their next start."""
        name = self._get_param("NotebookInstanceLifecycleConfigName")
        self.sagemaker_backend.describe_notebook_instance_lifecycle_config(name)  # refuses an unknown name
        config = self.sagemaker_backend.notebook_instance_lifecycle_configurations[name]
        for parameter, attribute in (("OnCreate", "on_create"), ("OnStart", "on_start")):
            if self._get_param(parameter) is not None:
                setattr(config, attribute, self._get_param(parameter))
        config.last_modified_time = utcnow()
        return EmptyResult()
