"""Compare two serializations of a document, by the same rules as ``labextension/src/saving/compare.ts``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

JSON_TYPE = re.compile(r"[/+]json$")


def is_same(left: Any, right: Any) -> bool:
    """Check whether two serializations contain the same work.

    Args:
        left: one serialization: text, or a notebook as dictionaries and lists.
        right: the other one.

    Raises:
        TypeError: one of them is not JSON.
    """
    # Cell ids exist from nbformat 4.5 on.
    ids = _has_cell_ids(left) and _has_cell_ids(right)
    return canonical(left, ids=ids) == canonical(right, ids=ids)


def canonical(content: Any, *, ids: bool) -> str:
    """Return the canonical text of a serialization.

    Args:
        content: text, or a notebook as dictionaries and lists.
        ids: whether cell ids count.
    """
    if isinstance(content, str):
        return re.sub(r"\r\n?", "\n", content)
    if _is_notebook(content):
        content = {
            # The minor version is left out: the server raises it when a notebook needs it.
            "nbformat": content.get("nbformat"),
            "metadata": _without(content.get("metadata"), "orig_nbformat", "signature"),
            "cells": [_cell(cell, ids=ids) for cell in content["cells"]],
        }
    return json.dumps(_javascript_numbers(content), sort_keys=True)


def _cell(cell: Any, *, ids: bool) -> Any:
    if not isinstance(cell, dict):
        return cell
    same = cell if ids else _without(cell, "id")
    # `trusted` is added by the server when it reads a notebook whose outputs it trusts.
    same = same | {"source": _joined(cell.get("source")), "metadata": _without(cell.get("metadata"), "trusted")}
    if isinstance(outputs := cell.get("outputs"), list):
        same["outputs"] = [_output(output) for output in outputs]
    if isinstance(attachments := cell.get("attachments"), dict):
        same["attachments"] = {name: _bundle(bundle) for name, bundle in attachments.items()}
    return same


def _output(output: Any) -> Any:
    if not isinstance(output, dict):
        return output
    changes: dict[str, Callable[[Any], Any]] = {"text": _joined, "data": _bundle}
    return {key: changes[key](value) if key in changes else value for key, value in output.items()}


def _bundle(bundle: Any) -> Any:
    """Return a MIME bundle with its multi-line strings joined; a list under a JSON type is data, not lines."""
    if not isinstance(bundle, dict):
        return bundle
    return {mime: value if JSON_TYPE.search(mime) else _joined(value) for mime, value in bundle.items()}


def _joined(value: Any) -> Any:
    return "".join(value) if isinstance(value, list) and all(isinstance(line, str) for line in value) else value


def _javascript_numbers(value: Any) -> Any:
    """Return a value with numbers as JavaScript writes them: 1 for 1.0. A shared document has passed through JavaScript."""
    if isinstance(value, dict):
        return {key: _javascript_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_javascript_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without(value: Any, *keys: str) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in keys} if isinstance(value, dict) else {}


def _is_notebook(content: Any) -> bool:
    return isinstance(content, dict) and isinstance(content.get("cells"), list)


def _has_cell_ids(content: Any) -> bool:
    if not _is_notebook(content):
        return False
    version = content.get("nbformat"), content.get("nbformat_minor")
    return all(isinstance(number, int | float) for number in version) and version >= (4, 5)
