"""JupyterLab's open tabs and settings: kept on the volume, because the home folder that holds them is wiped at each start."""

from __future__ import annotations

import shutil
from pathlib import Path

from traitlets import Int
from traitlets.config import LoggingConfigurable


class Layout(LoggingConfigurable):
    """Copies of JupyterLab's own small files, taken before the stop and laid back before the first page."""

    max_bytes = Int(1 << 20, help="A larger file than this, in bytes, is not a layout and is left out.").tag(config=True)
    max_files = Int(200, help="How many files are kept at most, of workspaces and of settings each.").tag(config=True)

    def keep(self, folders: dict[str, Path], store: Path) -> int:
        """Copy each folder's files to the volume; what was kept before is replaced.

        Args:
            folders: name in the store to folder of JupyterLab.
            store: where to keep them.

        Returns:
            The number of files kept.

        Raises:
            OSError: the volume cannot take them.
        """
        kept = 0
        for name, folder in folders.items():
            fresh = store / f"{name}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            kept += self._copy(folder, fresh)
            shutil.rmtree(store / name, ignore_errors=True)
            fresh.rename(store / name)
        return kept

    def lay_back(self, folders: dict[str, Path], store: Path) -> int:
        """Copy what was kept to where JupyterLab looks, never over a file that is there.

        Returns:
            The number of files laid back.
        """
        return sum(self._copy(store / name, folder) for name, folder in folders.items())

    def _copy(self, source: Path, target: Path) -> int:
        copied = 0
        for path in sorted(source.rglob("*"))[: self.max_files] if source.is_dir() else []:
            there = target / path.relative_to(source)
            if path.is_symlink() or not path.is_file() or path.stat().st_size > self.max_bytes or there.exists():
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
            copied += 1
        return copied
