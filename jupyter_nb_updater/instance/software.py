"""Installed software, compared before and after a restart to show what changed."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

from traitlets import List, Unicode
from traitlets.config import LoggingConfigurable


class Software(LoggingConfigurable):
    """Read the versions that change with an update of the image."""

    release_path = Unicode("/etc/system-release", help="File whose first line names the release of Amazon Linux.").tag(
        config=True
    )
    packages = List(
        Unicode(),
        ["jupyterlab", "notebook", "jupyter_server", "boto3", "sagemaker"],
        help="Python packages of Jupyter's environment whose versions are reported.",
    ).tag(config=True)

    def read(self) -> dict[str, str]:
        """Return versions by component: ``kernel``, ``os_release``, ``python``, and each installed package."""
        found = {"kernel": platform.release(), "os_release": self._release(), "python": platform.python_version()}
        found.update((name, self._package(name)) for name in self.packages)
        return {name: version for name, version in found.items() if version}

    def _release(self) -> str:
        try:
            return release(Path(self.release_path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return ""

    @staticmethod
    def _package(name: str) -> str:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return ""


def release(text: str) -> str:
    """Return the first line without redundant words: ``Amazon Linux release 2023.9.20251110 (Amazon Linux)``."""
    return text.partition("\n")[0].partition("(")[0].replace(" release ", " ").strip()


def changes(before: dict[str, str], after: dict[str, str]) -> list[dict[str, str | None]]:
    """Return the differences as ``{"name", "before", "after"}``; ``None`` if a component is missing before or after."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"name": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]
