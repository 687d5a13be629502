"""JupyterLab's open tabs and settings: kept on the volume, because the home folder that holds them is wiped at each start."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from traitlets import Int
from traitlets.config import LoggingConfigurable

from .file_io import NotCopyable
from .mirror import FileMirror, FileSet, MirrorLimits
from .model import NotRestored, Restored

NO_DOCUMENTS = {"terminal", "console", "launcher"}
"""First parts of the names of widgets that may have a path and are no document."""


def workspace(_: str, data: bytes) -> bytes:
    """The content, if JupyterLab can load it.

    For one without ``metadata``, and for the list that one is in, it answers with an error (jupyterlab_server,
    ``workspaces_handler._load_with_file_times``).

    Raises:
        Unfit: it cannot.
    """
    content = _parsed(data)
    metadata = content.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("id"), str) or not isinstance(content.get("data"), dict):
        raise NotCopyable("broken")
    return data


def section(_: str, data: bytes) -> bytes:
    """The content of a file in ``labconfig`` or ``nbconfig``, if it is a JSON object.

    Raises:
        Unfit: it is none, and the page of JupyterLab would be an error.
    """
    _parsed(data)
    return data


def text(_: str, data: bytes) -> bytes:
    """The content of a file of settings, which is JSON with comments, or of a style sheet.

    Raises:
        Unfit: it is not even text.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotCopyable("broken") from error
    return data


def documents(data: bytes) -> set[str]:
    """Paths of the documents that are open in a workspace, such as that of ``notebook:a.ipynb``."""
    try:
        content = _parsed(data)["data"]
        waiting: list[Any] = [content["layout-restorer:data"]["main"]]
    except (NotCopyable, KeyError, TypeError):
        return set()
    found = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, (dict, list)):
            waiting += part.values() if isinstance(part, dict) else part
        elif isinstance(part, str) and part.partition(":")[0] not in NO_DOCUMENTS:
            path = _path(content.get(part))
            found |= {path} if path is not None else set()
    return found


def _path(entry: Any) -> str | None:
    arguments = entry.get("data") if isinstance(entry, dict) else None
    path = arguments.get("path") if isinstance(arguments, dict) else None
    return path if isinstance(path, str) else None


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotCopyable("broken") from error
    if not isinstance(content, dict):
        raise NotCopyable("broken")
    return content


LIKE = {
    "workspaces": ("workspaces", ("**/*.jupyterlab-workspace",), workspace),
    "user-settings": ("settings", ("**/*.jupyterlab-settings",), text),
    "labconfig": ("settings", ("**/*.json",), section),
    "nbconfig": ("settings", ("**/*.json",), section),
    "custom": ("settings", ("custom.css",), text),
}
"""Of each folder its kind, which files, and what is right in one. A style sheet is kept; a script in `custom` never is."""


class LayoutFiles(LoggingConfigurable):
    """Copies of JupyterLab's own small files, taken while it runs and laid back before the first page."""

    max_bytes = Int(1 << 20, help="A larger file than this, in bytes, is not a layout and is left out.").tag(config=True)
    max_files = Int(200, help="How many files are kept at most, of workspaces and of settings each.").tag(config=True)
    max_total_bytes = Int(8 << 20, help="How many bytes are kept at most, of workspaces and of settings each.").tag(config=True)

    def __init__(self, store: Path, folders: Callable[[], dict[str, Path]], **kwargs: Any) -> None:
        """Args: where on the volume to keep the files; which of Jupyter's folders they come from, by name in the store."""
        super().__init__(**kwargs)
        self._folders = folders
        self._shelf = FileMirror(store, lambda: MirrorLimits(self.max_bytes, self.max_files, self.max_total_bytes))

    def keep(self, withheld: Iterable[NotRestored] = ()) -> list[NotRestored]:
        """Bring the copies up to date. A layout that cannot be kept is no reason not to restart.

        Args:
            withheld: copies that could not be laid back, and stay.

        Returns:
            What is not kept, and why.
        """
        return [
            missing
            for drawer in self._drawers()
            for missing in self._shelf.keep(drawer, {left.detail for left in withheld if left.name == drawer.name})
        ]

    def lay_back(self) -> tuple[list[Restored], list[NotRestored]]:
        """Put what was kept where JupyterLab looks, never over a file that is there."""
        back, missing = [], []
        for drawer in self._drawers():
            contents, left = self._shelf.lay_back(drawer)
            missing += left
            if contents:
                open_now = {path for data in contents.values() for path in documents(data)}
                count = len(open_now if drawer.kind == "workspaces" else contents)
                back.append(Restored(drawer.kind, drawer.name, count=count))
        return back, missing

    def _drawers(self) -> list[FileSet]:
        like = ((name, folder, *LIKE[name]) for name, folder in self._folders().items() if name in LIKE)
        return [FileSet(kind, name, folder, patterns, fit) for name, folder, kind, patterns, fit in like]


def lab_folders(extension_apps: Mapping[str, Iterable[Any]], config_dir: Path) -> dict[str, Path]:
    """Where this server's JupyterLab or Notebook keeps its workspaces and settings; nothing without one of them.

    Both use the same folders (notebook, ``app.JupyterNotebookApp``, asks jupyterlab for them). Beside them are the sections of
    jupyterlab_server's and nbclassic's ConfigManager, and Notebook's style sheet (``CustomCssHandler``).

    Args:
        extension_apps: what jupyter_server's extension manager has loaded, by name.
        config_dir: Jupyter's own, mostly ``~/.jupyter``.
    """
    for app in (app for name in ("jupyterlab", "notebook") for app in extension_apps.get(name, ())):
        beside = {name: config_dir / name for name in ("labconfig", "nbconfig", "custom")}
        return {"workspaces": Path(app.workspaces_dir), "user-settings": Path(app.user_settings_dir), **beside}
    return {}
