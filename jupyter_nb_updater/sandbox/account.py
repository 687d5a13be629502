"""What is in the emulated AWS account before anyone uses it: the instance, its lifecycle configuration, the return path."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from ..cloud import RETURN_PATH_TEMPLATE, SCHEDULE_ROLE_TEMPLATE
from ..lifecycle.render import render
from .errors import SandboxError
from .remote import EmulatedAws

BUCKET = "nb-updater-sandbox"
LIFECYCLE_CONFIG = "nb-updater"
ROLE = "arn:aws:iam::123456789012:role/notebook"


def deploy_return_path(aws: EmulatedAws) -> None:
    """Deploy ``cloud/return-path.yaml``, the very file that goes to AWS."""
    aws.client("cloudformation").create_stack(
        StackName="nb-updater",
        TemplateBody=RETURN_PATH_TEMPLATE.read_text("utf-8"),
        Parameters=[{"ParameterKey": "PollSeconds", "ParameterValue": "1"}],
        Capabilities=["CAPABILITY_IAM"],
    )


def deploy_schedule_role(aws: EmulatedAws) -> None:
    """Deploy ``cloud/schedule-role.yaml``, the very file that goes to AWS."""
    aws.client("cloudformation").create_stack(
        StackName="nb-updater-schedule",
        TemplateBody=SCHEDULE_ROLE_TEMPLATE.read_text("utf-8"),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def create_lifecycle_config(aws: EmulatedAws, wheel: Path, home: Path) -> str:
    """Put the wheel into S3, and make a lifecycle configuration of the script that fetches it from there. Returns its name.

    Raises:
        SandboxError: there is no such wheel.
    """
    if not wheel.is_file():
        raise SandboxError(f"there is no wheel {wheel}")
    content = wheel.read_bytes()
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_object(Bucket=BUCKET, Key=wheel.name, Body=content)
    script = render(f"s3://{BUCKET}/{wheel.name}", hashlib.sha256(content).hexdigest(), str(home))
    aws.client("sagemaker").create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=LIFECYCLE_CONFIG,
        OnStart=[{"Content": base64.b64encode(script.encode()).decode()}],
    )
    return LIFECYCLE_CONFIG


def create_notebook_instance(
    aws: EmulatedAws, name: str, platform: str, instance_type: str, lifecycle_config: str | None
) -> None:
    """Create the instance, which starts at once."""
    more = {"LifecycleConfigName": lifecycle_config} if lifecycle_config else {}
    aws.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, InstanceType=instance_type, RoleArn=ROLE, PlatformIdentifier=platform, **more
    )
