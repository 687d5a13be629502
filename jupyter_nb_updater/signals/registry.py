"""Creates every signal source of this instance: ours, and those that are configured."""

from __future__ import annotations

from traitlets import List, Type
from traitlets.config import LoggingConfigurable

from .age import AgeSource
from .base import AdviceSource, SourceContext
from .fleet import FleetSource
from .health import HealthSource
from .maintenance import MaintenanceSource
from .org_advisories import OrgAdvisoriesSource
from .os_release import OsReleaseSource
from .platform import PlatformSource

SOURCES: tuple[type[AdviceSource], ...] = (
    AgeSource,
    MaintenanceSource,
    PlatformSource,
    OsReleaseSource,
    FleetSource,
    HealthSource,
    OrgAdvisoriesSource,
)
"""The sources that ship with us, in the order in which "Why?" lists them."""


class SourceRegistry(LoggingConfigurable):
    """Knows the classes of all sources."""

    extra_source_classes = List(
        Type(klass=AdviceSource),
        help="Further signal sources: subclasses of `jupyter_nb_updater.signals.base.AdviceSource`, by their dotted names. "
        "One with the `name` of ours takes its place.",
    ).tag(config=True)

    def build(self, context: SourceContext) -> list[AdviceSource]:
        """Create one source of each class, configured as the parent of this registry is.

        Args:
            context: what the sources may judge by.
        """
        classes: dict[str, type[AdviceSource]] = {source.name: source for source in (*SOURCES, *self.extra_source_classes)}
        return [source(context, parent=self.parent) for source in classes.values()]
