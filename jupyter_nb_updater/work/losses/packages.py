"""Packages that were added since the boot: by the dates of their metadata, without running pip, conda or any Python."""

from __future__ import annotations

import inspect
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from glob import glob
from pathlib import Path
from typing import Any

from traitlets import Float, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from .loss import Loss, loss
from .walk import as_written

METADATA = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py3\.\d+)?\.(?:dist|egg)-info")
"""A folder in ``site-packages`` (PyPA, "Recording installed projects"), and its older form."""
CONDA = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-[^-]+\.json")
"""A file in ``conda-meta`` (conda, "Package metadata")."""
OURS = "jupyter-nb-updater"
LONGEST = 300


class Packages(LoggingConfigurable):
    """Looks into the environments of kernels and terminals, a bounded way."""

    folders = List(
        Unicode(),
        ["~/anaconda3", "~/anaconda3/envs/*", "~/.local"],
        help="Environments to look into (patterns, as for a shell), besides those of the kernels and of Jupyter itself.",
    ).tag(config=True)
    max_environments = Int(50, help="How many environments are looked into at most.").tag(config=True)
    max_seconds = Float(2.0, help="After so many seconds a look ends; environments that it did not come to are left out.").tag(
        config=True
    )

    def __init__(self, kernel_specs: Any, **kwargs: Any) -> None:
        """Args: jupyter_server's manager of kernel specifications."""
        super().__init__(**kwargs)
        self._kernel_specs = kernel_specs

    def losses(self, since: datetime, volume: Path) -> list[Loss]:
        """The environments that something was added to, and what.

        Args:
            since: what was added later is new.
            volume: what survives; environments on it are not lost.
        """
        until, found = time.monotonic() + self.max_seconds, []
        for environment in self._environments(volume.resolve()):
            if time.monotonic() > until:
                self.log.warning("Not all environments could be looked into within %.0f s", self.max_seconds)
                break
            if added := new(environment, since.timestamp()):
                text = ", ".join(f"{name} {version}" for name, version in sorted(added.items()))
                text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
                found.append(loss("packages", name_of(environment), name_of(environment), text, size=len(added)))
        return found

    def _environments(self, volume: Path) -> list[Path]:
        paths = [Path(sys.prefix), *self._of_kernels()]
        paths += [Path(path) for pattern in self.folders for path in sorted(glob(str(Path(pattern).expanduser())))]  # noqa: PTH207
        real = dict.fromkeys(path.resolve() for path in paths)
        return [path for path in real if path.is_dir() and not path.is_relative_to(volume)][: self.max_environments]

    def _of_kernels(self) -> Iterator[Path]:
        """What kernels start from. Those behind a gateway, whose answer has to be awaited, are not on this machine."""
        specs = self._kernel_specs.get_all_specs()
        if inspect.iscoroutine(specs):
            specs.close()
            return
        for spec in specs.values():
            for word in spec["spec"].get("argv") or []:
                path = Path(word)
                if path.is_absolute() and path.parent.name == "bin":
                    yield path.parent.parent
                elif path.is_absolute() and (path / "conda-meta").is_dir():  # nb_conda_kernels names the environment apart
                    yield path


def new(environment: Path, since: float) -> dict[str, str]:
    """What was added to an environment, name to version, but for ourselves.

    Args:
        environment: its folder.
        since: seconds since the epoch.
    """
    added: dict[str, str] = {}
    for pattern, names in (("conda-meta/*.json", CONDA), ("lib/python3*/site-packages/*-info", METADATA)):
        for path in environment.glob(pattern):
            match = names.fullmatch(path.name)
            if match and _changed(path) > since:
                added[match["name"].lower().replace("_", "-").replace(".", "-")] = match["version"]
    added.pop(OURS, None)
    return added


def name_of(environment: Path) -> str:
    """As conda names it, where it is conda's (``base``, and what is in ``envs``); else where it is."""
    if environment.parent.name == "envs":
        return environment.name
    return "base" if environment.name in {"anaconda3", "miniconda3"} else as_written(environment)


def _changed(path: Path) -> float:
    """The inode's own time as well: what unpacks a package may set back the other one."""
    try:
        status = path.stat()
    except OSError:
        return 0.0
    return max(status.st_mtime, status.st_ctime)
