"""JupyterLab's open tabs and settings, saved to the volume because a start deletes the home folder that contains them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Int
from traitlets.config import LoggingConfigurable

from .file_io import NotCopyable
from .mirror import FileMirror, FileSet
from .model import NotRestored, Restored

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

NO_DOCUMENT_WIDGETS = {"terminal", "console", "launcher"}
"""Prefixes of widget names that may have a path but are not documents."""


def check_workspace(_: str, data: bytes) -> bytes:
    """Return the content if JupyterLab can load it as a workspace.

    A workspace without ``metadata`` causes an error, also for the list of workspaces (jupyterlab_server,
    ``workspaces_handler._load_with_file_times``).

    Raises:
        NotCopyable: JupyterLab cannot load it.
    """
    content = _parsed(data)
    metadata = content.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("id"), str) or not isinstance(content.get("data"), dict):
        raise NotCopyable("broken")
    return data


def check_json_object(_: str, data: bytes) -> bytes:
    """Return the content of a file in ``labconfig`` or ``nbconfig`` if it is a JSON object.

    Raises:
        NotCopyable: it is not, and would break the page of JupyterLab.
    """
    _parsed(data)
    return data


def check_text(_: str, data: bytes) -> bytes:
    """Return the content of a settings file, which is JSON with comments, or of a style sheet.

    Raises:
        NotCopyable: the content is not text.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotCopyable("broken") from error
    return data


def open_documents(data: bytes) -> set[str]:
    """Return the paths of the documents that are open in a workspace, such as that of ``notebook:a.ipynb``."""
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
        elif isinstance(part, str) and part.partition(":")[0] not in NO_DOCUMENT_WIDGETS:
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


FOLDER_KINDS = {
    "workspaces": ("workspaces", ("**/*.jupyterlab-workspace",), check_workspace),
    "user-settings": ("settings", ("**/*.jupyterlab-settings",), check_text),
    "labconfig": ("settings", ("**/*.json",), check_json_object),
    "nbconfig": ("settings", ("**/*.json",), check_json_object),
    "custom": ("settings", ("custom.css",), check_text),
}
"""Kind, globs and check of the files in each folder. A style sheet in `custom` is saved; a script never is."""


class LayoutFiles(LoggingConfigurable):
    """Save JupyterLab's own small files while it runs, and restore them before the first page loads."""

    max_bytes = Int(1 << 20, help="Maximum size of one file, in bytes. Larger files are not saved.").tag(config=True)
    max_files = Int(200, help="Maximum number of workspace files, and of settings files.").tag(config=True)
    max_total_bytes = Int(8 << 20, help="Maximum total size of workspace files, and of settings files, in bytes.").tag(
        config=True
    )

    def __init__(self, store: Path, server: ServerApp, **kwargs: Any) -> None:
        """Create the manager of layout files.

        Args:
            store: folder on the volume for the copies.
            server: the Jupyter server that runs JupyterLab or Notebook.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._server, self._mirror = server, FileMirror(store, self)

    def save(self, retained: Iterable[NotRestored] = ()) -> list[NotRestored]:
        """Update the copies.

        Args:
            retained: entries whose copies could not be restored, and are kept.

        Returns:
            What was not saved, and why.
        """
        return [
            entry
            for files in self._file_sets()
            for entry in self._mirror.save(files, {kept.detail for kept in retained if kept.name == files.name})
        ]

    def restore(self) -> tuple[list[Restored], list[NotRestored]]:
        """Write saved files to JupyterLab's folders, never over an existing file.

        Returns:
            What was restored; and what was not, and why.
        """
        restored: list[Restored] = []
        failed: list[NotRestored] = []
        for files in self._file_sets():
            contents, problems = self._mirror.restore(files)
            failed += problems
            if contents:
                documents = {path for data in contents.values() for path in open_documents(data)}
                count = len(documents if files.kind == "workspaces" else contents)
                restored.append(Restored(files.kind, files.name, count=count))
        return restored, failed

    def _file_sets(self) -> list[FileSet]:
        folders = lab_folders(self._server.extension_manager.extension_apps, Path(self._server.config_dir))
        known = ((name, folder, *FOLDER_KINDS[name]) for name, folder in folders.items() if name in FOLDER_KINDS)
        return [FileSet(kind, name, folder, patterns, check) for name, folder, kind, patterns, check in known]


def lab_folders(extension_apps: Mapping[str, Iterable[Any]], config_dir: Path) -> dict[str, Path]:
    """Return the folders of this server's JupyterLab or Notebook by name; empty if it runs neither.

    Both use the same folders (notebook, ``app.JupyterNotebookApp``, asks jupyterlab for them). In addition there are the
    sections
    of jupyterlab_server's and nbclassic's ConfigManager, and Notebook's style sheet (``CustomCssHandler``).

    Args:
        extension_apps: loaded extensions of jupyter_server by name.
        config_dir: Jupyter's configuration folder, usually ``~/.jupyter``.
    """
    for app in (app for name in ("jupyterlab", "notebook") for app in extension_apps.get(name, ())):
        config_folders = {name: config_dir / name for name in ("labconfig", "nbconfig", "custom")}
        return {"workspaces": Path(app.workspaces_dir), "user-settings": Path(app.user_settings_dir), **config_folders}
    return {}
