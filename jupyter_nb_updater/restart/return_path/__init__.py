"""Return paths: a stopped instance cannot start itself, so something outside must start it again."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from traitlets.config import LoggingConfigurable
from traitlets.traitlets import MetaHasTraits

from ...instance.context import InstanceContext
from ...permissions.statements import Permission

Proof = Literal["verified", "assumed", "missing"]
"""How certain it is that the return path exists."""


@dataclass(frozen=True)
class Verification:
    """How certain it is that the return path starts this instance again, and why. ``docs/protocol.md`` lists the reasons.

    Args:
        proof: ``verified``: seen; ``assumed``: could not be checked; ``missing``: checked, and it would not start the instance.
        reason: code of the reason why it is not verified; empty otherwise.
        detail: machine text about it, such as the pattern of the rule.
    """

    proof: Proof
    reason: str = ""
    detail: str = ""


class ReturnPathMeta(ABCMeta, MetaHasTraits):
    """Metaclass for abstract classes that have traits."""


class ReturnPath(LoggingConfigurable, metaclass=ReturnPathMeta):
    """Arrange for the instance to be started again after a stop. ``RestartRunner.return_path_class`` selects the class."""

    kind: str
    migrates = False
    """Whether the return path can move a stopped instance to another platform."""
    keeps_trying = timedelta(0)
    """How long after its expiry a request may still have an effect. A later start was made by somebody else."""
    permissions: tuple[Permission, ...] = ()
    """IAM permissions that the notebook instance needs for this return path, in addition to stopping the instance."""

    def __init__(self, instance: InstanceContext, **kwargs: Any) -> None:
        """Create the return path of an instance.

        Args:
            instance: the instance to start again, with its AWS clients and its clock.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self.sagemaker, self.aws, self.clock = instance.sagemaker, instance.aws, instance.system_clock

    @abstractmethod
    async def verify(self) -> Verification:
        """Check that the return path would start this instance; ``assumed`` if this instance has no permission to check."""

    @abstractmethod
    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> str | None:
        """Request the return before the stop, at a service outside the instance.

        Args:
            arn: ARN of the instance, exactly as AWS returns it.
            restart: id of the restart.
            until: expiry of the request; a stop after it is not followed by a start.
            platform: platform to move the instance to before it is started; only for return paths that migrate.

        Returns:
            AWS's request id, for the journal.

        Raises:
            AwsError: the return is not armed, so the instance must not stop.
        """

    async def ended(self, restart: str) -> str | None:  # noqa: ARG002  this default records nothing
        """Read the recorded outcome: ``returned`` or ``failed-to-return``; ``None`` if this return path does not record it.

        Args:
            restart: id of the restart.

        Raises:
            AwsError: the outcome cannot be read.
        """
        return None

    @abstractmethod
    async def disarm(self) -> None:
        """Withdraw the request; do nothing if there is none.

        Raises:
            AwsError: the request may stay armed until it expires.
        """
