"""What is in JupyterLab's layout files, read leniently: they are another program's. Pure."""

from __future__ import annotations

import json
from typing import Any

from .copying import NotCopyable

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
