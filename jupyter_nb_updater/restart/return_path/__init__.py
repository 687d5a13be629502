"""Who starts the instance again: a stopped instance cannot."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from traitlets.config import LoggingConfigurable
from traitlets.traitlets import MetaHasTraits

from ...instance.aws import Aws
from ...instance.sagemaker import SageMaker
from ...permissions.statements import Permission

Proof = Literal["verified", "assumed", "missing"]


class ReturnPathMeta(ABCMeta, MetaHasTraits):
    """Both kinds of class at once: abstract, and with traits."""


class ReturnPath(LoggingConfigurable, metaclass=ReturnPathMeta):
    """What every return path can do; ``RestartRunner.return_path_class`` chooses one."""

    kind: str
    migrates = False
    """Whether it can move an instance to another platform while that is stopped."""
    keeps_trying = timedelta(0)
    """For how long after its expiry a request may still be acted on: a start after that is somebody else's."""
    permissions: tuple[Permission, ...] = ()
    """What the role of the notebook instance must be allowed for it, beside stopping the instance."""

    def __init__(self, sagemaker: SageMaker, aws: Aws, now: Callable[[], datetime], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sagemaker, self.aws, self.now = sagemaker, aws, now

    @abstractmethod
    async def verify(self) -> Proof:
        """Is it there? ``assumed`` when this instance is not allowed to look."""

    @abstractmethod
    async def arm(self, arn: str, restart: str, until: datetime, platform: str | None = None) -> str | None:
        """Ask for the return, outside the instance, before the stop.

        Args:
            arn: of the instance, as AWS itself gives it.
            restart: id of the restart.
            until: when the request expires; a stop after that is nobody's business.
            platform: to move the instance to before it is started; only asked of a path that migrates.

        Returns:
            AWS's id of the request, for the journal.

        Raises:
            AwsError: not armed, so nothing may stop.
        """

    async def ended(self, restart: str) -> str | None:  # noqa: ARG002  a path that says nothing of any
        """Its own word on how this return ended, ``returned`` or ``failed-to-return``; ``None`` when it says nothing.

        Raises:
            AwsError: it cannot be read.
        """
        return None

    @abstractmethod
    async def disarm(self) -> None:
        """Take the request back. Harmless when there is none.

        Raises:
            AwsError: it may still be armed, until it expires.
        """
