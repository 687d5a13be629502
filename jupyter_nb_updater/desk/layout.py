"""JupyterLab's open tabs and settings: kept on the volume, because the home folder that holds them is wiped at each start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from traitlets import Int
from traitlets.config import LoggingConfigurable


class Layout(LoggingConfigurable):
    """Copies of JupyterLab's own small files, taken before the stop and laid back before the first page."""

    max_bytes = Int(1 << 20, help="A larger file than this, in bytes, is not a layout and is left out.").tag(config=True)
    max_files = Int(200, help="How many files are kept at most, of workspaces and of settings each.").tag(config=True)

    def __init__(self, store: Path, folders: Callable[[], dict[str, Path]], **kwargs: Any) -> None:
        """Args: where on the volume to keep the files; which of JupyterLab's folders they come from, by name in the store."""
        super().__init__(**kwargs)
        self._store, self._folders = store, folders

    def keep(self) -> None:
        """Copy to the volume; what was kept before is replaced. A layout that cannot be kept is no reason not to restart."""
        for name, folder in self._folders().items():
            fresh = self._store / f"{name}.new"
            try:
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir(parents=True)
                self._copy(folder, fresh)
                shutil.rmtree(self._store / name, ignore_errors=True)
                fresh.rename(self._store / name)
            except OSError as error:
                self.log.warning("JupyterLab's %s could not be kept: %s", name, error)

    def lay_back(self) -> None:
        """Copy what was kept to where JupyterLab looks, never over a file that is there."""
        for name, folder in self._folders().items():
            try:
                self._copy(self._store / name, folder)
            except OSError as error:
                self.log.warning("JupyterLab's %s could not be laid back: %s", name, error)

    def _copy(self, source: Path, target: Path) -> None:
        for path in sorted(source.rglob("*"))[: self.max_files] if source.is_dir() else []:
            there = target / path.relative_to(source)
            if path.is_symlink() or not path.is_file() or path.stat().st_size > self.max_bytes or there.exists():
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)


def lab_folders(extension_apps: Mapping[str, Iterable[Any]]) -> dict[str, Path]:
    """Where the JupyterLab of this server keeps its workspaces and settings; nothing without a JupyterLab.

    Args:
        extension_apps: what jupyter_server's extension manager has loaded, by name.
    """
    for lab in extension_apps.get("jupyterlab", ()):
        return {"workspaces": Path(lab.workspaces_dir), "user-settings": Path(lab.user_settings_dir)}
    return {}
