"""Keep Amazon SageMaker notebook instances current without anyone losing work.

The way of the data is the order of the rooms: ``instance`` says what it is, ``advice`` whether a restart is due, ``work``
what there is to save and to lose, ``restart`` saves, arms, stops and verifies, and ``journal`` keeps the evidence.
"""

from __future__ import annotations

from typing import Any

from ._version import __version__

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-nb-updater"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here: whatever breaks below this line, importing the package stays possible and Jupyter starts without us.
    from .app import NbUpdaterApp

    return [{"module": "jupyter_nb_updater.app", "app": NbUpdaterApp}]
