"""The identity of the notebook instance from its metadata file, and names derived from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

CONSOLE = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-cn": "https://{region}.console.amazonaws.cn",
    "aws-us-gov": "https://{region}.console.amazonaws-us-gov.com",
}


class NotANotebookInstance(Exception):
    """This machine is not a SageMaker notebook instance, or its metadata cannot be read.

    Args:
        code: ``no-metadata``, ``unreadable-metadata``, ``malformed-metadata`` or ``other-resource``.
        reason: one line for the log and for ``status``.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Identity(NamedTuple):
    """Identity of the notebook instance, sufficient for every API call about it."""

    name: str
    region: str
    account: str
    partition: str

    @property
    def arn(self) -> str:
        """ARN of the instance, as in IAM and tags. In AWS's events the last part is in lower case."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:notebook-instance/{self.name.lower()}"

    @property
    def console_url(self) -> str | None:
        """Page of the AWS console where a user can start the instance; ``None`` in an unknown partition."""
        base = CONSOLE.get(self.partition)
        if base is None:
            return None
        page = "/sagemaker/home?region={region}#/notebook-instances/{name}"
        return (base + page).format(region=self.region, name=self.name)


def parse(text: str) -> Identity:
    """Parse ``resource-metadata.json``.

    AWS documents two keys, ``ResourceArn`` and ``ResourceName`` (Developer Guide, "Notebook instance metadata"). Studio writes
    a file of the same name, so the ARN decides; its last part may be in lower case, so the name comes from ``ResourceName``.

    Raises:
        NotANotebookInstance: the resource is of another kind, or the format is not the documented one.
    """
    try:
        content = json.loads(text)
        arn, name = content["ResourceArn"], content["ResourceName"]
        _, partition, _, region, account, resource = arn.split(":", 5)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotANotebookInstance(
            "malformed-metadata", f"the metadata does not have the documented format ({error!r})"
        ) from error
    if not resource.startswith("notebook-instance/"):
        raise NotANotebookInstance("other-resource", f"this is {resource.split('/')[0]!r}, not a notebook instance")
    if not (isinstance(name, str) and name and region and account):
        raise NotANotebookInstance("malformed-metadata", "the metadata contains no name, region or account")
    return Identity(name=name, region=region, account=account, partition=partition)


class InstanceMetadata(LoggingConfigurable):
    """Read the metadata file on this machine."""

    path = Unicode(
        "/opt/ml/metadata/resource-metadata.json",
        help="File in which SageMaker publishes the name and ARN of the notebook instance.",
    ).tag(config=True)

    def read(self) -> Identity:
        """Return the identity of this notebook instance.

        Anyone with root can edit the file (same page of the Developer Guide), so it never decides what is allowed.

        Raises:
            NotANotebookInstance: there is no file (a laptop), it is of another resource (Studio), or it cannot be read.
        """
        try:
            return parse(Path(self.path).read_text("utf-8"))
        except FileNotFoundError as error:
            raise NotANotebookInstance("no-metadata", f"{self.path} does not exist") from error
        except (OSError, UnicodeDecodeError) as error:
            raise NotANotebookInstance("unreadable-metadata", f"{self.path} cannot be read ({error})") from error
        except NotANotebookInstance as error:
            raise NotANotebookInstance(error.code, f"{self.path}: {error}") from error


PREFIX = "nb-updater-"


MAX_NAME_CHARS = 64
"""Maximum length of a schedule's name, in characters (API Reference, CreateSchedule)."""


def schedule_name(instance: str) -> str:
    """Return the name of the instance's schedule in the group ``default``.

    The prefix distinguishes it from a schedule that a user created and named after the instance. Instance names can have 63
    characters (API Reference, CreateNotebookInstance), so a long one is cut, and made unique by a hash.

    Args:
        instance: name of the instance, or a pattern with ``*``, which is never cut.
    """
    name = f"{PREFIX}{instance}"
    if len(name) <= MAX_NAME_CHARS or "*" in name:
        return name
    return f"{name[: MAX_NAME_CHARS - 9]}-{hashlib.sha256(instance.encode()).hexdigest()[:8]}"


def default_role(instance: Identity) -> str:
    """Return the ARN of the role that ``cloud/schedule-role.yaml`` creates.

    Its name contains the region, because IAM is global.
    """
    return f"arn:{instance.partition}:iam::{instance.account}:role/{PREFIX}schedule-{instance.region}"
