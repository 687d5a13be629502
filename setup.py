"""Setuptools entry point.

Metadata is in ``pyproject.toml``. This file installs the prebuilt frontend under ``share/jupyter/labextensions`` and the
server's configuration file under ``etc/jupyter``, and refuses to build without the frontend.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
FRONTEND = Path("jupyter_nb_updater/labextension")
TARGET = Path("share/jupyter/labextensions/jupyter-nb-updater")
DROP_IN = Path("jupyter-config/jupyter_server_config.d/jupyter_nb_updater.json")


def data_files() -> list[tuple[str, list[str]]]:
    """Return the built files by their target folder, relative to the environment."""
    places: dict[str, list[str]] = {str(TARGET): ["install.json"], "etc/jupyter/jupyter_server_config.d": [str(DROP_IN)]}
    for path in sorted((HERE / FRONTEND).rglob("*")):
        if path.is_file() and path.suffix not in {".map", ".orig"}:
            inside = path.relative_to(HERE / FRONTEND)
            places.setdefault(str(TARGET / inside.parent), []).append(str(FRONTEND / inside))
    return sorted(places.items())


if "bdist_wheel" in sys.argv and not (HERE / FRONTEND / "package.json").is_file():
    sys.exit(f"{FRONTEND} is not built. Run `make build`, or `npm ci && npm run build` in labextension/, first.")

setup(data_files=data_files())
