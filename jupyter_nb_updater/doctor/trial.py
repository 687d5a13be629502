"""Which actions is the role allowed? Each is tried, in a way that changes nothing; the stop alone is only asked about."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from ..instance import tags
from ..instance.aws import Aws, AwsError
from ..instance.sagemaker import Description, SageMaker
from ..restart.return_path.stack import StackReturnPath
from .check import Answer

NOT_ABOUT_PERMISSION = {"not-found", "wrong-state"}
"""AWS judges the caller before it looks at the state of what is called about, so these come from a caller that may."""


@dataclass(frozen=True)
class Trial:
    """Tries what the extension does.

    Args:
        aws: the way to AWS.
        sagemaker: this instance.
        state: what the instance would say of itself now: it may be written at any time.
        at_rest: whether no restart is under way, so that there is no request to lose.
    """

    aws: Aws
    sagemaker: SageMaker
    state: str
    at_rest: bool

    async def of(self, action: str, description: Description) -> Answer:
        """Whether the role is allowed ``action`` on this instance."""
        match action:
            case "sagemaker:DescribeNotebookInstance" | "sagemaker:DescribeNotebookInstanceLifecycleConfig":
                return await _answer(self._look(action, description))
            case "sagemaker:AddTags":
                return await _answer(self.sagemaker.tag(description.arn, tags.STATE, self.state))
            case "sagemaker:DeleteTags" if self.at_rest:
                return await _answer(self.sagemaker.untag(description.arn, tags.RESTART))
            case "events:DescribeRule":
                return await _answer(self.aws.call("events", "DescribeRule", Name=StackReturnPath.rule.default_value))
            case _:
                return await self._ask(action, description)

    def _look(self, action: str, description: Description) -> Awaitable[Any]:
        if action == "sagemaker:DescribeNotebookInstance":
            return self.sagemaker.describe()
        # One that is not there will do: that is told only to who may look.
        return self.sagemaker.lifecycle_config(description.lifecycle_config or "nb-updater")

    async def _ask(self, action: str, description: Description) -> Answer:
        """Let IAM tell, which takes ``iam:SimulatePrincipalPolicy``. It knows nothing of a session's own policy."""
        try:
            told = await self.aws.call(
                "iam",
                "SimulatePrincipalPolicy",
                PolicySourceArn=description.role,
                ActionNames=[action],
                ResourceArns=[description.arn],
            )
        except AwsError:
            return "unknown"
        return "allowed" if told["EvaluationResults"][0]["EvalDecision"] == "allowed" else "denied"


async def _answer(attempt: Awaitable[Any]) -> Answer:
    try:
        await attempt
    except AwsError as error:
        if error.code == "access-denied":
            return "denied"
        return "allowed" if error.code in NOT_ABOUT_PERMISSION else "unknown"
    return "allowed"
