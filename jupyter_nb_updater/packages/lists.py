"""The lists on the volume: one plain file of requirements for each environment."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from traitlets.config import LoggingConfigurable

from .requirements import ListedPackage, from_text, to_text

MAX_LIST_BYTES = 1 << 20
"""Bytes of a list."""
MAX_PACKAGES = 200
"""Files that are looked at."""
OWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class PackageLists(LoggingConfigurable):
    """Reads them once after a start, and writes them whenever they are others. Never over one that could not be read."""

    def __init__(self, folder: Path, **kwargs: object) -> None:
        """Args: where they are."""
        super().__init__(**kwargs)
        self._folder = folder
        self._written: dict[Path, str] = {}
        self._spared: set[Path] = set()

    def read(self) -> dict[str, ListedPackage]:
        """Each list by the path of its environment."""
        found: dict[str, ListedPackage] = {}
        for path in sorted(self._folder.glob("*.txt"))[:MAX_PACKAGES]:
            try:
                text = path.read_text("utf-8") if path.stat().st_size <= MAX_LIST_BYTES else ""
            except (OSError, ValueError) as error:
                self.log.warning("The list of packages %s cannot be read: %s", path, error)
                self._spared.add(path)
                continue
            listed = from_text(text)
            if listed is None:
                self._spared.add(path)
            else:
                found[listed.environment], self._written[path] = listed, text
        return found

    def write(self, name: str, listed: ListedPackage) -> None:
        """Bring one up to date, whole or not at all. An empty one is taken away.

        Args:
            name: what the environment is called.
            listed: what is to be on it.
        """
        path = self._folder / file_of(name)
        text = to_text(listed, path.name) if listed.packages or listed.withdrawn else ""
        if path in self._spared or self._written.get(path, "") == text:
            return
        try:
            self._put(path, text)
        except OSError as error:  # a full volume: the next look tries again
            self.log.warning("The list of added packages %s could not be written: %s", path, error)
        else:
            self._written[path] = text

    @staticmethod
    def _put(path: Path, text: str) -> None:
        if not text:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            fresh.chmod(0o600)  # a URL in it may be nobody else's business
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def file_of(name: str) -> str:
    """The name of the file: that of the environment, where it can be one."""
    if OWN_NAME.fullmatch(name):
        return f"{name}.txt"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "environment"
    return f"{plain[-60:].lstrip('-.')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.txt"
