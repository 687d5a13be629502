"""The emulated SageMaker API refuses, waits and responds like AWS."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import datetime, timezone

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError as NetworkError, HTTPClientError

from jupyter_nb_updater.sandbox import SandboxError
from jupyter_nb_updater.sandbox.aws.client import REGION, EmulatedAws
from tests.wait import eventually

from .support import Instance


def refused(call: Callable[[], object]) -> tuple[str, str, int]:
    """Return code, message and HTTP status of the error of a call."""
    with pytest.raises(ClientError) as caught:
        call()
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_new_instance_is_pending_and_then_in_service(new_instance: Callable[..., Instance]) -> None:
    instance = new_instance()
    assert instance.status == "Pending"
    instance.wait_for("InService")


def test_stopping_and_starting_take_time(instance: Instance) -> None:
    instance.stop()
    assert instance.status == "Stopping"
    instance.wait_for("Stopped")
    instance.start()
    assert instance.status == "Pending"
    instance.wait_for("InService")


def test_a_stop_is_refused_in_the_words_of_aws_unless_in_service(new_instance: Callable[..., Instance]) -> None:
    instance = new_instance()
    assert refused(instance.stop) == (
        "ValidationException",
        f"Status (Pending) not in ([InService]). Unable to transition to (Stopping) for Notebook Instance ({instance.arn})",
        400,
    )


def test_a_start_is_refused_in_the_words_of_aws_unless_stopped_or_failed(instance: Instance) -> None:
    code, message, status = refused(instance.start)
    assert (code, status) == ("ValidationException", 400)
    assert message.startswith("Status (InService) not in ([Stopped, Failed]). Unable to transition to (Pending)")


def test_a_failed_instance_can_be_started(instance: Instance, aws: EmulatedAws) -> None:
    aws.settle(instance.name, "Failed", "InternalFailure")
    assert instance.describe()["FailureReason"] == "InternalFailure"
    instance.start()
    instance.wait_for("InService")
    assert "FailureReason" not in instance.describe()


def test_an_unknown_instance_is_a_validation_exception(aws: EmulatedAws) -> None:
    describe = aws.client("sagemaker").describe_notebook_instance
    code, message, _ = refused(lambda: describe(NotebookInstanceName="nobody"))
    assert (code, message) == ("ValidationException", "RecordNotFound")


def test_an_update_needs_a_stopped_instance_and_goes_over_updating(instance: Instance) -> None:
    def update() -> None:
        instance.sagemaker.update_notebook_instance(
            NotebookInstanceName=instance.name, InstanceType="ml.g5.xlarge", PlatformIdentifier="notebook-al2023-v1"
        )

    assert "Unable to transition to (Updating)" in refused(update)[1]
    instance.stop()
    instance.wait_for("Stopped")
    update()
    assert instance.status == "Updating"
    instance.wait_for("Stopped")
    assert instance.describe()["InstanceType"] == "ml.g5.xlarge"


def test_the_platform_is_told_and_can_be_changed(new_instance: Callable[..., Instance]) -> None:
    instance = new_instance(PlatformIdentifier="notebook-al2-v3")
    assert instance.describe()["PlatformIdentifier"] == "notebook-al2-v3"
    assert new_instance().describe()["PlatformIdentifier"] == "notebook-al2023-v1"


def test_an_instance_on_amazon_linux_2_starts_only_once_it_has_been_moved(new_instance: Callable[..., Instance]) -> None:
    instance = new_instance(PlatformIdentifier="notebook-al2-v3")
    instance.wait_for("InService")
    instance.stop()
    instance.wait_for("Stopped")
    assert "notebook-al2-v3 is no longer supported" in refused(instance.start)[1]
    instance.sagemaker.update_notebook_instance(NotebookInstanceName=instance.name, PlatformIdentifier="notebook-al2023-v1")
    instance.wait_for("Stopped")
    instance.start()
    instance.wait_for("InService")


def test_maintenance_statuses_can_be_shown_and_refuse_or_accept_a_stop(instance: Instance, aws: EmulatedAws) -> None:
    aws.settle(instance.name, "PendingMaintenance")
    assert instance.describe()["NotebookInstanceStatus"] == "PendingMaintenance"
    assert "Status (PendingMaintenance) not in ([InService])" in refused(instance.stop)[1]
    aws.accept_stop_in_maintenance(instance.name)
    instance.stop()
    instance.wait_for("Stopped")
    with pytest.raises(SandboxError, match="is not a status"):
        aws.settle(instance.name, "Resting")


def test_a_tag_replaces_the_one_with_its_key(instance: Instance) -> None:
    instance.tag("nb-updater:restart", "one")
    instance.tag("nb-updater:restart", "two")
    assert instance.tags == {"nb-updater:restart": "two"}


def test_a_start_moves_last_modified_time_and_a_tag_does_not(instance: Instance) -> None:
    before = instance.describe()["LastModifiedTime"]
    instance.tag("a", "b")
    assert instance.describe()["LastModifiedTime"] == before
    instance.stop()
    assert instance.describe()["LastModifiedTime"] > before


def test_lists_filter_by_status_and_time_and_come_in_pages(new_instance: Callable[..., Instance], aws: EmulatedAws) -> None:
    made = sorted((new_instance().name for _ in range(3)), key=lambda name: int(name.partition("-")[2]))
    listed = aws.client("sagemaker").list_notebook_instances
    eventually(
        lambda: (
            made[0]
            in [i["NotebookInstanceName"] for i in listed(StatusEquals="InService", MaxResults=100)["NotebookInstances"]]
        )
    )
    assert listed(CreationTimeAfter=datetime(2100, 1, 1, tzinfo=timezone.utc))["NotebookInstances"] == []
    pages = (
        aws.client("sagemaker")
        .get_paginator("list_notebook_instances")
        .paginate(SortBy="CreationTime", PaginationConfig={"PageSize": 2})
    )
    names = [instance["NotebookInstanceName"] for page in pages for instance in page["NotebookInstances"]]
    assert names[-3:] == made


def test_lifecycle_configurations_can_be_listed_and_changed(aws: EmulatedAws) -> None:
    sagemaker = aws.client("sagemaker")

    def hook(script: str) -> list[dict[str, str]]:
        return [{"Content": base64.b64encode(script.encode()).decode()}]

    sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="changed", OnStart=hook("true"))
    sagemaker.update_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="changed", OnStart=hook("false"))
    found = sagemaker.list_notebook_instance_lifecycle_configs(NameContains="chang")["NotebookInstanceLifecycleConfigs"]
    assert [config["NotebookInstanceLifecycleConfigName"] for config in found] == ["changed"]
    described = sagemaker.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="changed")
    assert described["OnStart"] == hook("false")


def test_a_fault_is_an_error_in_the_shape_of_aws_for_as_often_as_asked(instance: Instance, aws: EmulatedAws) -> None:
    aws.faults.add("StopNotebookInstance", code="AccessDeniedException", message="not authorized", status=400, times=2)
    assert refused(instance.stop) == ("AccessDeniedException", "not authorized", 400)
    assert refused(instance.stop)[0] == "AccessDeniedException"
    assert aws.faults.listed() == []
    instance.stop()
    instance.wait_for("Stopped")


def test_a_fault_strikes_its_own_operation_only(instance: Instance, aws: EmulatedAws) -> None:
    aws.faults.add("StopNotebookInstance", code="ThrottlingException", message="Rate exceeded")
    assert instance.describe()["NotebookInstanceStatus"] == "InService"
    assert refused(instance.stop)[0] == "ThrottlingException"


def test_a_dropped_connection_looks_like_a_network_that_is_down(instance: Instance, aws: EmulatedAws) -> None:
    aws.faults.add("*", drop=True)
    with pytest.raises((NetworkError, HTTPClientError)):
        instance.describe()
    aws.faults.clear()
    assert instance.describe()


def test_a_hanging_call_ends_when_the_fault_is_cleared(instance: Instance, aws: EmulatedAws) -> None:
    aws.faults.add("DescribeNotebookInstance", delay_seconds=300)
    impatient = boto3.client(
        "sagemaker",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(read_timeout=0.3, retries={"total_max_attempts": 1}),
    )
    started = time.monotonic()
    with pytest.raises(HTTPClientError):
        impatient.describe_notebook_instance(NotebookInstanceName=instance.name)
    assert time.monotonic() - started < 5
    aws.faults.clear()
    assert instance.describe()


def test_a_fault_that_makes_no_sense_is_refused(aws: EmulatedAws) -> None:
    with pytest.raises(SandboxError, match="delay"):
        aws.faults.add("*", delay_seconds=-1)
    with pytest.raises(SandboxError, match="colour"):
        aws.faults.add("*", colour="red")


def test_the_emulated_aws_listens_on_loopback_only(aws: EmulatedAws) -> None:
    assert aws.url.startswith("http://127.0.0.1:")
