"""Keep Amazon SageMaker notebook instances current without losing work.

The packages follow the flow of data: ``instance`` describes the machine, ``advice`` decides whether a restart is due,
``saving`` and ``losses`` know what there is to save and to lose, ``restart`` saves, arms, stops and verifies, and
``journal`` keeps the evidence.
"""

from __future__ import annotations

from typing import Any

from ._version import __version__

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-nb-updater"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here, so that the package can be imported and Jupyter starts even if the import fails.
    from .app import NbUpdaterApp

    return [{"module": "jupyter_nb_updater.app", "app": NbUpdaterApp}]
