"""Builds what judges whether a restart is due: for the server, for ``status`` and for ``doctor`` alike."""

from __future__ import annotations

from dataclasses import dataclass

from traitlets.config import LoggingConfigurable

from ..advice.adviser import Adviser
from ..advice.hold import Holds
from ..instance.context import InstanceContext
from ..org_policy.manager import PolicyManager
from ..signals.base import SourceContext
from ..signals.poller import SourcePoller
from ..signals.registry import SourceRegistry


@dataclass(frozen=True)
class AdviceParts:
    """The parts that judge one instance.

    Args:
        adviser: gives advice, and remembers what was shown.
        holds: the hold in force.
        policies: the policy of the organization.
        poller: polls the signal sources.
    """

    adviser: Adviser
    holds: Holds
    policies: PolicyManager
    poller: SourcePoller


def build_advice(
    context: InstanceContext, parent: LoggingConfigurable, *, writes: bool = True, max_source_seconds: float | None = None
) -> AdviceParts:
    """Build the parts, configured as their parent is.

    Args:
        context: the instance that is judged.
        parent: the application whose configuration they get.
        writes: whether anything is written to the volume and for the fleet; the command line only reads.
        max_source_seconds: longest that a source may take, where somebody waits for the answer; ``None`` as configured.
    """
    adviser = Adviser(arn=context.identity.arn, parent=parent)
    policies = PolicyManager(context.journal, context.identity.region, writes=writes, parent=parent)
    sources = SourceRegistry(parent=parent).build(SourceContext(context, adviser, policies, publish=writes))
    for source in sources:
        source.timeout_seconds = min(source.timeout_seconds, max_source_seconds or source.timeout_seconds)
    return AdviceParts(adviser, Holds(parent=parent), policies, SourcePoller(sources, parent=parent))
