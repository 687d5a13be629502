"""What the image brought: the entries of every environment as they were at the first look after a boot, kept on the volume.

What the lifecycle scripts had installed by then is the image's: the next start installs it again. What a script installs
*later* (with ``nohup``, because OnStart may take five minutes only) cannot be told from what a person installs. It counts as
added: it is told among the losses and it is on the list. After the restart it is offered until the script has come to it again;
from then on it is there. Whoever is faster, the script or "Put back", the other one finds it satisfied.

An environment that the baseline does not have (it was made later, or a kernel has begun to use it) is judged by dates: what has
changed since the baseline was taken was added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from ..clock import from_text, to_text

BASELINE_FORMAT = 1
SKEW = timedelta(minutes=1)
"""Linux works the boot time out anew at each reading, and it moves when the clock is set."""
MAX_BASELINE_BYTES = 5 * 2**20
"""Bytes of the file. Ten environments of 500 packages that pip and conda both know take 300 KB."""


class BootId(NamedTuple):
    """One boot of the machine: the kernel's name for it, and when it was, as far as they are known."""

    id: str | None
    at: datetime | None

    @property
    def is_known(self) -> bool:
        """Whether it can be told from others."""
        return self.id is not None or self.at is not None

    def is_same(self, other: BootId) -> bool:
        """Whether two are one. By the names where both have one: two boots of a fast machine may be a minute apart."""
        if self.id is not None and other.id is not None:
            return self.id == other.id
        return self.at is not None and other.at is not None and abs(self.at - other.at) < SKEW

    def to_json(self) -> dict[str, str | None]:
        """As files on the volume have it."""
        return {"id": self.id, "at": to_text(self.at)}

    @classmethod
    def from_json(cls, content: Any) -> BootId:
        """The other way round.

        Raises:
            ValueError, TypeError, KeyError: it is not of that form.
        """
        name, at = content["id"], content["at"]
        return cls(None if name is None else str(name), from_text(at))


@dataclass(frozen=True)
class Baseline:
    """All environments at one moment.

    Args:
        boot: after which.
        taken: when.
        environments: path to entries.
        is_kept: whether a later server of this boot will find it again.
    """

    boot: BootId
    taken: datetime
    environments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_kept: bool = True


def load_baseline(path: Path, boot: BootId) -> Baseline | None:
    """The one of this boot; ``None`` if there is none that can be read."""
    try:
        if path.stat().st_size > MAX_BASELINE_BYTES:
            return None
        content = json.loads(path.read_text("utf-8"))
        taken = from_text(content["taken"])
        if content["format"] != BASELINE_FORMAT or taken is None or not BootId.from_json(content["boot"]).is_same(boot):
            return None
        environments = {str(name): frozenset(map(str, entries)) for name, entries in content["environments"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Baseline(boot, taken, environments)


def save_baseline(path: Path, baseline: Baseline) -> bool:
    """Write it, whole or not at all; whether that worked. One of a boot that nobody can name again is not worth it."""
    if not baseline.boot.is_known:
        return False
    environments = {name: sorted(entries) for name, entries in baseline.environments.items()}
    content = {
        "format": BASELINE_FORMAT,
        "boot": baseline.boot.to_json(),
        "taken": to_text(baseline.taken),
        "environments": environments,
    }
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
        fresh.replace(path)
    except OSError:
        return False
    return True
