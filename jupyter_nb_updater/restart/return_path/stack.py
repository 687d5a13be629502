"""The return path ``stack``: the stack in the account (``cloud/return-path.yaml``) starts the instance, if our tag says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from traitlets import Unicode

from ...instance import tags
from ...instance.aws import AwsError
from ...permissions.statements import READ_OUTCOME_TAG, READ_RETURN_RULE, WRITE_RETURN_TAG
from . import Proof, ReturnPath


class StackReturnPath(ReturnPath):
    """Arms the return by the tag ``nb-updater:restart`` on the instance: the restart's id, its expiry, a platform to move to.

    The notebook's role needs ``sagemaker:AddTags`` and ``DeleteTags`` on itself, which AmazonSageMakerFullAccess has.
    """

    kind = "stack"
    migrates = True
    keeps_trying = timedelta(days=1)
    """From its first attempt on, the state machine goes on until its ``TimeoutSeconds``, whatever the expiry says."""
    permissions = (WRITE_RETURN_TAG, READ_RETURN_RULE, READ_OUTCOME_TAG)
    rule = Unicode("nb-updater-return", help="Name of the EventBridge rule of the stack.").tag(config=True)

    async def verify(self) -> Proof:
        """Check that the rule exists and is enabled; ``assumed`` without ``events:*``, as in AmazonSageMakerFullAccess."""
        try:
            rule = await self.aws.call("events", "DescribeRule", Name=self.rule)
        except AwsError as error:
            self.log.debug("The rule %s could not be read: %s", self.rule, error)
            return "missing" if error.code == "not-found" else "assumed"
        return "verified" if rule.get("State") == "ENABLED" else "missing"

    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> str | None:
        """Set the tag, on the ARN that AWS itself gives: its case can differ from that of the metadata."""
        return await self.sagemaker.tag(arn, tags.RESTART, tags.restart(restart, until, platform))

    async def ended(self, restart: str) -> str | None:
        """Read the tag that the stack sets a few seconds after the instance is in service again, or when it gives up."""
        description = await self.sagemaker.describe()
        return tags.ended((await self.sagemaker.tags(description.arn)).get(tags.OUTCOME), restart)

    async def disarm(self) -> None:
        """Remove the tag."""
        description = await self.sagemaker.describe()
        await self.sagemaker.untag(description.arn, tags.RESTART)
