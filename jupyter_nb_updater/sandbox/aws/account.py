"""Set up the emulated AWS account: the instance, its lifecycle configuration, the return path."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from pathlib import Path

from ...cloud import RETURN_PATH_TEMPLATE, SCHEDULE_ROLE_TEMPLATE
from ...lifecycle.render import Script, render
from ..options import SandboxError
from .client import EmulatedAws

BUCKET = "nb-updater-sandbox"
LIFECYCLE_CONFIG = "nb-updater"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/notebook"


def deploy_return_path(aws: EmulatedAws) -> None:
    """Deploy ``cloud/return-path.yaml``, the same file that is deployed to AWS, unless it is deployed already."""
    poll = [{"ParameterKey": "PollSeconds", "ParameterValue": "1"}]
    _deploy(aws, "nb-updater", RETURN_PATH_TEMPLATE, "CAPABILITY_IAM", poll)


def deploy_schedule_role(aws: EmulatedAws) -> None:
    """Deploy ``cloud/schedule-role.yaml``, the same file that is deployed to AWS, unless it is deployed already."""
    _deploy(aws, "nb-updater-schedule", SCHEDULE_ROLE_TEMPLATE, "CAPABILITY_NAMED_IAM", [])


def _deploy(aws: EmulatedAws, name: str, template: Path, capability: str, parameters: list[dict[str, str]]) -> None:
    cloudformation = aws.client("cloudformation")
    text = template.read_text("utf-8")
    with suppress(cloudformation.exceptions.AlreadyExistsException):  # created by another sandbox of the same account
        cloudformation.create_stack(StackName=name, TemplateBody=text, Parameters=parameters, Capabilities=[capability])


def create_buckets(aws: EmulatedAws) -> None:
    """Create the bucket for the wheel, and the default bucket of SageMaker's SDK (``Session.default_bucket``)."""
    for name in (BUCKET, f"sagemaker-{aws.region}-{ACCOUNT}"):
        aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})


def create_lifecycle_config(aws: EmulatedAws, wheel: Path, home: Path, name: str) -> str:
    """Upload the wheel to S3, create a lifecycle configuration that installs it from there, and return its name.

    Args:
        aws: the emulated AWS.
        wheel: path of the wheel.
        home: home folder of the instance, in which the script installs the wheel.
        name: name of the lifecycle configuration.

    Raises:
        SandboxError: the wheel does not exist.
    """
    if not wheel.is_file():
        raise SandboxError(f"the wheel {wheel} does not exist")
    content = wheel.read_bytes()
    aws.client("s3").put_object(Bucket=BUCKET, Key=f"{name}/{wheel.name}", Body=content)
    url = f"s3://{BUCKET}/{name}/{wheel.name}"
    # Long enough that Jupyter starts once, with the extension.
    script = render(Script(url, hashlib.sha256(content).hexdigest(), str(home), wait_seconds=60))
    aws.client("sagemaker").create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name,
        OnStart=[{"Content": base64.b64encode(script.encode()).decode()}],
    )
    return name


def create_notebook_instance(
    aws: EmulatedAws, name: str, platform: str, instance_type: str, lifecycle_config: str | None
) -> None:
    """Create the instance, which starts immediately."""
    more = {"LifecycleConfigName": lifecycle_config} if lifecycle_config else {}
    aws.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, InstanceType=instance_type, RoleArn=ROLE, PlatformIdentifier=platform, **more
    )
