"""Find the environments of this machine: conda's, and those of kernels. Environments on the volume are skipped."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from itertools import islice
from pathlib import Path
from typing import Any

from traitlets import Int, List, Unicode
from traitlets.config import LoggingConfigurable

from ..util.files import with_tilde

SYSTEM_ENVIRONMENT = "JupyterSystemEnv"
"""Jupyter's own environment on a notebook instance. AWS warns that installing packages there can break the instance
(aws-samples/amazon-sagemaker-notebook-instance-lifecycle-config-samples)."""


@dataclass(frozen=True)
class Environment:
    """An environment on this machine.

    Args:
        path: its folder.
        name: its display name.
    """

    path: Path
    name: str

    @property
    def python(self) -> Path:
        """Path of its interpreter, which does not exist in a folder with packages only (``~/.local``)."""
        return self.path / "bin" / "python"

    @property
    def is_system(self) -> bool:
        """Whether Jupyter itself runs from it. Nothing is ever installed there."""
        return self.path.name == SYSTEM_ENVIRONMENT or self.path == Path(sys.prefix).resolve()


class Environments(LoggingConfigurable):
    """Find environments, up to a maximum number."""

    folders = List(
        Unicode(),
        ["~/anaconda3", "~/anaconda3/envs/*", "~/.local"],
        help="Environments to scan, as shell patterns, in addition to those of the kernels and of Jupyter.",
    ).tag(config=True)
    max_environments = Int(50, help="Maximum number of environments to scan.").tag(config=True)

    def __init__(self, kernel_specs: Any, volume: Path, **kwargs: Any) -> None:
        """Create the finder.

        Args:
            kernel_specs: jupyter_server's manager of kernel specifications.
            volume: folder that survives a stop.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._kernel_specs, self._volume = kernel_specs, volume

    def list(self) -> list[Environment]:
        """Return all environments, each with a unique name."""
        paths = [Path(sys.prefix), *self._of_kernels()]
        paths += [Path(path) for pattern in self.folders for path in sorted(glob(str(Path(pattern).expanduser())))]  # noqa: PTH207
        volume = self._volume.resolve()
        real = dict.fromkeys(path.resolve() for path in paths)
        there = (path for path in real if path.is_dir() and not path.is_relative_to(volume) and str(path).isprintable())
        named: dict[str, Path] = {}
        for path in islice(there, self.max_environments):
            name = name_of(path)
            named[name if name not in named else with_tilde(path)] = path
        return [Environment(path, name) for name, path in named.items()]

    def _of_kernels(self) -> Iterator[Path]:
        """Yield the environments of kernels. Kernels behind a gateway are not on this machine."""
        specs = self._kernel_specs.get_all_specs()
        if inspect.iscoroutine(specs):
            specs.close()
            return
        for spec in specs.values():
            for word in spec["spec"].get("argv") or []:
                path = Path(word)
                if path.is_absolute() and path.parent.name == "bin":
                    yield path.parent.parent
                elif (
                    path.is_absolute() and (path / "conda-meta").is_dir()
                ):  # nb_conda_kernels passes the environment as an argument
                    yield path


def name_of(environment: Path) -> str:
    """Return conda's name of an environment (``base``, or that in ``envs``); its path for any other."""
    if environment.parent.name == "envs":
        return environment.name
    return "base" if environment.name in {"anaconda3", "miniconda3"} else with_tilde(environment)
