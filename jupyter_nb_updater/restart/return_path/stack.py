"""Return path ``stack``: the stack in the account (``cloud/return-path.yaml``) starts the instance if our tag is on it."""

from __future__ import annotations

from datetime import datetime, timedelta

from traitlets import Unicode

from ...instance import tags
from ...instance.aws import AwsError
from ...permissions.statements import READ_OUTCOME_TAG, READ_RETURN_RULE, WRITE_RETURN_TAG
from . import Proof, ReturnPath


class StackReturnPath(ReturnPath):
    """Arm the return with the tag ``nb-updater:restart``: id of the restart, expiry, and a platform to move to.

    The notebook's IAM role needs ``sagemaker:AddTags`` and ``DeleteTags`` on the instance, which AmazonSageMakerFullAccess has.
    """

    kind = "stack"
    migrates = True
    keeps_trying = timedelta(days=1)
    """Once it has begun, the state machine continues until its ``TimeoutSeconds``, regardless of the expiry."""
    permissions = (WRITE_RETURN_TAG, READ_RETURN_RULE, READ_OUTCOME_TAG)
    rule = Unicode("nb-updater-return", help="Name of the EventBridge rule that the stack creates.").tag(config=True)

    async def verify(self) -> Proof:
        """Check that the rule exists and is enabled; ``assumed`` without ``events:*``, as in AmazonSageMakerFullAccess."""
        try:
            rule = await self.aws.call("events", "DescribeRule", Name=self.rule)
        except AwsError as error:
            self.log.debug("Could not read the EventBridge rule %s: %s", self.rule, error)
            return "missing" if error.code == "not-found" else "assumed"
        return "verified" if rule.get("State") == "ENABLED" else "missing"

    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> str | None:
        """Set the tag on the ARN that AWS returns, whose case can differ from that in the metadata file."""
        return await self.sagemaker.tag(arn, tags.RESTART, tags.restart(restart, until, platform))

    async def ended(self, restart: str) -> str | None:
        """Read the tag that the stack sets once the instance is in service again, or when the stack gives up."""
        description = await self.sagemaker.describe()
        return tags.ended((await self.sagemaker.tags(description.arn)).get(tags.OUTCOME), restart)

    async def disarm(self) -> None:
        """Remove the tag."""
        description = await self.sagemaker.describe()
        await self.sagemaker.untag(description.arn, tags.RESTART)
