"""Return paths: who starts the instance again, as a stopped instance cannot start itself."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from datetime import datetime, timedelta
from typing import Any, Literal

from traitlets.config import LoggingConfigurable
from traitlets.traitlets import MetaHasTraits

from ...instance.context import InstanceContext
from ...permissions.statements import Permission

Proof = Literal["verified", "assumed", "missing"]
"""How sure it is that the return path exists."""


class ReturnPathMeta(ABCMeta, MetaHasTraits):
    """Metaclass of an abstract class that has traits."""


class ReturnPath(LoggingConfigurable, metaclass=ReturnPathMeta):
    """Starts the instance again after a stop; ``RestartRunner.return_path_class`` chooses which one does."""

    kind: str
    migrates = False
    """Whether it can move an instance to another platform while that is stopped."""
    keeps_trying = timedelta(0)
    """How long after its expiry a request may still be acted on. After that, somebody else has started the instance."""
    permissions: tuple[Permission, ...] = ()
    """The permissions of the role of the notebook instance for this return path, beside stopping the instance."""

    def __init__(self, instance: InstanceContext, **kwargs: Any) -> None:
        """Create the return path of an instance.

        Args:
            instance: the instance to start again; its AWS clients and its clock.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self.sagemaker, self.aws, self.clock = instance.sagemaker, instance.aws, instance.system_clock

    @abstractmethod
    async def verify(self) -> Proof:
        """Check that the return path exists; ``assumed`` when this instance is not allowed to look."""

    @abstractmethod
    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> str | None:
        """Request the return, outside the instance, before the stop.

        Args:
            arn: of the instance, as AWS itself gives it.
            restart: id of the restart.
            until: when the request expires; no stop after that is answered.
            platform: to move the instance to before it is started; only passed to a path that migrates.

        Returns:
            AWS's id of the request, for the journal.

        Raises:
            AwsError: not armed, so nothing may stop.
        """

    async def ended(self, restart: str) -> str | None:  # noqa: ARG002  a path that says nothing of any
        """Read how this return ended: ``returned`` or ``failed-to-return``; ``None`` when the return path does not record it.

        Args:
            restart: id of the restart.

        Raises:
            AwsError: it cannot be read.
        """
        return None

    @abstractmethod
    async def disarm(self) -> None:
        """Take the request back; do nothing when there is none.

        Raises:
            AwsError: it may still be armed, until it expires.
        """
