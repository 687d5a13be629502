"""What Jupyter's own event log is told of restarts, for an administrator who collects it."""

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
    """Each transition, as one event.

    Args:
        logger: of the server; ``None`` where it has none.
        log: for what goes wrong.
    """

    def __init__(self, logger: EventLogger | None, log: logging.Logger) -> None:
        self._logger, self._log = logger, log
        if logger is not None:
            logger.register_event_schema(SCHEMA)

    def tell(self, event: str, restart: Restart, outcome: dict[str, Any] | None) -> None:
        """That something has happened; that one still waits is no event.

        Args:
            event: its name.
            restart: after it.
            outcome: of a restart that is back.
        """
        if self._logger is None or restart.id is None or event == "waits":
            return
        word = outcome["outcome"] if outcome else None
        data = {"restart": restart.id, "event": event, "phase": restart.phase, "outcome": word}
        try:
            self._logger.emit(schema_id=SCHEMA_ID, data=data)
        except Exception:  # noqa: BLE001  somebody listens to it, or nobody does: no restart depends on it
            self._log.exception("%r could not be told to Jupyter's event log", event)
