"""What is installed: compared before and after a restart, so that "Restarted" can say what changed."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

from traitlets import List, Unicode
from traitlets.config import LoggingConfigurable


class Software(LoggingConfigurable):
    """The versions that an update of the image is seen by."""

    release_path = Unicode("/etc/system-release", help="File whose first line names the release of Amazon Linux.").tag(
        config=True
    )
    packages = List(
        Unicode(),
        ["jupyterlab", "notebook", "jupyter_server", "boto3", "sagemaker"],
        help="Python packages of Jupyter's environment whose versions are reported.",
    ).tag(config=True)

    def read(self) -> dict[str, str]:
        """Component to version: ``kernel``, ``os_release``, ``python``, and each package that is installed."""
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
    """The first line without its filling: ``Amazon Linux release 2023.9.20251110 (Amazon Linux)`` repeats itself."""
    return text.partition("\n")[0].partition("(")[0].replace(" release ", " ").strip()


def changes(before: dict[str, str], after: dict[str, str]) -> list[dict[str, str | None]]:
    """What differs, as ``{"name", "before", "after"}``; ``None`` where it was or is not there."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"name": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]
