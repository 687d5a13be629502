"""Return path ``stack``: the stack in the account (``cloud/return-path.yaml``) starts the instance if our tag is on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from traitlets import Unicode

from ...cloud.event_pattern import Match, PartlyKnown, all_match, matches
from ...instance import tags
from ...instance.aws import AwsError
from ...instance.metadata import Identity
from ...permissions.statements import READ_OUTCOME_TAG, READ_RETURN_RULE, WRITE_RETURN_TAG
from . import ReturnPath, Verification


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

    async def verify(self) -> Verification:
        """Check that the rule is enabled, and that its pattern matches the event of a stop of this instance.

        ``assumed`` without ``events:*``, as in AmazonSageMakerFullAccess, and if the pattern has an unknown operator.
        """
        try:
            rule = await self.aws.call("events", "DescribeRule", Name=self.rule)
        except AwsError as error:
            self.log.debug("Could not read the EventBridge rule %s: %s", self.rule, error)
            return Verification("missing" if error.code == "not-found" else "assumed", error.code, error.message)
        if not str(rule.get("State", "")).startswith("ENABLED"):  # also ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
            return Verification("missing", "rule-disabled", self.rule)
        text = rule.get("EventPattern", "")
        match starts_on_stop(text, self.sagemaker.identity):
            case True:
                return Verification("verified")
            case False:
                return Verification("missing", "outside-pattern", text)
        return Verification("assumed", "unknown-pattern", text)

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


def starts_on_stop(pattern: str, identity: Identity) -> Match:
    """Return whether a rule with this event pattern starts an instance that has stopped; ``None`` for unknown.

    The role of the stack has the same pattern in its ARNs. The state machine calls AWS by the name of the instance, and by its
    ARN, which AWS writes in lower case, and IAM compares the case of each request (awslabs/service-workbench-on-aws#1176). So
    an instance comes back only if both forms of its name match.

    Args:
        pattern: event pattern of the rule, as JSON; empty for a rule that no event starts.
        identity: the instance.
    """
    try:
        parsed = json.loads(pattern) if pattern else None
    except ValueError:
        return None
    names = (identity.name, identity.name.lower())
    return all_match(matches(parsed, stopped_event(identity, name)) for name in names) if pattern else False


def stopped_event(identity: Identity, name: str) -> Mapping[str, Any]:
    """Return what is known of the event of a stop before it happens.

    "SageMaker Notebook Instance State Change" (SageMaker Developer Guide, "Automating Amazon SageMaker AI with Amazon
    EventBridge"). In a real one the name keeps its capitals, and the ARN is in lower case
    (awslabs/service-workbench-on-aws#1177).

    Args:
        identity: the instance.
        name: its name in the event.
    """
    detail = PartlyKnown(NotebookInstanceName=name, NotebookInstanceArn=identity.arn, NotebookInstanceStatus="Stopped")
    return PartlyKnown(
        {
            "source": "aws.sagemaker",
            "detail-type": "SageMaker Notebook Instance State Change",
            "account": identity.account,
            "region": identity.region,
            "resources": [identity.arn],
            "detail": detail,
        }
    )
