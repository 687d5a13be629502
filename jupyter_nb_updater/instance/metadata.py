"""The identity that SageMaker writes onto the instance, and the names that follow from it."""

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
    """This machine is not a SageMaker notebook instance, or does not say so readably.

    Args:
        code: ``no-metadata``, ``unreadable-metadata``, ``malformed-metadata`` or ``other-resource``.
        reason: one line for the log and for ``status``.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Identity(NamedTuple):
    """Which notebook instance this is. Enough for every API call about itself."""

    name: str
    region: str
    account: str
    partition: str

    @property
    def arn(self) -> str:
        """The resource as IAM and tags name it. In AWS's own events the last part is in lower case."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:notebook-instance/{self.name.lower()}"

    @property
    def console_url(self) -> str | None:
        """Where a person starts it by hand; ``None`` in a partition whose console we do not know."""
        base = CONSOLE.get(self.partition)
        if base is None:
            return None
        page = "/sagemaker/home?region={region}#/notebook-instances/{name}"
        return (base + page).format(region=self.region, name=self.name)


def parse(text: str) -> Identity:
    """Read the text of ``resource-metadata.json``.

    AWS documents two keys, ``ResourceArn`` and ``ResourceName`` (Developer Guide, "Notebook instance metadata"). Studio writes
    a file of the same name, so the ARN decides; its last part may be in lower case, so the name comes from ``ResourceName``.

    Raises:
        NotANotebookInstance: it is another kind of resource, or not the documented form.
    """
    try:
        content = json.loads(text)
        arn, name = content["ResourceArn"], content["ResourceName"]
        _, partition, _, region, account, resource = arn.split(":", 5)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotANotebookInstance("malformed-metadata", f"not the form that AWS documents ({error!r})") from error
    if not resource.startswith("notebook-instance/"):
        raise NotANotebookInstance("other-resource", f"this is {resource.split('/')[0]!r}, not a notebook instance")
    if not (isinstance(name, str) and name and region and account):
        raise NotANotebookInstance("malformed-metadata", "name, region or account is empty")
    return Identity(name=name, region=region, account=account, partition=partition)


class InstanceMetadata(LoggingConfigurable):
    """The metadata file on this machine."""

    path = Unicode(
        "/opt/ml/metadata/resource-metadata.json",
        help="File in which SageMaker publishes the name and ARN of the notebook instance.",
    ).tag(config=True)

    def read(self) -> Identity:
        """Tell which notebook instance this is.

        Anyone with root can edit the file (same page of the Developer Guide): it says whom to ask about, never what is
        allowed.

        Raises:
            NotANotebookInstance: a laptop (no file), Studio (another ARN), or a file that cannot be read or understood.
        """
        try:
            return parse(Path(self.path).read_text("utf-8"))
        except FileNotFoundError as error:
            raise NotANotebookInstance("no-metadata", f"there is no {self.path}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise NotANotebookInstance("unreadable-metadata", f"{self.path} cannot be read ({error})") from error
        except NotANotebookInstance as error:
            raise NotANotebookInstance(error.code, f"{self.path}: {error}") from error


PREFIX = "nb-updater-"


MAX_NAME_CHARS = 64
"""Characters of a schedule's name, of the alphabet that instances have, and more (API Reference, CreateSchedule)."""


def schedule_name(instance: str) -> str:
    """The one schedule of an instance, in the group ``default``.

    The prefix keeps it apart from a schedule that somebody made and named after the instance. An instance may have a name of 63
    characters (API Reference, CreateNotebookInstance): a long one is cut, and stays its own by a hash.

    Args:
        instance: its name, or a pattern with ``*``, which is never cut.
    """
    name = f"{PREFIX}{instance}"
    if len(name) <= MAX_NAME_CHARS or "*" in name:
        return name
    return f"{name[: MAX_NAME_CHARS - 9]}-{hashlib.sha256(instance.encode()).hexdigest()[:8]}"


def default_role(instance: Identity) -> str:
    """The role that ``cloud/schedule-role.yaml`` makes for the region of an instance: IAM itself knows no regions."""
    return f"arn:{instance.partition}:iam::{instance.account}:role/{PREFIX}schedule-{instance.region}"
