"""Emits each transition of a restart to Jupyter's event log, for an administrator who collects it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_events import EventLogger

    from ..restart.machine import Restart

SCHEMA = Path(__file__).parents[1] / "event_schemas" / "restart.yaml"
SCHEMA_ID = "urn:jupyter-nb-updater:restart:v1"


class RestartEvents:
    """Emits one event for each transition.

    Args:
        logger: event logger of the server; ``None`` where it has none.
        log: where a failure is logged.
    """

    def __init__(self, logger: EventLogger | None, log: logging.Logger) -> None:
        self._logger, self._log = logger, log
        if logger is not None:
            logger.register_event_schema(SCHEMA)

    def emit(self, event: str, restart: Restart, outcome: dict[str, Any] | None) -> None:
        """Emit a transition. That a restart still waits is no event.

        Args:
            event: name of the transition.
            restart: the restart after it.
            outcome: outcome of a restart that has returned.
        """
        if self._logger is None or restart.id is None or event == "waits":
            return
        word = outcome["outcome"] if outcome else None
        data = {"restart": restart.id, "event": event, "phase": restart.phase, "outcome": word}
        try:
            self._logger.emit(schema_id=SCHEMA_ID, data=data)
        except Exception:  # noqa: BLE001  somebody listens to it, or nobody does: no restart depends on it
            self._log.exception("%r could not be emitted to Jupyter's event log", event)
