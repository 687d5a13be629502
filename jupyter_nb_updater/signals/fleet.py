"""Signal ``fleet``: versions on instances of the same platform that started later, which serve as an update feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from traitlets import Unicode

from ..advice.signal import Signal
from ..instance.aws import AwsError
from ..instance.s3 import OBSERVED, S3Objects, S3Prefix
from ..util.clock import to_text
from .base import AdviceSource, SourceContext
from .fleet_report import MAX_BYTES, FleetReport, is_newer, is_plausible, parse

LINK = "https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-software-updates.html"
MAX_WRITE_ATTEMPTS = 3  # in case other instances write at the same time


def fleet(
    seen: FleetReport, *, name: str, software: Mapping[str, str], booted: datetime, location: str, now: datetime
) -> Signal:
    """Return the fleet signal.

    A restart is recommended only for a version that is newer than ours, on an instance that booted after ours: an older version
    would have been installed by our own start. So after a restart nothing is raised again, unless another instance booted later
    still; and not for the same versions, if the restart did not install them.

    Args:
        seen: the shared report.
        name: name of this instance.
        software: versions on this instance, by component.
        booted: time of the last boot of this instance.
        location: URL of the shared object.
        now: the current time.
    """
    if not seen.others(name, now):
        return Signal("fleet", "unknown", "fleet-alone", now, {"location": location}, LINK)
    newer = {
        component: found
        for component, found in seen.software.items()
        if found.booted > booted
        and is_plausible(component, ours := software.get(component, ""))
        and is_newer(component, found.version, ours)
    }
    changes = [
        {"name": component, "before": software[component], "after": newer[component].version}
        for component in software
        if component in newer
    ]
    since = min((found.since for found in newer.values()), default=None)
    evidence = {"changes": changes, "since": to_text(since), "location": location}
    if not newer:
        return Signal("fleet", "current", "fleet-newest", now, evidence, LINK)
    versions = "\n".join(f"{component} {found.version}" for component, found in sorted(newer.items()))
    return Signal(
        "fleet", "due", "fleet-newer", now, evidence, LINK, subject=hashlib.sha256(versions.encode()).hexdigest()[:12]
    )


class FleetSource(AdviceSource):
    """Read the shared object of this platform when it has changed, and add the versions on this instance.

    They are added after a boot, later if something is new, and once a day by two instances, for the date. Of two concurrent
    writes S3 accepts one, and the other instance reads again; neither is lost, and nobody waits.
    """

    name = "fleet"

    location = Unicode(
        OBSERVED,
        help="S3 location where instances share which versions they run: `s3://bucket/prefix`; `{region}` and `{account}` are "
        "replaced. Empty: nothing is shared.",
    ).tag(config=True)

    def __init__(self, context: SourceContext, **kwargs: Any) -> None:
        """Create the source. It is disabled without a location.

        Args:
            context: what the source can use; ``publish`` says whether this instance shares its versions.
            kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(context, **kwargs)
        self._publish = context.publish
        self._platform: str | None = None
        self._etag: str | None = None
        self._seen: FleetReport | None = None
        self.enabled = self.enabled and bool(self.location)

    async def poll(self, now: datetime) -> Signal:
        """Return what other instances reported, after adding the versions on this one."""
        instance = self.context.instance
        location, booted = S3Prefix.parse(self.location, instance.identity), instance.advice_booted()
        if booted is None:
            raise ValueError("the boot time of this instance is unknown")
        software, platform = dict(instance.state["software"] or {}), await self._find_platform()
        objects = S3Objects(instance.aws, location)
        seen = await self._exchange(objects, platform, software, booted, now)
        return fleet(
            seen, name=instance.identity.name, software=software, booted=booted, location=f"{location}{platform}.json", now=now
        )

    async def _find_platform(self) -> str:
        """Return the platform. It stays the same until the next boot, so AWS is queried once."""
        if self._platform is None:
            platform = (await self.context.instance.descriptions.cached()).platform
            if not platform or not re.fullmatch(r"[A-Za-z0-9-]{1,64}", platform):
                raise ValueError("AWS did not return the platform of this instance")
            self._platform = platform
        return self._platform

    async def _exchange(
        self, objects: S3Objects, platform: str, software: Mapping[str, str], booted: datetime, now: datetime
    ) -> FleetReport:
        """Read the shared report, add this instance, and write the report if that changed it."""
        for _ in range(MAX_WRITE_ATTEMPTS):
            hidden = await self._read(objects, platform)
            seen = self._seen or FleetReport()
            merged = seen.merged_with(self.context.instance.identity.name, software, booted, now)
            if merged == self._seen or not self._publish:
                break
            try:
                self._etag = await objects.write(f"{platform}.json", merged.to_bytes(platform, now), self._etag)
            except AwsError as error:
                if hidden is not None:  # it exists and may not be read, or may be neither read nor written
                    raise hidden from error
                if error.code == "conflict":
                    continue
                if self._seen is None:
                    raise
                self._publish = error.code != "access-denied"  # every attempt would be denied
                self.log.info("Could not share the versions on this instance with other instances: %s", error)
            else:
                self._seen = merged
            break
        return self._seen or FleetReport()

    async def _read(self, objects: S3Objects, platform: str) -> AwsError | None:
        """Read the shared object.

        Return an error if it is unknown whether the object exists, which requires permission to list.
        """
        try:
            stored = await objects.read(f"{platform}.json", MAX_BYTES, self._etag)
        except AwsError as error:
            if error.code == "not-modified":
                return None
            if error.code not in {"not-found", "access-denied"}:
                raise
            self._etag = self._seen = None
            if error.code == "access-denied" and not self._publish:
                raise
            return error if error.code == "access-denied" else None
        self._etag, self._seen = stored.etag, parse(stored.content, stored.modified)
        return None
